// Package plan computes what credit earns under one version of a commission
// plan, what a refund takes back of it, and how to explain either afterwards.
//
// It owns rules, their conditions and precedence, rounding, the reversal arithmetic, the
// trace kept with every commission, and the canonical bytes of all of them. It
// refuses to look anything up, to read a clock, to convert currencies, and to
// fall back to a weaker rule when the right one does not apply.
//
// Which rules pay is decided line by line: of the rules that are for the
// affiliate, there at the event's instant and time of the week, in the order's
// currency, and whose condition holds, those that the precedence chooses. Rules go
// by ascending id. By BEST each rule is computed on all lines it is for, and the
// one that pays most is kept on each; by FIRST_MATCH and MOST_SPECIFIC a rule is
// computed on the lines that go to it.
//
// What a rule pays on its lines, in this order (Q17, Q24): base → rate → fixed →
// bounds. The base of a line is its amount after discount, with tax, shipping and
// discount where the version says so, and nothing for a gift card unless it does.
// The rate is base × rate × share, rounded once per line, half away from zero. The
// fixed amount is amount × share, rounded once per order and split over the lines in
// proportion to their base by largest remainder, so that refunds by line work.
// Bounds per line, then per order, are bound × share; what they take off or add on
// an order is split in proportion to what each line has. They are whole minor units
// and rounding is monotone, so bounding after rounding gives what bounding before
// it would. The commission is the sum of its lines.
//
// Where tiers count for a whole period, an order is computed below the first of them,
// and each tier is a stage that adds a difference (see Restated); a version's bonuses
// are amounts beside commission.
//
// An input keeps only the facts that its version looks at, and a trace only those:
// plans without conditions write the bytes they always wrote.
//
// Invariants:
//   - the lines of a result sum to its amount, and no line is negative;
//   - the same version and input give the same bytes, whatever the order of lines;
//   - a trace and its version give the posted amount again, or Explain fails;
//   - reversals depend only on how much has been given back in all, never on the
//     order or the number of refunds, and a full refund leaves exactly zero (Q03).
package plan
