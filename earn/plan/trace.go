package plan

import (
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Trace is what is kept with a commission: the input, the version and rule that
// applied, and the result, so that it can be computed again. It holds ids and
// integers only.
type Trace struct {
	VersionID string
	Number    int
	RuleID    string // "" when no rule applied
	Reason    Reason
	Input     Input // in its normal form
	Amount    money.Money
	Lines     []LineOut
}

// belongsTo returns CONFLICT unless v is the version that made the trace.
func (t Trace) belongsTo(v Version) error {
	if v.ID != t.VersionID || v.Number != t.Number {
		return problem.New(problem.Conflict, "the commission was made by another plan version")
	}
	return nil
}
