package earn

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/earn/plan/lint"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commissionplan"
	"github.com/tributary/tributary/ent/ledgeraccount"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// PlanLint looks at terms as PlanActivate would, and writes nothing (N31). Errors: the
// faults of terms that PlanActivate finds, but for findings.
func (s *Service) PlanLint(ctx context.Context, in PlanActivateInput) (Looked, error) {
	terms := in.terms()
	if err := refused(append(check(terms), in.Recovery.faults()...)); err != nil {
		return Looked{}, err
	}
	c := s.store.Client()
	row, err := c.CommissionPlan.Get(ctx, in.PlanID)
	if err != nil {
		return Looked{}, missing(err, "planId", "plan")
	}
	if err := checkTargets(ctx, c, terms); err != nil {
		return Looked{}, err
	}
	from, _, err := begins(ctx, c, row.ProgramID, in.ValidFrom, s.store.MerchantTime(ctx))
	if err != nil {
		return Looked{}, err
	}
	return look(ctx, c, row.ProgramID, terms, from)
}

// Looked is what looking at terms found.
type Looked struct {
	lint.Report
	Terms plan.Version
}

// Findings looks at a version as it was put into force.
func (s *Service) Findings(ctx context.Context, row *ent.PlanVersion) (Looked, error) {
	terms, err := plan.DecodeVersion(row.Document)
	if err != nil {
		return Looked{}, err
	}
	p, err := s.store.Client().CommissionPlan.Get(ctx, row.PlanID)
	if err != nil {
		return Looked{}, err
	}
	return look(ctx, s.store.Client(), p.ProgramID, terms, row.ValidFrom)
}

// look runs the linter on terms of a program. The currencies in use are the program's
// and those in which the merchant's book has had an expense.
func look(ctx context.Context, c *ent.Client, programID string, terms plan.Version, from time.Time) (Looked, error) {
	p, err := c.Program.Get(ctx, programID)
	if err != nil {
		return Looked{}, err
	}
	accounts, err := c.LedgerAccount.Query().Where(ledgeraccount.KindEQ(ledgeraccount.KindEXPENSE)).
		Order(ent.Asc(ledgeraccount.FieldCurrency)).All(ctx)
	if err != nil {
		return Looked{}, err
	}
	setting := lint.Setting{Currency: p.Currency, From: from, Margin: terms.Margin}
	for _, a := range accounts {
		setting.Currencies = append(setting.Currencies, a.Currency)
	}
	if setting.Zone, err = time.LoadLocation(p.TimeZone); err != nil {
		return Looked{}, fmt.Errorf("the program's time zone: %w", err)
	}
	return Looked{lint.Check(terms, setting), terms}, nil
}

// begins gives the first instant of a program's next terms, and whether it has had
// others.
func begins(ctx context.Context, c *ent.Client, programID string, wish, now time.Time) (from time.Time, had bool, err error) {
	had, err = c.PlanVersion.Query().Where(planversion.HasPlanWith(commissionplan.ProgramID(programID))).Exist(ctx)
	switch {
	case !wish.IsZero():
		return wish.UTC().Truncate(time.Microsecond), had, err
	case had:
		return now, had, err
	}
	return now.Add(-order.MaxAge), had, err
}

// unaccepted refuses terms with what cannot be meant, unless it is accepted by name.
func unaccepted(terms plan.Version, found []lint.Finding, accepted []lint.Code) error {
	var faults []*problem.Error
	for _, f := range found {
		if f.Severity == lint.Error && !slices.Contains(accepted, f.Code) {
			faults = append(faults, problem.At(problem.Invalid, fieldOf(terms, f), "%s: %s Name it in acceptFindings if it is meant.", f.Code, f.Text))
		}
	}
	return refused(faults)
}

func fieldOf(terms plan.Version, f lint.Finding) string {
	if len(f.Rules) == 0 {
		return fmt.Sprintf("caps.%d", f.Caps[0])
	}
	return fmt.Sprintf("rules.%d", slices.IndexFunc(terms.Rules, func(r plan.Rule) bool { return r.ID == f.Rules[0] }))
}

// worst spells the codes that were accepted, for the audit.
func worst(found []lint.Finding) string {
	var codes []string
	for _, f := range found {
		if f.Severity == lint.Error && !slices.Contains(codes, string(f.Code)) {
			codes = append(codes, string(f.Code))
		}
	}
	return strings.Join(codes, ", ")
}
