// Package salesforce writes customers, affiliates and orders to Salesforce.
//
// It means: a customer and an affiliate are contacts, a conversion is an opportunity
// that looks up the contact of its customer. Each is known by an external id of ours
// that Salesforce keeps unique, so that a write that is repeated changes the record and
// makes no second one. Somebody who buys and recommends is one contact with two keys.
//
// It owns the wire: the version of the API, sessions and their ends, collections, field
// names, and what Salesforce's refusals mean. It refuses nothing of its own and decides
// on no later try: it says what became of each record, and what Salesforce says of its
// limits. It makes no fields: metadata/ holds them for the org's own people to deploy,
// with the permissions that the integration needs and no others.
//
// Invariants:
//   - an answer of 200 is read record by record: one that is refused stands beside those
//     that were written, and takes none of them back;
//   - nothing is ever written by an address: only a contact that bears no key of ours is
//     looked for by it, once, and taken over by Salesforce's id;
//   - a name that is not known is left alone; where Salesforce will not make a contact
//     without one, and only there, the address stands for it;
//   - amounts go out as the digits they are, never through a float;
//   - a session that has ended is replaced once in a call; keys are kept by connect and
//     sessions nowhere but in memory;
//   - a call goes to the app's own login host, and after that only to the instance of
//     Salesforce that it names;
//   - no text of a refusal is kept: it may quote the record.
package salesforce
