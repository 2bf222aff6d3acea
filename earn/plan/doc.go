// Package plan computes what credit earns under one version of a commission
// plan, what a refund takes back of it, and how to explain either afterwards.
//
// It owns rules and their precedence, rounding, the reversal arithmetic, the
// trace kept with every commission, and the canonical bytes of all of them. It
// refuses to look anything up, to read a clock, to convert currencies, and to
// fall back to a weaker rule when the right one does not apply.
//
// The sum, in this order (Q17, Q24): the base of a line is its amount, nothing
// for a gift card → the most specific rule, AFFILIATE before GROUP before PROGRAM
// → for PERCENT, base × rate × share rounded once per line, half away from zero;
// for FIXED, amount × share rounded once per order and split over the lines in
// proportion to their base by largest remainder, so that refunds by line work →
// the commission is the sum of its lines.
//
// Invariants:
//   - the lines of a result sum to its amount, and no line is negative;
//   - the same version and input give the same bytes, whatever the order of lines;
//   - a trace and its version give the posted amount again, or Explain fails;
//   - reversals depend only on how much has been given back in all, never on the
//     order or the number of refunds, and a full refund leaves exactly zero (Q03).
package plan
