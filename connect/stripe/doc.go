// Package stripe understands the webhooks of a Stripe account: subscriptions, invoices
// and Checkout as a source of orders.
//
// It means: an event is proven by its signature over time and raw bytes, then read
// exactly, then mapped to the normal form of an order, a refund or a chargeback.
//
// It owns the wire format: the signature's header, event types, the JSON of sessions,
// invoices, refunds, credit notes and disputes. It refuses what it cannot read exactly:
// an unknown currency, an amount that the currency has no coin for. It stores nothing;
// the account is called only to test the connection.
//
// What the mapping decides, and why:
//
//   - An order is an invoice that is paid, or a Checkout session without one, which goes
//     by its payment. A session whose invoice is known only adds to the invoice's order
//     what it alone knows, the click: one sale is one conversion.
//   - Refunds and disputes name the payment, never the invoice. invoice_payment.paid says
//     which payment is of which invoice; what names a payment waits for it.
//   - What was paid counts, not what was invoiced: credit from the customer's balance is
//     money from before. Lines are scaled to it, so a credit note to the balance takes
//     nothing now and earns nothing later.
//   - The base is before tax. Lines that are negative, prorations for the most part, and
//     lines that the event leaves out are made up for, so that the lines add up to
//     total_excluding_tax.
//   - A refund, credit note or dispute is of the total, with tax: each line gives back
//     the same part of itself, whatever arrives first.
//   - charge.refunded repeats what the refund's own events tell, with a sum in the place
//     of ids: nothing is done with it unless its refunds are in it.
//   - A refund counts once it has succeeded. Nothing here takes back that it has.
//   - An inquiry (warning_…) has taken no money, and is passed over.
//   - Amounts are whole numbers of what Stripe takes for the smallest coin, which is not
//     always the currency's: ISK and UGX have two digits there and none here, MGA none
//     there and two here.
//   - Events with livemode false are of the sandbox.
package stripe
