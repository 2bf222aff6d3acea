// Package order is the normal form of an order and of a refund: every source
// (API, import, postback, shop) is mapped to it before a room sees it, so there
// is one set of limits, one idea of what commission is computed from, and one
// way to tell a repeated message from a changed one.
//
// It owns the shape, the limits with their field paths, the commissionable base,
// the split of a refund over lines, and the digests. It refuses to guess: a
// missing currency, a refund that names no order or more than is left of it, and
// text that a database cannot hold are faults.
//
// Invariants:
//   - amounts of a valid order are in its currency, not negative and at most
//     MaxAmount, so that no sum over its lines overflows;
//   - lines are told apart by the shop's line id, never by product (Q06);
//   - a refund takes from no line more than what is left of it, and the refunds
//     that give back everything leave every line at exactly zero.
package order
