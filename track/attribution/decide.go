package attribution

import (
	"cmp"
	"slices"
	"time"
)

// verdict is a touch on its way through the rules; reason stays empty for the winner.
type verdict struct {
	Touch
	reason Reason
	detail string
}

// Decide gives the credit for a conversion: of the eligible touches, the kind
// that stands first in the precedence wins, and within a kind the last click or
// the first listed coupon. Touches of the buyer's own (SELF_REFERRAL) and
// touches that are not payable never take part, so an honest earlier touch of
// somebody else still wins; what an inactive affiliate's touch does is the
// policy's choice. It is pure and never fails.
func Decide(p Policy, f Facts) Decision {
	f = f.canonical()
	verdicts := make([]verdict, len(f.Touches))
	var running []*verdict
	for i, t := range f.Touches {
		verdicts[i] = p.screen(t, f.OccurredAt)
		if verdicts[i].reason == "" {
			running = append(running, &verdicts[i])
		}
	}
	slices.SortFunc(running, p.compare)
	winner, rule := p.pick(running)
	if len(f.Touches) == 0 {
		rule = RuleNoTouch
	}
	return conclude(winner, rule, verdicts)
}

// screen applies the rules that concern a touch alone.
func (p Policy) screen(t Touch, occurred time.Time) verdict {
	v := verdict{Touch: t}
	switch {
	case !t.Payable:
		v.reason = cmp.Or(Reason(t.Reason), ReasonNotPayable)
	case p.place(t.Kind) < 0:
		v.reason = ReasonKindNotCredited
	case t.At.After(occurred.Add(p.Skew)):
		v.reason = ReasonAfter
	case !occurred.Before(t.At.Add(p.window(t))):
		v.reason = ReasonExpired
	case t.BuyerIsAffiliate:
		v.reason, v.detail = ReasonSelfReferral, t.SelfVia
	}
	return v
}

// compare orders the strongest first. Instants may tie; ids do not, and a later
// id was made later.
func (p Policy) compare(a, b *verdict) int {
	return cmp.Or(
		cmp.Compare(p.place(a.Kind), p.place(b.Kind)),
		cmp.Compare(a.Position, b.Position),
		b.At.Compare(a.At),
		cmp.Compare(b.ID, a.ID),
	)
}

// pick finds the winner among touches ordered by strength and gives all others
// their reason.
func (p Policy) pick(running []*verdict) (*verdict, Rule) {
	for i, v := range running {
		if v.AffiliateStatus == StatusActive {
			yield(running[i+1:], v.Kind)
			return v, ruleOf(v.Kind)
		}
		v.reason = reasonStatusPrefix + Reason(cmp.Or(v.AffiliateStatus, "UNKNOWN"))
		if p.OnSuspended == SuspendedNone {
			yield(running[i+1:], v.Kind)
			return nil, RuleWinnerInactive
		}
	}
	return nil, RuleNoEligible
}

// yield marks the touches that gave way to one of the given kind.
func yield(others []*verdict, to Kind) {
	for _, v := range others {
		v.reason = ReasonOutranked
		if v.Kind == to {
			v.reason = ReasonSuperseded
		}
	}
}

func ruleOf(k Kind) Rule {
	if k == KindCoupon {
		return RuleFirstCoupon
	}
	return RuleLastClick
}

func conclude(winner *verdict, rule Rule, verdicts []verdict) Decision {
	d := Decision{Rule: rule}
	if winner != nil {
		d.AffiliateID, d.TouchID, d.Kind = winner.AffiliateID, winner.ID, winner.Kind
		d.Shares = []Share{{AffiliateID: winner.AffiliateID, TouchID: winner.ID, Num: 1, Den: 1}}
	}
	for _, v := range verdicts {
		if v.reason != "" {
			d.Excluded = append(d.Excluded, Exclusion{TouchID: v.ID, Reason: v.reason, Detail: v.detail})
		}
	}
	return d
}
