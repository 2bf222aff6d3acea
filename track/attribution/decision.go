package attribution

import (
	"cmp"
	"slices"
)

// Rule names what decided.
type Rule string

// The rules. The last four credit nobody.
const (
	RuleManual         Rule = "MANUAL"            // a person decided
	RuleLifetime       Rule = "LIFETIME"          // the buyer was bound to the affiliate by an earlier conversion
	RuleFirstCoupon    Rule = "FIRST_COUPON"      // the first listed eligible coupon
	RuleExclusive      Rule = "EXCLUSIVE_COUPON"  // an eligible code that its affiliate alone spreads
	RuleCoupons        Rule = "COUPONS"           // the eligible codes of the strongest sort, alike
	RuleLastClick      Rule = "LAST_CLICK"        // the latest eligible click
	RuleFirstClick     Rule = "FIRST_CLICK"       // the earliest eligible click
	RuleLinear         Rule = "LINEAR"            // every eligible click alike
	RulePosition       Rule = "POSITION"          // eligible clicks by their place in line
	RuleTimeDecay      Rule = "TIME_DECAY"        // eligible clicks, the later the more
	RuleDirect         Rule = "DIRECT_VISIT"      // the buyer came last without a link
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
	ReasonDirect          Reason = "DIRECT_VISIT"      // a visit without a link has nobody to credit
	ReasonOutranked       Reason = "OUTRANKED"         // a kind earlier in the precedence decided
	ReasonSuperseded      Reason = "SUPERSEDED"        // another click, or an earlier listed code, decided
	ReasonNoWeight        Reason = "NO_WEIGHT"         // the model gives nothing to its place or its age
)

const reasonStatusPrefix = "AFFILIATE_"

// Share is a touch's exact fraction of the credit. The shares of a decision have
// one denominator, the least that writes all of them.
type Share struct {
	AffiliateID string
	TouchID     string
	Num, Den    int64 // 0 < Num ≤ Den
}

// Party is an affiliate with all of its shares together.
type Party struct {
	AffiliateID string
	Num         int64 // of the sum over all parties
}

// Exclusion is a touch that got no credit.
type Exclusion struct {
	TouchID string
	Reason  Reason
	Detail  string // for SELF_REFERRAL the signal that showed it
}

// Decision is who gets credit and why nobody else does. Where several affiliates
// share it, AffiliateID is the one with the most, of equals the one whose touch
// came last; TouchID and Kind are of its last touch with a share.
type Decision struct {
	AffiliateID string // empty when nobody gets credit
	TouchID     string
	Kind        Kind
	Rule        Rule
	Shares      []Share     // sum to 1, oldest first, or none
	Excluded    []Exclusion // every other touch, oldest first
}

// Credited reports whether somebody gets credit.
func (d Decision) Credited() bool { return len(d.Shares) > 0 }

// Parties are the affiliates with credit, AffiliateID first and the others by
// ascending id.
func (d Decision) Parties() []Party {
	var all []Party
	for _, s := range d.Shares {
		at := slices.IndexFunc(all, func(p Party) bool { return p.AffiliateID == s.AffiliateID })
		if at < 0 {
			at, all = len(all), append(all, Party{AffiliateID: s.AffiliateID})
		}
		all[at].Num += s.Num
	}
	slices.SortFunc(all, func(a, b Party) int {
		return cmp.Or(boolFirst(a.AffiliateID == d.AffiliateID, b.AffiliateID == d.AffiliateID), cmp.Compare(a.AffiliateID, b.AffiliateID))
	})
	return all
}

// ShareOf gives the share of a touch; the zero Share when it has none.
func (d Decision) ShareOf(touchID string) Share {
	for _, s := range d.Shares {
		if s.TouchID == touchID {
			return s
		}
	}
	return Share{}
}

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
