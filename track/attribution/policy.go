package attribution

import (
	"fmt"
	"slices"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

// Kind is the sort of contact a touch was.
type Kind string

// The kinds of touch. A precedence lists the first three only: a person's decision
// comes before all, a binding where the policy's Lifetime puts it, and a direct
// visit stands among the clicks. Where a precedence does not list exclusive codes,
// they are codes like others.
const (
	KindClick     Kind = "CLICK"            // the buyer opened a link
	KindCoupon    Kind = "COUPON"           // the buyer used a code on this order
	KindExclusive Kind = "EXCLUSIVE_COUPON" // the buyer used a code that its affiliate alone spreads
	KindDirect    Kind = "DIRECT"           // the buyer came without a link; it is nobody's
	KindBinding   Kind = "BINDING"          // an earlier conversion bound the buyer; the touch has its id
	KindManual    Kind = "MANUAL"           // a person gave the credit
)

// coupon reports a code of either sort.
func (k Kind) coupon() bool { return k == KindCoupon || k == KindExclusive }

// CouponRule says which of several codes on one order earns, where a code does (Q39).
type CouponRule string

// The rules for several codes.
const (
	CouponFirst   CouponRule = ""                   // the first listed on the order
	CouponHighest CouponRule = "HIGHEST_PRECEDENCE" // one of the sort that the precedence puts first, of these the first listed
	CouponSplit   CouponRule = "SPLIT"              // all of the sort that the precedence puts first, alike
)

// SuspendedRule says what happens when the touch that would win belongs to an
// affiliate who is not active.
type SuspendedRule string

// The rules for a winner who is not active.
const (
	SuspendedNext SuspendedRule = "NEXT" // the best touch of an active affiliate wins instead
	SuspendedNone SuspendedRule = "NONE" // nobody gets credit
)

// Limits of a policy.
const (
	MaxWindow   = 400 * 24 * time.Hour // also the oldest order that is accepted
	MaxSkew     = 5 * time.Minute
	MinHalfLife = time.Hour
	MaxLifetime = 100 * 365 * 24 * time.Hour
	MaxOverride = 100 // affiliates with a window of their own
)

// Policy is one version of a program's rules on credit.
type Policy struct {
	// Window is how long after a touch a conversion still earns, closed-open:
	// a conversion exactly at touch + Window does not. Whole seconds; an elapsed
	// time, so a day is always 24 hours. A touch may carry its own (Touch.Window).
	Window time.Duration
	// Skew is how far after the claimed instant of the order the click that it names
	// may lie and still count as before it; nobody else's is among the facts then. Shops
	// state that instant by their own clock and often in whole seconds, which puts a real
	// click a moment after its order.
	Skew time.Duration
	// Precedence lists the kinds that may win, strongest first. Kinds that are not
	// listed are never credited. Empty means coupon before click.
	Precedence []Kind
	// OnSuspended applies when the winner is not active. Empty means SuspendedNext,
	// which is also what a model that shares credit does.
	OnSuspended SuspendedRule
	// Coupons applies when an order has several codes. Empty means the first listed,
	// whatever sort it is of.
	Coupons CouponRule
	// Model divides the credit where clicks decide. Empty means ModelLastNonDirect.
	Model Model
	// First and Last are the percentages of ModelPosition for the ends of the line;
	// what is left of 100 goes to the middle, in equal parts. Where there is no
	// middle the two ends share all of it in this proportion.
	First, Last int64
	// HalfLife is the age at which a click weighs half in ModelTimeDecay.
	HalfLife time.Duration
	// Overrides are windows of single affiliates, in place of Window.
	Overrides []Override
	// Lifetime says whether an accepted conversion binds its buyer to its affiliate.
	Lifetime Lifetime
	// LifetimeFor is how long a binding of LifetimeUntil lasts, closed-open.
	LifetimeFor time.Duration
}

// Override is a window of one affiliate.
type Override struct {
	AffiliateID string
	Window      time.Duration
}

// Lifetime says how an accepted conversion binds its buyer to its affiliate (Q34).
type Lifetime string

// The ways to bind.
const (
	LifetimeNone  Lifetime = ""             // not at all
	LifetimeFirst Lifetime = "FIRST"        // the first conversion binds for good, before any touch
	LifetimeLast  Lifetime = "LAST"         // the latest conversion binds, where no touch earns
	LifetimeUntil Lifetime = "UNTIL_EXPIRY" // as FIRST, for LifetimeFor; then the next binds
)

// DefaultPolicy is what a program starts with: 30 days, coupon before click, and
// a suspended winner gives way to the next eligible touch.
func DefaultPolicy() Policy {
	return Policy{
		Window:      30 * 24 * time.Hour,
		Skew:        2 * time.Second,
		Precedence:  defaultPrecedence(),
		OnSuspended: SuspendedNext,
	}
}

func defaultPrecedence() []Kind { return []Kind{KindCoupon, KindClick} }

// Validate gives every fault of the policy, each INVALID with the path of its
// field; none when the policy can be used.
func (p Policy) Validate() []*problem.Error {
	var faults []*problem.Error
	invalid := func(field, message string) {
		faults = append(faults, problem.At(problem.Invalid, field, "%s", message))
	}
	if !usable(p.Window) {
		invalid("window", windowRange)
	}
	if p.Skew < 0 || p.Skew > MaxSkew {
		invalid("skew", "must be between 0 and 5 minutes")
	}
	if !slices.Contains([]SuspendedRule{"", SuspendedNext, SuspendedNone}, p.OnSuspended) {
		invalid("onSuspended", "must be NEXT or NONE")
	}
	for i, k := range p.Precedence {
		if k != KindClick && !k.coupon() || slices.Contains(p.Precedence[:i], k) {
			invalid("precedence", "must name CLICK, COUPON and EXCLUSIVE_COUPON at most once each")
			break
		}
	}
	p.checkCoupons(invalid)
	p.checkModel(invalid)
	p.checkOverrides(invalid)
	p.checkLifetime(invalid)
	return faults
}

func (p Policy) checkCoupons(invalid func(field, message string)) {
	if !slices.Contains([]CouponRule{CouponFirst, CouponHighest, CouponSplit}, p.Coupons) {
		invalid("coupons", "must be FIRST, HIGHEST_PRECEDENCE or SPLIT")
	}
	if p.Coupons == CouponSplit && p.OnSuspended == SuspendedNone {
		invalid("onSuspended", "must be NEXT where codes share credit: the share of an inactive affiliate goes to the others")
	}
}

const windowRange = "must be whole seconds, from one second to 400 days"

func usable(window time.Duration) bool {
	return window > 0 && window <= MaxWindow && window%time.Second == 0
}

func (p Policy) checkModel(invalid func(field, message string)) {
	if _, known := ruleOfModel[p.model()]; !known {
		invalid("model", "must be one of the models")
	}
	if p.model().shares() && p.OnSuspended == SuspendedNone {
		invalid("onSuspended", "must be NEXT where a model shares credit: the share of an inactive affiliate goes to the others")
	}
	position := p.model() == ModelPosition
	if p.First < 0 || p.First > 100 || !position && p.First != 0 {
		invalid("position.first", "must be a percentage from 0 to 100, and belongs to POSITION")
	}
	if p.Last < 0 || p.Last > 100 || !position && p.Last != 0 {
		invalid("position.last", "must be a percentage from 0 to 100, and belongs to POSITION")
	}
	if sum := p.First + p.Last; position && (sum < 1 || sum > 100) {
		invalid("position", "must give the ends from 1 to 100 percent together")
	}
	decay := p.model() == ModelTimeDecay
	if decay && (p.HalfLife < MinHalfLife || p.HalfLife > MaxWindow || p.HalfLife%time.Second != 0) || !decay && p.HalfLife != 0 {
		invalid("halfLife", "must be whole seconds, from one hour to 400 days, and belongs to TIME_DECAY")
	}
}

func (p Policy) checkOverrides(invalid func(field, message string)) {
	if len(p.Overrides) > MaxOverride {
		invalid("affiliates", fmt.Sprintf("must be at most %d", MaxOverride))
	}
	for i, o := range p.Overrides {
		field := fmt.Sprintf("affiliates.%d.", i)
		same := func(x Override) bool { return x.AffiliateID == o.AffiliateID }
		if o.AffiliateID == "" || slices.ContainsFunc(p.Overrides[:i], same) {
			invalid(field+"affiliateId", "must name each affiliate once")
		}
		if !usable(o.Window) {
			invalid(field+"window", windowRange)
		}
	}
}

func (p Policy) checkLifetime(invalid func(field, message string)) {
	if !slices.Contains([]Lifetime{LifetimeNone, LifetimeFirst, LifetimeLast, LifetimeUntil}, p.Lifetime) {
		invalid("lifetime.binds", "must be FIRST, LAST or UNTIL_EXPIRY")
	}
	until := p.Lifetime == LifetimeUntil
	if until && (p.LifetimeFor <= 0 || p.LifetimeFor > MaxLifetime || p.LifetimeFor%time.Second != 0) || !until && p.LifetimeFor != 0 {
		invalid("lifetime.days", "must be from 1 to 36500, and belongs to UNTIL_EXPIRY")
	}
}

// place gives the rank of a kind, the least the strongest; false when it is not
// credited.
func (p Policy) place(k Kind) (int, bool) {
	order := p.Precedence
	if len(order) == 0 {
		order = defaultPrecedence()
	}
	switch k {
	case KindManual:
		return -2, true
	case KindBinding:
		if p.Lifetime == LifetimeLast {
			return len(order), true
		}
		return -1, p.Lifetime != LifetimeNone
	case KindDirect:
		k = KindClick
	case KindExclusive:
		if !slices.Contains(order, k) {
			k = KindCoupon
		}
	}
	at := slices.Index(order, k)
	return at, at >= 0
}

// WindowOf is how long a touch of the affiliate earns.
func (p Policy) WindowOf(affiliateID string) time.Duration {
	for _, o := range p.Overrides {
		if o.AffiliateID == affiliateID {
			return o.Window
		}
	}
	return p.Window
}

// Longest is the longest of the policy's windows.
func (p Policy) Longest() time.Duration {
	longest := p.Window
	for _, o := range p.Overrides {
		longest = max(longest, o.Window)
	}
	return longest
}

// over reports whether a touch is too old for a conversion at the instant.
func (p Policy) over(t Touch, occurred time.Time) bool {
	window := t.Window
	switch {
	case t.Kind == KindBinding && p.Lifetime != LifetimeUntil:
		return false
	case t.Kind == KindBinding:
		window = p.LifetimeFor
	case window <= 0:
		window = p.WindowOf(t.AffiliateID)
	}
	return !occurred.Before(t.At.Add(window))
}
