// Package connect lets shops and other systems in.
//
// It means: an integration is a shop that is connected to a program; a receipt is
// one message of it, kept sealed, with what became of it. A provider is the code
// that knows one kind of shop.
//
// It owns the rows Integration and WebhookReceipt, the address that shops send
// webhooks to, and the road of a message: raw bytes → signature → normal form →
// verbs of earn → receipt → answer. It decides nothing about money: orders and
// refunds go to earn, whoever sends them.
//
// It refuses messages that are too large, unsigned or signed with another secret,
// and addresses of integrations that do not exist or are disabled. A message that
// is signed right and can never be accepted is kept as REFUSED and acknowledged
// with 200: repeating it would not help, and shops stop sending after a few errors.
//
// Invariants:
//   - a success is answered only after the receipt is stored, and the receipt only
//     after its effect: a crash in between makes the shop send again, and the
//     effect is known by its business key;
//   - what a shop says ends in one state, in whatever order and however often it
//     arrives: older messages change nothing, and a refund that overtakes its order
//     is parked until the order comes (Q12, Q77);
//   - when the database is away nothing is acknowledged, so nothing is lost;
//   - bodies and signing secrets are sealed; a refused body is kept to its first
//     KiB, the last hundred of them, because anyone may send one.
package connect
