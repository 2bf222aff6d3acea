package attribution

import (
	"cmp"
	"slices"
	"time"
)

// MaxTouches is how many touches a decision looks at and freezes.
const MaxTouches = 200

// StatusActive is the only affiliate status that may be credited.
const StatusActive = "ACTIVE"

// Touch is one contact that may earn credit.
type Touch struct {
	ID          string // unique among the touches of a decision
	Kind        Kind
	AffiliateID string
	// AffiliateStatus is the status at the moment of the decision, of the affiliate
	// or, when worse, of the enrollment in the program: ACTIVE may be credited.
	AffiliateStatus string
	LinkID          string // of a click
	CouponID        string // of a coupon
	At              time.Time
	// Window is the one in force when the touch happened (Q41); 0 means the
	// policy's. Without it, shortening a window would take credit already earned.
	Window time.Duration
	// Position is the place of a coupon in the order's list of codes, 0 first; of
	// two coupons the first listed wins (Q39). Of a person's decision it is the parts
	// of the credit that the affiliate gets. It is 0 for clicks.
	Position int
	// Payable is false for a touch that never earns, such as a bot's click or one
	// on a suspended link; Reason then says why, as a code.
	Payable bool
	Reason  string
	// BuyerIsAffiliate marks a touch whose affiliate, or anyone in its upline, is
	// the buyer (Q46, Q62); SelfVia names the signal, never its value.
	BuyerIsAffiliate bool
	SelfVia          string
}

// Facts is all a decision may know. It is frozen with the decision.
type Facts struct {
	ConversionID string
	OccurredAt   time.Time // the claimed instant of the event
	Touches      []Touch   // at most MaxTouches, ids unique; in any order
	Dropped      int       // touches that existed beyond MaxTouches and were not looked at
}

// Freeze makes facts from all touches known: repeated ids are kept once (the
// first given), and of more than MaxTouches those that are no visits and then the
// latest are kept, the others counted in Dropped: the first click of such a buyer
// is the first of these.
func Freeze(conversionID string, occurredAt time.Time, touches []Touch) Facts {
	kept := make([]Touch, 0, len(touches))
	seen := make(map[string]bool, len(touches))
	for _, t := range touches {
		if !seen[t.ID] {
			seen[t.ID] = true
			kept = append(kept, t)
		}
	}
	slices.SortFunc(kept, byImportance)
	dropped := max(0, len(kept)-MaxTouches)
	f := Facts{ConversionID: conversionID, OccurredAt: occurredAt, Touches: kept[:len(kept)-dropped], Dropped: dropped}
	return f.canonical()
}

// canonical gives the facts in their one form: instants in UTC cut to the
// microsecond, as canon keeps them, and touches ascending by instant, then id.
func (f Facts) canonical() Facts {
	f.OccurredAt = micro(f.OccurredAt)
	f.Touches = slices.Clone(f.Touches)
	for i := range f.Touches {
		f.Touches[i].At = micro(f.Touches[i].At)
	}
	slices.SortStableFunc(f.Touches, byAge)
	return f
}

// Unnamed are the facts without what a person decided.
func (f Facts) Unnamed() Facts {
	f.Touches = slices.DeleteFunc(slices.Clone(f.Touches), func(t Touch) bool { return t.Kind == KindManual })
	return f
}

func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// byAge orders the oldest first.
func byAge(a, b Touch) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) }

// byImportance orders what is not a visit first, then the latest.
func byImportance(a, b Touch) int {
	return cmp.Or(boolFirst(!a.Kind.visit(), !b.Kind.visit()), byAge(b, a))
}

// visit reports whether a touch of the kind is one of many on a buyer's way.
func (k Kind) visit() bool { return k == KindClick || k == KindDirect }

func boolFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
