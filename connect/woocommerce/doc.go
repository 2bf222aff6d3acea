// Package woocommerce understands the webhooks of a WooCommerce shop, and asks it for
// what they leave out.
//
// It means: a message is proven by its signature over the raw bytes, then read exactly,
// then mapped to the normal form of an order or a refund. The shop is asked over its
// REST API, wc/v3, at the address that the merchant gives.
//
// It owns the wire format: header names, topics, the JSON of orders and refunds, and
// what each field is worth to us. It refuses what it cannot read exactly: an unknown
// currency, more digits than the currency has. It stores nothing, and writes nothing to
// the shop: a key that may only read is enough.
//
// What the mapping decides, and why:
//
//   - Lines are before tax whether or not prices hold it (prices_include_tax): the shop
//     has taken it off. total is after discounts, subtotal before them.
//   - Shipping and fees earn nothing. A fee below zero is a discount on all lines: each
//     has its part of it. So are lines below zero.
//   - processing and completed are paid, and so is refunded, which says that something
//     was. pending, on-hold, failed and states of plugins are not, unless the shop has
//     said when it was paid.
//   - cancelled cancels an order that was paid, or that is paid on delivery. One that
//     nobody paid stays pending: the shop's own timer cancels it, and a payment that
//     comes late makes it processing again.
//   - What is put into the trash or deleted is cancelled, and stays so.
//   - An order names its refunds and what each gave back. Which lines it was is asked for
//     where the shop can be called; else, and where the lines do not add up to what was
//     given back, each line gives back the same part of itself.
//   - There is no mark of a test. WooPayments writes its mode into the order, and
//     merchants can write _trb_test.
//   - Messages of one second are ordered by what can only grow: paid beats unpaid, more
//     refunds beat fewer, cancelled beats all.
//   - What is not ours to refuse is left out rather than refused: a token that is none,
//     a code or SKU that is too long. A sale is never lost to a stranger's typing.
package woocommerce
