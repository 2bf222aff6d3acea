// Package levels computes what the upline of a seller earns on a sale.
//
// Means: the seller's recruiter is level 1, who recruited that one level 2, and
// so on. A level earns a percentage of the sale, a percentage of the commission
// below it, or a net override: a percentage of the sale less everything that was
// earned on the sale below. The upline is a snapshot taken with the decision;
// whoever moves afterwards changes nothing of it (Q57).
//
// A member that may not earn, because it is not active, has not sold enough
// itself or is the buyer, meets the terms' policy: its level is lost (skip), the
// next who may earn moves down into it (compress), its money is reckoned and
// held (hold), or nobody from there on earns (stop). The buyer, and whoever has
// left for good, is never held for: there is nothing to wait for, and the level
// is lost. The buyer is refused at every level, not at the first alone (Q62).
//
// Cut order: where a maximum is set, the seller's commission and all levels
// together stay within that percentage of the sale, cut down to the minor unit
// and never rounded up (Q61). The seller is never cut; a seller who reaches the
// maximum alone leaves nothing to the levels. FARTHEST_FIRST pays the levels from
// the seller upwards until nothing is left; a level whose lower one was cut
// follows what that one gets. PROPORTIONAL cuts every level in the same ratio by
// largest remainder, ties to the lower level. Money that is held counts as paid.
//
// Rounding is half away from zero, for each line and level by itself (Q17); what
// a cut leaves of a level is divided over its lines by largest remainder.
//
// Refuses: negative amounts, mixed currencies, repeated affiliates and lines, and
// amounts beyond the range of money. It computes: no rows, no clock, no text of
// its own beyond codes.
//
// Invariants: the same input gives the same output; parts sum to their level; an
// affiliate stands at no more than one level.
package levels
