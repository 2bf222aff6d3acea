package earn

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/simulationdifference"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
)

// What goals would come to. A bonus of the same name is the same bonus, with the amount
// that it was made with, as when terms change from one day to the next; those that the
// terms do not name are left alone. Bonuses for joining and recruiting are owed for no
// conversion and are not looked at.

// bonuses finds what goals of the periods that the simulated days touch would change.
func (w *simulating) bonuses(ctx context.Context) error {
	made, err := w.madeBonuses(ctx)
	if err != nil {
		return err
	}
	if w.sights != nil {
		for _, k := range slices.SortedFunc(maps.Keys(w.sights.seen), compareSights) {
			if !w.sights.seen[k].inside {
				continue
			}
			for _, b := range w.sights.goals {
				if b.Period == k.period && b.Amount.Currency == k.currency {
					if err := w.bonus(ctx, b, k, made); err != nil {
						return err
					}
				}
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(made)) {
		w.leaveBonus(made[key])
	}
	return nil
}

func compareSights(a, b sightKey) int {
	return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.affiliate, b.affiliate), cmp.Compare(a.currency, b.currency), cmp.Compare(a.period, b.period))
}

// madeBonuses reads the bonuses for goals that there are, by what they are owed for, of
// the days around the simulated ones.
func (w *simulating) madeBonuses(ctx context.Context) (map[string]*ent.Commission, error) {
	from, until := w.sim.PeriodFrom, w.sim.PeriodUntil
	if w.sights != nil {
		from, until = w.sights.bounds(from, until)
	}
	query := w.client.Commission.Query().Where(commission.ProgramID(w.sim.ProgramID), commission.KindEQ(commission.KindBONUS), commission.EarnedAtGTE(from))
	if !until.IsZero() {
		query.Where(commission.EarnedAtLT(until))
	}
	made := map[string]*ent.Commission{}
	for last := ""; ; {
		rows, err := query.Clone().Where(commission.IDGT(last)).Order(commission.ByID()).Limit(simulatePage).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, c := range rows {
			made[*c.OnceKey], last = c, c.ID
		}
		if len(rows) < simulatePage {
			return made, w.beat(ctx)
		}
	}
}

// bonus sets what one goal of one period would come to beside what it has.
func (w *simulating) bonus(ctx context.Context, b plan.Bonus, k sightKey, made map[string]*ent.Commission) error {
	reached := w.sights.seen[k].goals[b.Name]
	begin := time.Unix(k.begin, 0)
	for nth := 1; nth <= plan.MaxMultiples; nth++ {
		key := bonusKey(w.program.ID, b.Name, k.affiliate, begin, nth)
		c := made[key]
		delete(made, key)
		switch {
		case c == nil && nth > len(reached):
			continue
		case c == nil:
			w.keepBonus(recounted{kind: commission.KindBONUS, affiliate: k.affiliate, amount: b.Amount.Minor, left: b.Amount.Minor, bytes: []byte(reached[nth-1].UTC().Format(time.RFC3339Nano))}, k, key)
			continue
		}
		r := standing(c)
		r.left = leftOf(c)
		if c.Status != commission.StatusREJECTED && nth <= len(reached) {
			r.left, r.absorbed = r.amount, 0
		} else if r.left > 0 && nth > len(reached) {
			takes, err := w.takes(ctx, b, c)
			if err != nil {
				return err
			}
			if takes {
				r.left, r.absorbed = 0, 0
			}
		}
		w.keepBonus(r, k, key)
	}
	return nil
}

// takes reports whether a bonus would be taken back whose goal is reached no more.
func (w *simulating) takes(ctx context.Context, b plan.Bonus, c *ent.Commission) (bool, error) {
	if b.Keep || c.ReversedMinor > 0 || held(c) {
		return !b.Keep && c.ReversedMinor == 0, nil
	}
	paid, err := store.Run(ctx, w.store, store.Command{Name: "simulationRead", Subject: w.sim.ID, Quiet: true}, func(ctx context.Context, tx *store.Tx) (bool, error) {
		return w.ledger.PaidOut(ctx, tx, booked(c), c.AffiliateID, bookCurrency(c))
	})
	return !paid, err
}

func (w *simulating) keepBonus(r recounted, k sightKey, key string) {
	side, before := w.side(k.currency, r.affiliate), int64(0)
	if r.was != nil {
		before = leftOf(r.was)
	}
	side.Before, side.After = side.Before+before, side.After+r.left
	if r.was != nil && r.left == before {
		return
	}
	row := foundRow{recounted: r, sort: simulationdifference.KindCHANGED, currency: k.currency, once: key}
	switch {
	case r.was == nil:
		row.reason = simulationdifference.ReasonBEGINS
	case r.left == 0:
		row.reason = simulationdifference.ReasonENDS
	default:
		row.reason = simulationdifference.ReasonMORE
	}
	w.changed++
	w.rows = append(w.rows, row)
}

// leaveBonus notes one that the terms do not name, of the simulated days.
func (w *simulating) leaveBonus(c *ent.Commission) {
	if c.EarnedAt.Before(w.sim.PeriodFrom) || !c.EarnedAt.Before(w.sim.PeriodUntil) {
		return
	}
	r := standing(c)
	r.left = leftOf(c)
	side := w.side(c.Currency, c.AffiliateID)
	side.Before, side.After = side.Before+r.left, side.After+r.left
	w.pinned++
	w.rows = append(w.rows, foundRow{recounted: r, sort: simulationdifference.KindPINNED, reason: simulationdifference.ReasonTIED, currency: c.Currency})
}

// applyBonuses posts what a simulation changes of bonuses, each once and in a
// transaction of its own.
func (s *Service) applyBonuses(ctx context.Context, row *ent.Simulation) error {
	for {
		next, err := s.store.Client().SimulationDifference.Query().Where(simulationdifference.SimulationID(row.ID), simulationdifference.OutcomeIsNil(),
			simulationdifference.KindEQ(simulationdifference.KindCHANGED), simulationdifference.CommissionKindEQ(simulationdifference.CommissionKindBONUS)).
			Order(simulationdifference.ByID()).Limit(simulatePage).All(ctx)
		if err != nil || len(next) == 0 {
			return err
		}
		for _, d := range next {
			if err := s.applyBonus(ctx, row, d); err != nil {
				return err
			}
		}
	}
}

func (s *Service) applyBonus(ctx context.Context, row *ent.Simulation, d *ent.SimulationDifference) error {
	return s.holding(ctx, row, func(ctx context.Context, tx *store.Tx, set *ent.SimulationUpdateOne) error {
		terms, err := termsNamed(ctx, tx, *row.PlanVersionID)
		if err != nil {
			return err
		}
		done, err := s.postBonus(ctx, tx, row, d, terms)
		if err != nil {
			return err
		}
		set.AddDone(1)
		outcome := tx.Ent().SimulationDifference.UpdateOneID(d.ID).SetOutcome(simulationdifference.OutcomeAPPLIED)
		if !done {
			set.AddSkipped(1)
			outcome.SetOutcome(simulationdifference.OutcomeSKIPPED).SetReason(simulationdifference.ReasonCHANGED_SINCE)
		}
		return outcome.Exec(ctx)
	})
}

// postBonus brings a bonus to what was found; false when it is not as it was.
func (s *Service) postBonus(ctx context.Context, tx *store.Tx, sim *ent.Simulation, d *ent.SimulationDifference, terms plan.Version) (bool, error) {
	program, err := tx.Ent().Program.Get(ctx, sim.ProgramID)
	if err != nil {
		return false, err
	}
	w := &work{tx: tx, program: program, sale: &ent.Conversion{ProgramID: sim.ProgramID, Currency: d.Currency}, why: ledger.Cause{ID: sim.ID}}
	if err := w.hold(ctx, terms, []string{*d.AffiliateID}); err != nil {
		return false, err
	}
	rows, err := tx.Ent().Commission.Query().Where(commission.AffiliateID(*d.AffiliateID), commission.OnceKey(*d.OnceKey)).All(ctx)
	if err != nil {
		return false, err
	}
	if d.CommissionID != nil {
		if len(rows) != 1 || rows[0].ID != *d.CommissionID || leftOf(rows[0]) != d.BeforeLeftMinor {
			return false, nil
		}
		return true, s.bring(ctx, w, rows[0], d.AfterMinor-d.AfterLeftMinor, causeRecount)
	}
	if len(rows) > 0 {
		return false, nil
	}
	at, err := time.Parse(time.RFC3339Nano, string(d.Trace))
	if err != nil {
		return false, err
	}
	name := strings.Split(*d.OnceKey, ":")[2]
	b, known := terms.Bonus(name)
	if !known {
		return false, fmt.Errorf("earn: the terms know no bonus %q", name)
	}
	w.sale.OccurredAt = at
	return true, s.owe(ctx, w, terms, owed{kind: commission.KindBONUS, bonus: b, key: *d.OnceKey, affiliate: *d.AffiliateID, at: at, cause: sim.ID, late: true})
}
