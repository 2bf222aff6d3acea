// Package shopify understands the webhooks of a Shopify shop.
//
// It means: a message is proven by its signature over the raw bytes, then read
// exactly, then mapped to the normal form of an order or a refund.
//
// It owns the wire format: header names, topics, the JSON of orders and refunds,
// and what each field is worth to us. It refuses what it cannot read exactly: an
// unknown currency, more digits than the currency has, an amount in a second
// currency where the shop's is expected. It stores nothing. What is called is the
// Admin API: for the orders of a time, and to write metafields of customers.
//
// What the mapping decides, and why:
//
//   - Amounts are shop money. "currency" is the shop's, and every "…_set" is read
//     at shop_money; what the buyer saw (presentment_money) is a conversion of it
//     at a rate of that day, and programs are settled in what the shop takes in.
//   - A line is worth price × quantity less its discount_allocations. The order's
//     other discounts are already in these.
//   - With taxes_included the price holds the tax, which is taken off, so that the
//     base is before tax in every shop (Q23).
//   - quantity stays what was ordered, current_quantity is what refunds and edits
//     have left. A refund is told by itself and must not be subtracted twice, so a
//     line counts current_quantity plus what the order's own refunds returned:
//     what is missing then was edited away (Q49).
//   - A tie between messages of one second (updated_at has no fractions) is broken
//     by what can only grow: paid beats unpaid, more refunds beat fewer, cancelled
//     beats all. It is kept in the microseconds the shop leaves unused.
//   - partially_paid is not paid: a deposit earns when the rest is there. An order
//     that was paid and is raised by an edit stays accepted: no message takes back
//     that it was paid.
//   - The buyer's country is that of the bill, else that of the parcel, else that of
//     the customer's own address; a code that is none is left out. The channel is
//     source_name: "web", "pos", or the number of an app.
//   - What is not ours to refuse is left out rather than refused: a cart attribute
//     that is no token, a code or SKU that is too long. A sale is never lost to a
//     stranger's typing.
package shopify
