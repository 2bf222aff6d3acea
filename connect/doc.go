// Package connect lets shops and other systems in.
//
// It means: an integration is a shop that is connected to a program; its account is
// what can be called there, with credentials that are keys or were granted by an
// authorization; a receipt is one message of it, kept sealed, with what became of
// it. A provider is the code that knows one kind of shop.
//
// It owns the rows Integration and WebhookReceipt, the address that shops send
// webhooks to, and the road of a message: raw bytes → signature → normal form →
// receipt → answer; and then, by Work: receipt → verbs of earn → what became of it.
// The receipts are the queue. What a customer is to the merchant, its segment and its
// lifecycle stage, is said here, by a CRM or by people. It decides nothing about money:
// orders and refunds go to earn, whoever sends them.
//
// It refuses messages that are too large, unsigned or signed with another secret,
// and addresses of integrations that do not exist or are disabled. A message that
// is signed right and can never be accepted is kept as REFUSED and acknowledged
// with 200: repeating it would not help, and shops stop sending after a few errors.
//
// Invariants:
//   - a success is answered only after the receipt is stored. What it asks for is
//     done at least once, and known by its business key: whoever is killed in
//     between, it is done once;
//   - of one subject, such as an order, one message is worked on at a time, in the
//     order in which they came; one that fails is tried again and holds up those
//     behind it, until it is a dead letter; others are not held up;
//   - what a shop says ends in one state, in whatever order and however often it
//     arrives: older messages change nothing, and a refund that overtakes its order
//     is parked until the order comes (Q12, Q77);
//   - when the database is away nothing is acknowledged, so nothing is lost;
//   - credentials are renewed by one server at a time, and what a provider has given
//     is written down even when who asked for it has gone away;
//   - what a CRM tells of a customer ends as one state on both sides, in whatever order
//     and however often it is told: each field keeps when it was said and by which side,
//     and its policy decides a clash (S26, S28);
//   - a message that leaves out what its shop can be asked for is completed before it is
//     worked on; while the shop does not answer it is tried again, and where there is
//     nobody to ask it stands as it was told;
//   - no transaction is open while a provider is called, and none is called but
//     through the guard of internal/egress;
//   - bodies, credentials and signing secrets are sealed; a refused body is kept to its first
//     KiB, the last hundred of them, because anyone may send one.
package connect
