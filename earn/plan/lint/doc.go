// Package lint finds what is wrong with the terms of a plan before anybody earns
// by them (N31).
//
// Means: rules that no order reaches, conditions that contradict themselves, dates
// that never come, tiers that pay less than the one before or cannot be met, caps
// below what one order is promised, amounts in currencies that are not used, and
// pay above a margin. It owns the findings, their codes, and the search for an order
// that shows each.
//
// Refuses: to report what it cannot show. Every finding has an order, and what the
// evaluator of earn/plan pays on that order is the fault itself; a suspicion whose
// order does not show it is dropped. It looks nothing up and reads no clock, and it
// changes no terms.
//
// A rule is called unreachable only when a search over everything that conditions
// may ask of an order has ended without one: product, SKU, codes, labels, who has
// credit, buyer, kind, currency, amount, payment, instant and time of the week. The
// search is bounded; where it was cut short nothing is claimed, and the report says
// that it is not complete.
//
// Invariants:
//   - a finding's order, evaluated again, gives the finding's figures;
//   - the same terms and setting give the same report;
//   - a complete search without an order is a proof: no order pays by the rule.
package lint
