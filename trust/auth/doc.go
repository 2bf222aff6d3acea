// Package auth finds out who is asking: people by e-mail and password, programs
// by API token.
//
// Means: a user is a person, known everywhere by one address; a membership is
// what the person may do at one merchant. A log-in starts a family of refresh
// tokens, each good for one use; access tokens are signed, short-lived and name
// their family, merchant and role. An API token belongs to one merchant, live
// or test, holds scopes, and has two live secrets while it rotates; a program may
// trade it for an access token that ends with the secret.
//
// A code is mailed, or shown once, and proves something once: an address, that a
// password may be set, or, in place of the app, the second factor.
//
// Owns the rows User, Membership, Session, OneTimeCode, ApiToken and
// PersistedOperation, the documents that a restricted credential may run; it makes a merchant's
// first rows at sign-up, and takes an affiliate's claim.
//
// Refuses: more than two password hashes at once, tokens with any header we did
// not write, a refresh token used twice, a token with scopes its maker lacks,
// a role that may do more than its giver, a second factor under an unproven address,
// publishable keys on foreign pages, tokens at addresses they do not list; guessing beyond its pace; a role for an
// address that nobody has proven; a merchant without an owner.
//
// Invariants: no secret is stored, only its hash; a revoked token, an ended
// family, a changed role and a disabled user are seen within a second on every
// server; wrong password, unknown address and disabled user answer alike; guesses
// of strangers keep nobody out who signed in from the same place before.
//
// See also: trust for what a viewer may do; internal/seal for the signing keys.
package auth
