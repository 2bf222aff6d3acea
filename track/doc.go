// Package track knows how buyers came: links and the clicks on them, coupons,
// and the customers, orders and refunds that follow.
//
// It means: a click is a recorded opening of a link; a touch is any contact that
// may earn credit; a customer is the merchant's buyer; a conversion is what the
// merchant pays for; a refund is money given back on its lines. Who gets credit
// is computed by track/attribution; this package gathers what it looks at.
//
// It owns the rows Host, Link, Coupon, Click, Touch, Customer, Conversion,
// ConversionLine, Refund and AttributionPolicy, the redirect with its index of
// links in memory, and the click stream's records and their way into rows.
//
// It refuses destinations outside a program's hosts, links and coupons of
// affiliates who do not take part, refunds above their order, and messages that
// are older than what is known. It never refuses a visitor: a redirect waits for
// no database and shows no error of ours, and a click that cannot be recorded is
// counted and redirected all the same.
//
// Invariants:
//   - a redirect with a token was sent after its click was durable, or the click
//     was counted as unrecorded; the token proves the click either way;
//   - a click is stored once, however often the stream delivers it, and counted
//     once in events;
//   - one order of one scope is one conversion, whoever reports it and how often;
//   - what is given back on a line never exceeds the line, and a refund's own id
//     takes effect once;
//   - a second click of one visitor on one link earns nothing and is marked as a
//     duplicate by the server that answered the first; of several servers behind
//     a balancer that sends visitors anywhere, another one, or the same one after
//     a restart, takes it for a first click: one click too many in a report, and
//     never money, for where clicks are paid they are counted from the rows of all;
//   - without consent nothing that identifies a visitor is kept or handed on.
package track
