// Package roster keeps who takes part: merchants, their programs, the
// affiliates, the groups that share terms, and who is enrolled where.
//
// Means: an affiliate has one standing at a merchant (standing.go draws the
// whole table) and a place in each program it joined; only an active place of
// an active affiliate earns. A parent is who recruited an affiliate; the chain
// of parents is its upline.
//
// Owns the rows Merchant, Program, Affiliate, AffiliateGroup and Enrollment.
// Sign-up makes a merchant's first row in trust/auth, together with its people.
//
// Refuses: a move that the standing's table does not hold, an edit based on an
// older state, a parent that would close a circle, an application to a program
// that takes none, and deletion: what money may have touched is archived.
//
// Invariants: an upline never contains its own affiliate; the answer to an
// application is the same whether or not the address was known.
//
// See also: trust/auth for the people who sign in, track for hosts and links.
package roster
