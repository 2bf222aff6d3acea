package levels

import (
	"fmt"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Limits of terms.
const (
	MaxTerms     = 100 // further levels go by AndAbove
	MaxDays      = 366
	MaxRateScale = 6
	maxSalePct   = 100
	maxLowerPct  = 1000
)

// Validate gives every fault of the terms with the path of its field. Levels
// without an end that are paid of the sale need a maximum: their sum has none.
func (t Terms) Validate() (faults []*problem.Error) {
	add := func(code problem.Code, field, format string, a ...any) {
		faults = append(faults, problem.At(code, field, format, a...))
	}
	if len(t.Levels) == 0 || len(t.Levels) > MaxTerms {
		add(problem.Invalid, "levels", "must be between 1 and %d", MaxTerms)
	}
	for i, one := range t.Levels {
		if fault := one.fault(fmt.Sprintf("levels.%d.", i)); fault != nil {
			faults = append(faults, fault)
		}
	}
	if t.AndAbove && len(t.Levels) > 0 && t.Levels[len(t.Levels)-1].Mode == OfSale && t.MaxTotal.Num == 0 {
		add(problem.Invalid, "maxTotalPayoutPercent", "levels without an end, paid of the sale, need a maximum")
	}
	if t.MaxTotal.Num != 0 && !percent(t.MaxTotal, maxSalePct) {
		add(problem.Invalid, "maxTotalPayoutPercent", "must be above 0 and at most 100, with at most %d decimals", MaxRateScale)
	}
	if t.Cut != "" && t.Cut != FarthestFirst && t.Cut != Proportional {
		add(problem.Invalid, "cutOrder", "must be FARTHEST_FIRST or PROPORTIONAL")
	}
	return append(append(faults, t.policyFaults()...), t.Qualification.faults()...)
}

func (t Terms) policyFaults() (faults []*problem.Error) {
	for field, p := range map[string]Policy{"onInactive": t.OnInactive, "onUnqualified": t.OnUnqualified} {
		switch p {
		case "", Skip, Compress, Hold, Stop:
		default:
			faults = append(faults, problem.At(problem.Invalid, field, "must be SKIP, COMPRESS, HOLD or STOP"))
		}
	}
	return faults
}

func (t Term) fault(path string) *problem.Error {
	switch most := int64(maxSalePct); t.Mode {
	case OfLower:
		most = maxLowerPct
		fallthrough
	case OfSale, NetOverride:
		if !percent(t.Rate, most) {
			return problem.At(problem.Invalid, path+"rate", "must be above 0 and at most %d, with at most %d decimals", most, MaxRateScale)
		}
		return nil
	}
	return problem.At(problem.Invalid, path+"mode", "must be OF_SALE, OF_LOWER or NET_OVERRIDE")
}

// percent reports a rate above zero and not above most.
func percent(r money.Rate, most int64) bool {
	if r.Num <= 0 || r.Scale > MaxRateScale {
		return false
	}
	for range r.Scale {
		most *= 10
	}
	return r.Num <= most
}

func (q Qualification) faults() (faults []*problem.Error) {
	asked := q.Sales != 0 || q.Amount.Minor != 0
	if q.Days < 0 || q.Days > MaxDays || asked && q.Days == 0 {
		faults = append(faults, problem.At(problem.Invalid, "qualification.days", "must be between 1 and %d", MaxDays))
	}
	if q.Sales < 0 {
		faults = append(faults, problem.At(problem.Invalid, "qualification.sales", "must not be negative"))
	}
	if q.Amount.Minor < 0 || q.Amount.Minor != 0 && q.Amount.Currency == "" {
		faults = append(faults, problem.At(problem.Invalid, "qualification.amount", "must be an amount, not negative"))
	}
	return faults
}
