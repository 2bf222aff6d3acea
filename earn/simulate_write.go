package earn

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/simulation"
	"github.com/tributary/tributary/ent/simulationdifference"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
)

// How much is found before it is written, and written by one statement: SQLite's driver
// looks for each value among all of a statement. How many conversions are gone through
// before somebody hears of it.
const (
	foundMost     = 4000
	foundRows     = 250
	foundRowsLite = 12
	heardEvery    = 5000
)

// atOnce is how many rows are written by one statement.
func (w *walk) atOnce() int {
	if w.store.Postgres() {
		return foundRows
	}
	return foundRowsLite
}

// begin says where in the journal the reading begins, and how much there is.
func (w *simulating) begin(ctx context.Context) error {
	head, err := w.store.HeadOf(ctx, w.program.MerchantID)
	if err != nil {
		return err
	}
	n, err := w.client.Conversion.Query().Where(conversion.ProgramID(w.sim.ProgramID), conversion.RatingIn(decided...),
		conversion.OccurredAtGTE(w.sim.PeriodFrom), conversion.OccurredAtLT(w.sim.PeriodUntil)).Count(ctx)
	if err != nil {
		return err
	}
	w.sim.Total = int64(n)
	return w.holding(ctx, w.sim, func(_ context.Context, tx *store.Tx, set *ent.SimulationUpdateOne) error {
		set.SetTotal(w.sim.Total).SetJournalPosition(head)
		w.sim.Done = 0
		emitSimulation(tx, w.sim)
		return nil
	})
}

// flush writes what was found once it is much, or when nobody has heard for long.
func (w *simulating) flush(ctx context.Context) error {
	if len(w.rows) < foundMost && w.done-w.sim.Done < heardEvery {
		return nil
	}
	return w.write(ctx, nil)
}

// write writes what was found.
func (w *simulating) write(ctx context.Context, more func(ctx context.Context, tx *store.Tx, set *ent.SimulationUpdateOne) error) error {
	tenth := w.done*10/max(1, w.sim.Total) > w.sim.Done*10/max(1, w.sim.Total)
	err := w.holding(ctx, w.sim, func(ctx context.Context, tx *store.Tx, set *ent.SimulationUpdateOne) error {
		for rows := range slices.Chunk(w.rows, w.atOnce()) {
			if err := w.insert(ctx, tx, rows); err != nil {
				return err
			}
		}
		set.SetDone(w.done).SetLookedAt(w.looked).SetChanged(w.changed).SetPinnedRows(w.pinned)
		if more != nil {
			return more(ctx, tx, set)
		}
		if tenth {
			told := *w.sim
			told.Done = w.done
			emitSimulation(tx, &told)
		}
		return nil
	})
	if err == nil {
		w.rows, w.sim.Done = w.rows[:0], w.done
	}
	return err
}

func (w *simulating) insert(ctx context.Context, tx *store.Tx, rows []foundRow) error {
	all := make([]*ent.SimulationDifferenceCreate, len(rows))
	for i, r := range rows {
		c := tx.Ent().SimulationDifference.Create().SetID(tx.ID(id.Difference)).SetSimulationID(w.sim.ID).SetKind(r.sort).SetReason(r.reason).
			SetCommissionKind(simulationdifference.CommissionKind(r.kind)).SetSellerID(r.seller).SetWaits(r.waits).
			SetNillableConversionID(orNobody(r.conversion)).SetNillableAffiliateID(orNobody(r.affiliate)).SetNillableOnceKey(orNobody(r.once)).SetLevel(r.level).SetCurrency(r.currency).
			SetBeforeMinor(0).SetBeforeLeftMinor(0).SetAfterMinor(r.amount).SetAfterLeftMinor(r.left).SetAbsorbedMinor(r.absorbed).SetSeen(r.seen)
		if r.was != nil {
			c.SetCommissionID(r.was.ID).SetBeforeMinor(r.was.AmountMinor).SetBeforeLeftMinor(leftOf(r.was))
		}
		if r.bytes != nil {
			c.SetTrace(r.bytes)
		} else if r.trace.VersionID != "" {
			c.SetTrace(r.trace.Encode())
		}
		all[i] = c
	}
	return tx.Ent().SimulationDifference.CreateBulk(all...).Exec(ctx)
}

// leftOf is what is left of a commission; of one that was rejected, nothing.
func leftOf(c *ent.Commission) int64 {
	if c.Status == commission.StatusREJECTED {
		return 0
	}
	return c.AmountMinor - c.ReversedMinor
}

// SimulationTotal is a sum over all affiliates.
type SimulationTotal struct {
	Currency      money.Currency
	Before, After int64
}

// SimulationTotals gives the sums of a simulation, by currency; none before it is done.
func SimulationTotals(row *ent.Simulation) (all []SimulationTotal, err error) {
	if row.Totals != nil {
		err = json.Unmarshal(row.Totals, &all)
	}
	return all, err
}

// end writes the sums, and that it is done.
func (w *simulating) end(ctx context.Context) error {
	totals := map[money.Currency]*SimulationTotal{}
	who := slices.SortedFunc(maps.Keys(w.people), func(a, b purse) int {
		return cmp.Or(cmp.Compare(a.affiliate, b.affiliate), cmp.Compare(a.currency, b.currency))
	})
	for _, p := range who {
		if totals[p.currency] == nil {
			totals[p.currency] = &SimulationTotal{Currency: p.currency}
		}
		totals[p.currency].Before += w.people[p].Before
		totals[p.currency].After += w.people[p].After
	}
	all := []SimulationTotal{}
	for _, c := range slices.Sorted(maps.Keys(totals)) {
		all = append(all, *totals[c])
	}
	sums, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return w.write(ctx, func(ctx context.Context, tx *store.Tx, set *ent.SimulationUpdateOne) error {
		for some := range slices.Chunk(who, w.atOnce()) {
			if err := w.insertPeople(ctx, tx, some); err != nil {
				return err
			}
		}
		set.SetTotals(sums).SetHash(hex.EncodeToString(w.hash.Sum(nil))).SetStatus(simulation.StatusDONE)
		told := *w.sim
		told.Status, told.Done = simulation.StatusDONE, w.done
		emitSimulation(tx, &told)
		return nil
	})
}

func (w *simulating) insertPeople(ctx context.Context, tx *store.Tx, who []purse) error {
	rows := make([]*ent.SimulationAffiliateCreate, len(who))
	for i, p := range who {
		rows[i] = tx.Ent().SimulationAffiliate.Create().SetID(tx.ID(id.Simulated)).SetSimulationID(w.sim.ID).SetAffiliateID(p.affiliate).
			SetCurrency(p.currency).SetBeforeMinor(w.people[p].Before).SetAfterMinor(w.people[p].After)
	}
	return tx.Ent().SimulationAffiliate.CreateBulk(rows...).Exec(ctx)
}
