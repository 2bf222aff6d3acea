package attribution

import (
	"cmp"
	"slices"
	"time"
)

// verdict is a touch on its way through the rules; reason stays empty for one with
// a share.
type verdict struct {
	Touch
	reason Reason
	detail string
	weight int64
}

// Decide gives the credit for a conversion: of the eligible touches, the kind
// that stands first in the precedence decides. Of coupons the first listed has
// all of the credit; clicks have it as the policy's model divides it. Touches of
// the buyer's own (SELF_REFERRAL) and touches that are not payable never take
// part, so an honest earlier touch of somebody else still wins; what an inactive
// affiliate's touch does is the policy's choice. A person's decision comes before
// everything, and a binding where the policy puts it. It is pure and never fails.
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
	running = p.firstCode(running)
	slices.SortFunc(running, p.compare)
	rule := p.pick(running)
	if len(f.Touches) == 0 {
		rule = RuleNoTouch
	}
	return conclude(rule, verdicts)
}

// screen applies the rules that concern a touch alone.
func (p Policy) screen(t Touch, occurred time.Time) verdict {
	v := verdict{Touch: t}
	_, credited := p.place(t.Kind)
	switch {
	case !t.Payable:
		v.reason = cmp.Or(Reason(t.Reason), ReasonNotPayable)
	case t.Kind == KindManual:
	case !credited:
		v.reason = ReasonKindNotCredited
	case t.At.After(occurred.Add(p.Skew)):
		v.reason = ReasonAfter
	case p.over(t, occurred):
		v.reason = ReasonExpired
	case t.BuyerIsAffiliate:
		v.reason, v.detail = ReasonSelfReferral, t.SelfVia
	case t.Kind == KindDirect && p.model() != ModelLast:
		v.reason = ReasonDirect
	}
	return v
}

// compare orders the strongest first. Instants may tie; ids do not, and a later
// id was made later.
func (p Policy) compare(a, b *verdict) int {
	placeA, _ := p.place(a.Kind)
	placeB, _ := p.place(b.Kind)
	age := byAge(b.Touch, a.Touch)
	if p.model() == ModelFirst && a.Kind == KindClick {
		age = -age
	}
	return cmp.Or(cmp.Compare(placeA, placeB), cmp.Compare(a.Position, b.Position), age)
}

// pick divides the credit among touches ordered by strength and gives those that
// get none their reason.
func (p Policy) pick(running []*verdict) Rule {
	for i, v := range running {
		switch {
		case v.Kind == KindDirect:
			v.reason = ReasonDirect
			p.yield(running[i+1:], v.Kind)
			return RuleDirect
		case v.AffiliateStatus == StatusActive || v.Kind == KindManual:
			return p.divide(running[i:])
		}
		v.reason = inactive(v)
		if p.OnSuspended == SuspendedNone && !p.model().shares() {
			p.yield(running[i+1:], v.Kind)
			return RuleWinnerInactive
		}
	}
	return RuleNoEligible
}

func inactive(v *verdict) Reason {
	return reasonStatusPrefix + Reason(cmp.Or(v.AffiliateStatus, "UNKNOWN"))
}

// divide gives the credit to the first of the touches, or shares it among those
// of its kind.
func (p Policy) divide(running []*verdict) Rule {
	first := running[0]
	if first.Kind == KindManual {
		p.named(running)
		return RuleManual
	}
	if first.Kind.coupon() && p.Coupons == CouponSplit {
		return p.split(running)
	}
	if first.Kind != KindClick || !p.model().shares() {
		first.weight = 1
		p.yield(running[1:], first.Kind)
		return p.ruleOf(first.Kind)
	}
	var line []*verdict
	for _, v := range running {
		switch {
		case v.Kind != KindClick:
			v.reason = ReasonOutranked
		case v.AffiliateStatus != StatusActive:
			v.reason = inactive(v)
		default:
			line = append(line, v)
		}
	}
	slices.SortFunc(line, func(a, b *verdict) int { return byAge(a.Touch, b.Touch) })
	p.weigh(line)
	return p.ruleOf(KindClick)
}

// firstCode leaves of several codes the first listed, where sorts of codes have places
// of their own and the policy goes by the list: of an affiliate who is active, unless
// an inactive winner leaves nobody to credit.
func (p Policy) firstCode(running []*verdict) []*verdict {
	if p.Coupons != CouponFirst || !slices.Contains(p.Precedence, KindExclusive) {
		return running
	}
	var first *verdict
	for _, v := range running {
		skipped := v.AffiliateStatus != StatusActive && (p.OnSuspended != SuspendedNone || p.model().shares())
		if v.Kind.coupon() && !skipped && (first == nil || cmp.Or(cmp.Compare(v.Position, first.Position), byAge(first.Touch, v.Touch)) < 0) {
			first = v
		}
	}
	return slices.DeleteFunc(running, func(v *verdict) bool {
		late := first != nil && v != first && v.Kind.coupon() && v.Position > first.Position
		if late {
			v.reason = ReasonSuperseded
		}
		return late
	})
}

// split shares the credit alike among the codes at the place of the strongest.
func (p Policy) split(running []*verdict) Rule {
	place, _ := p.place(running[0].Kind)
	for _, v := range running {
		at, _ := p.place(v.Kind)
		switch {
		case !v.Kind.coupon() || at != place:
			v.reason = ReasonOutranked
		case v.AffiliateStatus != StatusActive:
			v.reason = inactive(v)
		default:
			v.weight = 1
		}
	}
	return RuleCoupons
}

// named shares the credit among those whom a person named.
func (p Policy) named(running []*verdict) {
	for i, v := range running {
		if v.Kind != KindManual {
			p.yield(running[i:], KindManual)
			return
		}
		v.weight = int64(max(1, v.Position))
	}
}

// weigh lets the model weigh a line of touches, oldest first.
func (p Policy) weigh(line []*verdict) {
	touches := make([]Touch, len(line))
	for i, v := range line {
		touches[i] = v.Touch
	}
	for i, weight := range models[p.model()](p, touches) {
		line[i].weight = weight
		if weight == 0 {
			line[i].reason = ReasonNoWeight
		}
	}
}

// yield marks the touches that gave way to one of the given kind.
func (p Policy) yield(others []*verdict, to Kind) {
	place, _ := p.place(to)
	for _, v := range others {
		v.reason = ReasonOutranked
		own, _ := p.place(v.Kind)
		if v.Kind == to || v.Kind.visit() && to.visit() || v.Kind.coupon() && to.coupon() && own == place {
			v.reason = ReasonSuperseded
		}
	}
}

func (p Policy) ruleOf(k Kind) Rule {
	switch k {
	case KindBinding:
		return RuleLifetime
	case KindCoupon:
		return RuleFirstCoupon
	case KindExclusive:
		if slices.Contains(p.Precedence, KindExclusive) {
			return RuleExclusive
		}
		return RuleFirstCoupon
	}
	return ruleOfModel[p.model()]
}

func conclude(rule Rule, verdicts []verdict) Decision {
	d := Decision{Rule: rule}
	for _, v := range verdicts {
		if v.reason != "" {
			d.Excluded = append(d.Excluded, Exclusion{TouchID: v.ID, Reason: v.reason, Detail: v.detail})
			continue
		}
		d.Shares = append(d.Shares, Share{AffiliateID: v.AffiliateID, TouchID: v.ID, Num: v.weight})
	}
	reduce(d.Shares)
	d.lead(verdicts)
	return d
}

// lead finds whose share is the largest. Both lists are oldest first, so that
// the last of equals came last.
func (d *Decision) lead(verdicts []verdict) {
	sums := map[string]int64{}
	for _, s := range d.Shares {
		sums[s.AffiliateID] += s.Num
	}
	for _, v := range verdicts {
		if v.reason == "" && sums[v.AffiliateID] >= sums[d.AffiliateID] {
			d.AffiliateID, d.TouchID, d.Kind = v.AffiliateID, v.ID, v.Kind
		}
	}
}
