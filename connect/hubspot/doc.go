// Package hubspot writes customers, affiliates and deals to HubSpot, and reads what it
// tells of changed contacts.
//
// It means: a customer and an affiliate are contacts, a conversion is a deal that is
// associated with the contact of its customer. Each is known by a property of ours
// that HubSpot keeps unique, so that a write that is repeated changes the record and
// makes no second one. Somebody who buys and recommends is one contact with two keys.
//
// It owns the wire: paths of the version 2026-03, property names, batches, and what
// HubSpot's refusals mean. It refuses nothing of its own and decides on no retry: it
// says what became of each record, and what HubSpot says of its limits.
//
// Invariants:
//   - no record is ever looked for before it is written: HubSpot's search lags;
//   - a conflict that HubSpot answers for a whole batch is split until it is that of
//     one record; the others are written;
//   - a contact that the merchant has already, known by its e-mail address alone, is
//     taken over rather than doubled;
//   - an event is proven before it is read, over the address it was sent to as well, and
//     known by more than its number, which HubSpot does not promise to be its alone;
//   - what an app of ours wrote is not taken for somebody's word;
//   - every value is text on the wire, and no text of a refusal is kept: it may quote
//     the record.
package hubspot
