package earn

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/earn/plan/lint"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commissionplan"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/attribution"
)

// PlanActivateInput is the terms of a plan from an instant on.
type PlanActivateInput struct {
	PlanID       string
	Rules        []plan.Rule // at least one; rules without an id get one
	HoldDays     int         // 0 to 365
	HoldFrom     plan.HoldFrom
	Bonuses      []plan.Bonus  // what is paid beside commission
	Clicks       []plan.Clicks // what clicks are paid
	AutoApprove  bool          // approve by schedule when the hold ends
	RefundPolicy plan.RefundPolicy
	Precedence   plan.Precedence // which rules pay on a line for which several are; the written order is theirs
	Base         plan.Base       // what a line is commissioned on beside its amount
	Caps         []plan.Cap      // the most that is paid in a period, the first first
	Reanchor     bool            // payments that were given back in full are not counted
	Recovery     Recovery        // who bears what is given back of commission that was paid out
	Levels       *levels.Terms   // what the upline of a seller earns; nil for nothing
	Margin       money.Rate      // percent of a sale that is left to pay from, which findings are about; zero for none
	GraceDays    int             // days for which earlier touches keep the terms of before; 0 for none
	Accept       []lint.Code     // findings of severity ERROR that are meant
	// ValidFrom is the first instant the terms apply to, by the time of the event.
	// Zero means now; for the first terms a program ever gets it means every event
	// still accepted, because there were no other terms. Later terms cannot begin
	// in the past: they would change what has been promised.
	ValidFrom time.Time
	// ExpectedVersion is the plan's version the caller has seen; 0 for any.
	ExpectedVersion int
}

// PlanActivateOutcome is the new version.
type PlanActivateOutcome struct {
	PlanID        string
	PlanVersionID string
	Number        int // from 1 within the plan
	// Looked is what was found in the terms, also with an error; a repeat, which has the
	// outcome alone, has nothing.
	Looked Looked `json:"-"`
}

// PlanActivate puts terms into force as a new version that is never edited, and
// makes the plan the program's active one. Commissions already made keep theirs.
// Errors, each with its field: INVALID, TOO_LARGE, TAKEN, CURRENCY_UNKNOWN and
// AMOUNT_RANGE of terms (all faults at once, see Faults), NOT_FOUND for the plan
// or a rule's target, CONFLICT for another expectedVersion; INVALID for a rule or cap
// with a finding of severity ERROR that is not accepted (N31).
func (s *Service) PlanActivate(ctx context.Context, in PlanActivateInput) (PlanActivateOutcome, error) {
	terms := in.terms()
	if err := refused(slices.Concat(check(terms), in.Recovery.faults(), levelFaults(in.Levels))); err != nil {
		return PlanActivateOutcome{}, err
	}
	var looked Looked
	out, err := store.Run(ctx, s.store, store.Command{Name: "commissionPlanActivate", Subject: in.PlanID},
		func(ctx context.Context, tx *store.Tx) (PlanActivateOutcome, error) {
			p, err := lockPlan(ctx, tx, in)
			if err != nil {
				return PlanActivateOutcome{}, err
			}
			if err := checkTargets(ctx, tx.Ent(), terms); err != nil {
				return PlanActivateOutcome{}, err
			}
			from, err := validFrom(ctx, tx, p.ProgramID, in.ValidFrom)
			if err != nil {
				return PlanActivateOutcome{}, err
			}
			if looked, err = look(ctx, tx.Ent(), p.ProgramID, terms, from); err == nil {
				err = unaccepted(terms, looked.Findings, in.Accept)
			}
			if err != nil {
				return PlanActivateOutcome{}, err
			}
			return activate(ctx, tx, p, terms, in, from, worst(looked.Findings))
		})
	out.Looked = looked
	return out, err
}

// terms gives the version without its id and number, which the transaction gives.
// Rules go by their ids, which follow the order in which they are written.
func (in PlanActivateInput) terms() plan.Version {
	v := plan.Version{HoldDays: in.HoldDays, HoldFrom: in.HoldFrom, Bonuses: in.Bonuses, AutoApprove: in.AutoApprove, RefundPolicy: in.RefundPolicy, Precedence: in.Precedence, Base: in.Base, Reanchor: in.Reanchor, Caps: in.Caps, Margin: in.Margin, GraceDays: in.GraceDays, Clicks: in.Clicks}
	if v.HoldFrom == plan.FromEvent {
		v.HoldFrom = "" // likewise
	}
	if v.Precedence == plan.MostSpecific {
		v.Precedence = "" // says nothing more
	}
	if in.Levels != nil {
		v.Levels = in.Levels.Encode()
	}
	if v.RefundPolicy.Mode == plan.RefundProportional {
		v.RefundPolicy.Mode = "" // likewise
	}
	for i, r := range in.Rules {
		if r.ID == "" {
			r.ID = fmt.Sprintf("r%04d", i+1)
		}
		r.From, r.Until = instant(r.From), instant(r.Until)
		r.When = folded(r.When)
		v.Rules = append(v.Rules, r)
	}
	return v
}

// folded gives a copy of a condition with its coupon codes in the form in which
// codes are compared (Q40).
func folded(c *plan.Condition) *plan.Condition {
	if c == nil {
		return nil
	}
	out := *c
	out.CouponCodes, out.All, out.Any, out.Not = nil, nil, nil, folded(c.Not)
	for _, code := range c.CouponCodes {
		out.CouponCodes = append(out.CouponCodes, attribution.CouponKey(code))
	}
	for i := range c.All {
		out.All = append(out.All, *folded(&c.All[i]))
	}
	for i := range c.Any {
		out.Any = append(out.Any, *folded(&c.Any[i]))
	}
	return &out
}

// instant cuts an instant to what is stored of one.
func instant(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Microsecond)
}

// lockPlan reads the plan under the lock of its program. Without the lock two
// activations at once would both take the next number, or leave the program
// with two active plans.
func lockPlan(ctx context.Context, tx *store.Tx, in PlanActivateInput) (*ent.CommissionPlan, error) {
	seen, err := tx.Ent().CommissionPlan.Get(ctx, in.PlanID)
	if err != nil {
		return nil, missing(err, "planId", "plan")
	}
	if err := tx.Lock(ctx, "programs", seen.ProgramID); err != nil {
		return nil, err
	}
	p, err := tx.Ent().CommissionPlan.Get(ctx, in.PlanID)
	if err != nil {
		return nil, err
	}
	if in.ExpectedVersion != 0 && in.ExpectedVersion != p.Version {
		return nil, problem.At(problem.Conflict, "expectedVersion", "the plan has changed since; its version is %d", p.Version)
	}
	return p, nil
}

func activate(ctx context.Context, tx *store.Tx, p *ent.CommissionPlan, terms plan.Version, in PlanActivateInput, from time.Time, accepted string) (PlanActivateOutcome, error) {
	var err error
	if terms.Number, err = nextNumber(ctx, tx, p.ID); err != nil {
		return PlanActivateOutcome{}, err
	}
	if terms.Recurred, err = recurred(ctx, tx, p.ProgramID, terms); err != nil {
		return PlanActivateOutcome{}, err
	}
	terms.ID = tx.ID(id.PlanVersion)
	if err := saveVersion(ctx, tx, p, terms, in.Recovery, from); err != nil {
		return PlanActivateOutcome{}, err
	}
	if err := notify(ctx, tx, p.ProgramID, terms.ID); err != nil {
		return PlanActivateOutcome{}, err
	}
	if err := makeActive(ctx, tx, p); err != nil {
		return PlanActivateOutcome{}, err
	}
	note := map[string]string{"version": fmt.Sprintf("%d → %d", terms.Number-1, terms.Number)}
	if accepted != "" {
		note["accepted"] = accepted
	}
	tx.Note(p.ID, note)
	tx.Emit(store.Event{Type: "plan.activated", Subject: p.ID, ProgramID: p.ProgramID, Facts: canon.Facts{
		"plan_version_id": terms.ID,
		"number":          fmt.Sprint(terms.Number),
		"valid_from":      from.Format(time.RFC3339Nano),
	}})
	return PlanActivateOutcome{PlanID: p.ID, PlanVersionID: terms.ID, Number: terms.Number}, nil
}

func nextNumber(ctx context.Context, tx *store.Tx, planID string) (int, error) {
	last, err := tx.Ent().PlanVersion.Query().Where(planversion.PlanID(planID)).
		Order(ent.Desc(planversion.FieldNumber)).First(ctx)
	if ent.IsNotFound(err) {
		return 1, nil
	}
	if err != nil {
		return 0, err
	}
	return last.Number + 1, nil
}

// recurred reports whether these or earlier terms of the program look at payments.
func recurred(ctx context.Context, tx *store.Tx, programID string, terms plan.Version) (bool, error) {
	last, err := tx.Ent().PlanVersion.Query().Where(planversion.HasPlanWith(commissionplan.ProgramID(programID))).
		Order(ent.Desc(planversion.FieldCreatedAt, planversion.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return terms.Recurs(), nil
	}
	if err != nil {
		return false, err
	}
	v, err := plan.DecodeVersion(last.Document)
	return terms.Recurs() || v.Recurred, err
}

// validFrom gives the first instant of the program's next terms.
func validFrom(ctx context.Context, tx *store.Tx, programID string, wish time.Time) (time.Time, error) {
	from, had, err := begins(ctx, tx.Ent(), programID, wish, tx.MerchantTime())
	if err == nil && had && from.Before(tx.MerchantTime()) {
		err = problem.At(problem.Invalid, "validFrom", "must not be in the past: the program has had terms before")
	}
	return from, err
}

func saveVersion(ctx context.Context, tx *store.Tx, p *ent.CommissionPlan, v plan.Version, r Recovery, from time.Time) error {
	return tx.Ent().PlanVersion.Create().SetID(v.ID).SetPlanID(p.ID).SetNumber(v.Number).
		SetDocument(v.Encode()).SetValidFrom(from).SetHoldDays(v.HoldDays).SetAutoApprove(v.AutoApprove).
		SetRecovery(cmp.Or(r.Mode, planversion.DefaultRecovery)).SetRecoveryDays(r.Days).Exec(ctx)
}

// makeActive retires the program's other active plan, if it has one.
func makeActive(ctx context.Context, tx *store.Tx, p *ent.CommissionPlan) error {
	err := tx.Ent().CommissionPlan.Update().
		Where(commissionplan.ProgramID(p.ProgramID), commissionplan.StatusEQ(commissionplan.StatusACTIVE), commissionplan.IDNEQ(p.ID)).
		SetStatus(commissionplan.StatusARCHIVED).Exec(ctx)
	if err != nil {
		return err
	}
	return tx.Ent().CommissionPlan.UpdateOneID(p.ID).SetStatus(commissionplan.StatusACTIVE).Exec(ctx)
}
