package attribution

// Rule names what decided.
type Rule string

// The rules. The last three credit nobody.
const (
	RuleLastClick      Rule = "LAST_CLICK"        // the latest eligible click
	RuleFirstCoupon    Rule = "FIRST_COUPON"      // the first listed eligible coupon
	RuleNoTouch        Rule = "NO_TOUCH"          // there was no touch at all
	RuleNoEligible     Rule = "NO_ELIGIBLE_TOUCH" // every touch was excluded
	RuleWinnerInactive Rule = "WINNER_INACTIVE"   // the winner is not active and the policy says NONE
)

// Reason says why a touch got no credit. A touch that is not payable keeps the
// reason it came with (BOT, LINK_SUSPENDED, …); one of an affiliate who is not
// active gets AFFILIATE_ and the status (AFFILIATE_SUSPENDED, …).
type Reason string

// The reasons that this package gives. When several apply, the first in this
// order is kept; not payable comes before all, the affiliate's status after
// SELF_REFERRAL.
const (
	ReasonNotPayable      Reason = "NOT_PAYABLE"       // came without a reason of its own
	ReasonKindNotCredited Reason = "KIND_NOT_CREDITED" // the policy does not list the kind
	ReasonAfter           Reason = "AFTER_CONVERSION"  // happened after the conversion
	ReasonExpired         Reason = "WINDOW_EXPIRED"    // its window had ended
	ReasonSelfReferral    Reason = "SELF_REFERRAL"     // the affiliate or its upline is the buyer
	ReasonOutranked       Reason = "OUTRANKED"         // a kind earlier in the precedence decided
	ReasonSuperseded      Reason = "SUPERSEDED"        // a later click or an earlier listed code decided
)

const reasonStatusPrefix = "AFFILIATE_"

// Share is an exact fraction of the credit.
type Share struct {
	AffiliateID string
	TouchID     string
	Num, Den    int64 // in lowest terms, 0 < Num ≤ Den
}

// Exclusion is a touch that got no credit.
type Exclusion struct {
	TouchID string
	Reason  Reason
	Detail  string // for SELF_REFERRAL the signal that showed it
}

// Decision is who gets credit and why nobody else does.
type Decision struct {
	AffiliateID string // empty when nobody gets credit
	TouchID     string
	Kind        Kind
	Rule        Rule
	Shares      []Share     // sum to 1, or none
	Excluded    []Exclusion // every other touch, oldest first
}

// Credited reports whether somebody gets credit.
func (d Decision) Credited() bool { return len(d.Shares) > 0 }

// Excludes reports whether a touch was excluded for the given reason, such as
// ReasonSelfReferral.
func (d Decision) Excludes(r Reason) bool {
	for _, e := range d.Excluded {
		if e.Reason == r {
			return true
		}
	}
	return false
}
