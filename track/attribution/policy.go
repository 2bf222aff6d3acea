package attribution

import (
	"slices"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

// Kind is the sort of contact a touch was.
type Kind string

// The kinds of touch that may earn credit.
const (
	KindClick  Kind = "CLICK"  // the buyer opened a link
	KindCoupon Kind = "COUPON" // the buyer used a code on this order
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
	MaxWindow = 400 * 24 * time.Hour // also the oldest order that is accepted
	MaxSkew   = 5 * time.Minute
)

// Policy is one version of a program's rules on credit.
type Policy struct {
	// Window is how long after a touch a conversion still earns, closed-open:
	// a conversion exactly at touch + Window does not. Whole seconds; an elapsed
	// time, so a day is always 24 hours. A touch may carry its own (Touch.Window).
	Window time.Duration
	// Skew is how far after the claimed instant of the order a touch may lie and
	// still count as before it. Shops state that instant by their own clock and
	// often in whole seconds, which puts a real click a moment after its order.
	Skew time.Duration
	// Precedence lists the kinds that may win, strongest first. Kinds that are not
	// listed are never credited. Empty means coupon before click.
	Precedence []Kind
	// OnSuspended applies when the winner is not active. Empty means SuspendedNext.
	OnSuspended SuspendedRule
}

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
	if p.Window <= 0 || p.Window > MaxWindow || p.Window%time.Second != 0 {
		invalid("window", "must be whole seconds, from one second to 400 days")
	}
	if p.Skew < 0 || p.Skew > MaxSkew {
		invalid("skew", "must be between 0 and 5 minutes")
	}
	if !slices.Contains([]SuspendedRule{"", SuspendedNext, SuspendedNone}, p.OnSuspended) {
		invalid("onSuspended", "must be NEXT or NONE")
	}
	for i, k := range p.Precedence {
		if k != KindClick && k != KindCoupon || slices.Contains(p.Precedence[:i], k) {
			invalid("precedence", "must name CLICK and COUPON at most once each")
			break
		}
	}
	return faults
}

// place gives the rank of a kind, 0 the strongest, or -1 when it is not credited.
func (p Policy) place(k Kind) int {
	if len(p.Precedence) == 0 {
		return slices.Index(defaultPrecedence(), k)
	}
	return slices.Index(p.Precedence, k)
}

// window gives the window that applies to t.
func (p Policy) window(t Touch) time.Duration {
	if t.Window > 0 {
		return t.Window
	}
	return p.Window
}
