// Package attribution decides who gets credit for a conversion.
//
// It means: frozen facts (the touches that were looked at) and one policy
// version go in, a decision comes out, and the same bytes in give the same bytes
// out on any machine and in any year. It owns the rules of the window, of
// precedence between coupon and click, of the models that divide credit among
// clicks, of bindings, of affiliates who may not be credited and of
// self-referral, and the canonical bytes of policy, facts and decision.
//
// It refuses to look anything up, to read a clock, and to hold personal values:
// facts are ids, instants, statuses and reason codes.
//
// Invariants:
//   - the shares of a decision that credits somebody sum to exactly 1, those of
//     one that credits nobody are none;
//   - shares are whole numbers over one denominator: there is no float anywhere;
//   - every touch is either credited or listed once with the reason why not;
//   - the order in which touches are handed in never matters;
//   - Decide on decoded facts equals Decide on the facts that were encoded.
package attribution
