package levels

import "github.com/tributary/tributary/internal/money"

// Mode is what a level's rate is a percentage of.
type Mode string

// The modes of a level.
const (
	OfSale      Mode = "OF_SALE"      // of the sale's base
	OfLower     Mode = "OF_LOWER"     // of the nearest commission below that is paid or held
	NetOverride Mode = "NET_OVERRIDE" // of the sale's base, less all that was earned below; nothing if that is more
)

// Term is what one level earns.
type Term struct {
	Mode Mode
	Rate money.Rate // percent: 7.5 means 7.5 %
}

// Policy is what becomes of a level whose member may not earn.
type Policy string

// The policies.
const (
	Skip     Policy = "SKIP"     // the level is lost
	Compress Policy = "COMPRESS" // the next who may earn takes the level
	Hold     Policy = "HOLD"     // it is reckoned and waits for the member's return
	Stop     Policy = "STOP"     // this level and all above it are lost
)

// CutOrder says who is cut when the maximum is passed.
type CutOrder string

// The orders.
const (
	FarthestFirst CutOrder = "FARTHEST_FIRST" // the highest level first
	Proportional  CutOrder = "PROPORTIONAL"   // all levels alike
)

// Qualification is the activity of its own that a member needs; zero values ask
// for nothing. Both bounds are inclusive.
type Qualification struct {
	Days   int         // length of the window before the sale, for who gathers the facts
	Sales  int64       // own sales in the window
	Amount money.Money // sum of their bases; for sales in its currency only
}

// Terms is what a plan version says about its levels.
type Terms struct {
	Levels        []Term // from the seller's recruiter upwards
	AndAbove      bool   // the last of them is every further level's, too
	OnInactive    Policy // for who is not active, and for the buyer; SKIP when empty
	OnUnqualified Policy // for who has not sold enough; SKIP when empty
	Qualification Qualification
	MaxTotal      money.Rate // percent of the sale for seller and levels together; zero for none
	Cut           CutOrder   // FARTHEST_FIRST when empty
}

// at gives the term of a level, or none.
func (t Terms) at(level int) (Term, bool) {
	switch {
	case level <= len(t.Levels):
		return t.Levels[level-1], true
	case t.AndAbove && len(t.Levels) > 0:
		return t.Levels[len(t.Levels)-1], true
	}
	return Term{}, false
}
