package earn

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"sync"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/simulationdifference"
)

// simulatePage is how many conversions are read at once, and with their rows held.
const simulatePage = 500

// walk goes through the conversions of a period in the order of events.
type walk struct {
	*Service
	sim     *ent.Simulation
	client  *ent.Client
	program *ent.Program
	last    *ent.Conversion // read
	read    int             // pages, since it was said that the work goes on
	hash    hash.Hash
}

// simulating is a simulation under way.
type simulating struct {
	walk
	now      *known
	history  []historic // latest first
	versions map[string]*known
	sums     *tallies
	recounts map[string]bool // versions that a simulation made
	counting bool            // some terms looked at what was counted
	sights   *sights         // what whole periods come to; nil where the terms follow none

	foreseeing bool // it is the first of two walks
	found
}

// historic is a version with its first instant.
type historic struct {
	from time.Time
	*known
}

// newWalk opens a walk over the period of a simulation.
func (s *Service) newWalk(ctx context.Context, sim *ent.Simulation) (walk, error) {
	w := walk{Service: s, sim: sim, client: s.store.Client(), hash: sha256.New()}
	var err error
	w.program, err = w.client.Program.Get(ctx, sim.ProgramID)
	return w, err
}

// simulating computes a simulation.
func (s *Service) simulating(ctx context.Context, sim *ent.Simulation) error {
	w, err := s.newSimulating(ctx, sim)
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{w.begin, w.foresee, w.countEarlier, w.pages, w.adjustments, w.bonuses, w.end} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) newSimulating(ctx context.Context, sim *ent.Simulation) (*simulating, error) {
	base, err := s.newWalk(ctx, sim)
	if err != nil {
		return nil, err
	}
	w := &simulating{walk: base, versions: map[string]*known{}, recounts: map[string]bool{}, found: found{people: map[purse]*sides{}}}
	v, err := plan.DecodeVersion(sim.Terms)
	if err != nil {
		return nil, err
	}
	w.now = knownAs(v)
	rows, err := w.termsUntil(ctx)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		k, err := w.know(row)
		if err != nil {
			return nil, err
		}
		w.counting = w.counting || k.Counts()
		w.recounts[row.ID] = row.Recount
		if !row.Recount {
			w.history = append(w.history, historic{row.ValidFrom, k})
		}
	}
	w.sums, err = newTallies(v, w.program)
	return w, err
}

// know makes a version ready, and says whether it pays as the simulation does.
func (w *simulating) know(row *ent.PlanVersion) (*known, error) {
	v, err := plan.DecodeVersion(row.Document)
	if err != nil {
		return nil, err
	}
	k := knownAs(v)
	k.same = v.Same(w.now.Version)
	w.versions[row.ID] = k
	return k, nil
}

// inForce gives the terms that were in force at an instant; none when there were none.
func (w *simulating) inForce(at time.Time) *known {
	for _, h := range w.history {
		if !h.from.After(at) {
			return h.known
		}
	}
	return knownAs(plan.Version{})
}

// pages computes the conversions of the period again, page by page in their order. The
// next page is read while one is computed.
func (w *simulating) pages(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	read := make(chan page, 1)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer stop()
	reading.Go(func() { w.ahead(ctx, read) })
	for p := range read {
		if p.err != nil {
			return p.err
		}
		if err := w.page(ctx, p); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// page is what was read of some conversions.
type page struct {
	sales []*ent.Conversion
	batch *batch
	err   error
}

// ahead reads page after page until there are no more, or nobody asks any more.
func (w *simulating) ahead(ctx context.Context, read chan<- page) {
	defer close(read)
	for more := true; more; {
		var p page
		if p.sales, p.err = w.next(ctx, w.sim.PeriodFrom, w.sim.PeriodUntil, true); p.err == nil && len(p.sales) > 0 {
			p.batch, p.err = w.readBatch(ctx, p.sales)
		}
		more = p.err == nil && len(p.sales) == simulatePage
		select {
		case read <- p:
		case <-ctx.Done():
			return
		}
	}
}

func (w *simulating) readBatch(ctx context.Context, sales []*ent.Conversion) (*batch, error) {
	b, err := w.batch(ctx, sales)
	if err != nil {
		return nil, err
	}
	if err := w.readCorrected(ctx, b, sales); err != nil {
		return nil, err
	}
	return b, w.readUnpaid(ctx, b, sales)
}

// page computes a page of conversions again.
func (w *simulating) page(ctx context.Context, p page) error {
	if len(p.sales) == 0 {
		return nil
	}
	if err := w.readUplines(ctx, p.batch, p.sales); err != nil {
		return err
	}
	for _, sale := range p.sales {
		if err := w.see(ctx, p.batch, sale); err != nil {
			return err
		}
	}
	if w.foreseeing {
		return w.beat(ctx)
	}
	w.done += int64(len(p.sales))
	return w.flush(ctx)
}

// see computes one conversion again and keeps what differs.
func (w *simulating) see(ctx context.Context, b *batch, sale *ent.Conversion) error {
	seen := w.fingerprint(sale)
	w.sums.move(sale.OccurredAt)
	was := countsOf(sale, sale.Edges.Commissions)
	all, moved, why, err := w.compute(ctx, b, sale)
	if err != nil {
		return fmt.Errorf("conversion %s: %w", sale.ID, err)
	}
	if why != "" {
		all = unchanged(sale)
		w.sums.add(sale.Currency, was, was)
	} else {
		w.sums.add(sale.Currency, was, would(sale, all))
	}
	switch {
	case w.foreseeing:
		w.sights.add(sale.OccurredAt, sale.Currency, tallied(sale, all), true)
		return nil
	case why != "":
		w.pin(b, sale, why)
		return nil
	}
	w.looked++
	w.keep(sale, seen, all, moved)
	return nil
}

// compute gives what the commissions of a conversion would be, and whether anything
// that it counts would be different; or why it is left alone.
func (w *simulating) compute(ctx context.Context, b *batch, sale *ent.Conversion) (all []recounted, moved bool, why simulationdifference.Reason, err error) {
	if b.byHand[sale.ID] != nil {
		return nil, false, simulationdifference.ReasonCREDIT_BY_HAND, nil
	}
	if slices.ContainsFunc(sale.Edges.Commissions, func(c *ent.Commission) bool { return c.Status == commission.StatusREJECTED }) {
		return nil, false, simulationdifference.ReasonREJECTED, nil
	}
	c := &recount{
		work: &work{sale: sale, program: w.program, lines: sale.Edges.Lines},
		now:  w.now, sums: w.sums, client: w.client, unread: true, uplines: b.uplines[sale.ID],
	}
	if !w.foreseeing {
		c.reached = func(who string) plan.Standing { return w.standing(sale, who) }
	}
	for _, m := range sale.Edges.Commissions {
		if m.Kind == commission.KindTIER {
			c.stages = append(c.stages, m)
		} else {
			c.keep(m)
		}
	}
	if len(c.commissions) == 0 {
		all, err = w.earnless(ctx, b, c)
		return all, c.moved && len(c.layers) > 0, "", err
	}
	if err := w.readLayers(ctx, c); err != nil {
		return nil, false, "", err
	}
	c.withUnpaid(b.unpaid[sale.ID])
	if all, err = c.again(ctx); err == nil {
		all, err = c.withMore(all)
	}
	return all, c.moved, "", err
}

// earnless computes a conversion that earned nothing.
func (w *simulating) earnless(ctx context.Context, b *batch, c *recount) (all []recounted, err error) {
	parties := b.parties(c.sale)
	if !c.earns() || len(parties) == 0 {
		return nil, nil
	}
	if c.old, err = w.underWhich(ctx, b, c.sale); err != nil {
		return nil, err
	}
	if frozen := b.frozenParties(c.sale.ID, parties, c.old[0]); frozen != nil {
		c.layers = []parts{frozen}
		all, err = c.again(ctx)
	} else {
		all, err = c.uncredited(ctx, parties)
	}
	if err != nil {
		return nil, err
	}
	return c.withMore(all)
}

// standing gives which tiers the period of a sale would have reached.
func (w *simulating) standing(sale *ent.Conversion, who string) plan.Standing {
	if w.sights == nil {
		return nil
	}
	return w.sights.standing(sale.OccurredAt, sale.Currency, who)
}

// underWhich gives the terms by which a conversion earned nothing.
func (w *simulating) underWhich(ctx context.Context, b *batch, sale *ent.Conversion) ([]*known, error) {
	if id := b.under[sale.ID]; id != "" {
		k, err := w.version(ctx, id)
		return []*known{k}, err
	}
	return []*known{w.inForce(sale.OccurredAt)}, nil
}

// version gives a version that made a commission.
func (w *simulating) version(ctx context.Context, id string) (*known, error) {
	if k := w.versions[id]; k != nil {
		return k, nil
	}
	row, err := w.client.PlanVersion.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return w.know(row)
}

// readLayers reads what the commissions were computed from, by level.
func (w *simulating) readLayers(ctx context.Context, c *recount) error {
	for i, m := range c.commissions {
		trace, err := plan.DecodeTrace(m.Trace)
		if err != nil {
			return err
		}
		k, err := w.version(ctx, *m.PlanVersionID)
		if err != nil {
			return err
		}
		if i == 0 || m.Level != c.commissions[i-1].Level {
			c.layers, c.old = append(c.layers, nil), append(c.old, k)
		}
		top := &c.layers[len(c.layers)-1]
		*top = append(*top, part{layer: layer{trace: trace, version: k.Version}, at: i})
	}
	return nil
}

// fingerprint adds a conversion as it is to the hash, and gives its own.
func (w *walk) fingerprint(sale *ent.Conversion) string {
	seen := fingerprint(sale, sale.Edges.Commissions)
	fmt.Fprintln(w.hash, seen)
	return seen
}

// fingerprint is the same as long as neither the conversion, what was bought and given
// back, its decision nor what is left of its commissions changes. An approval changes
// nothing of that.
func fingerprint(sale *ent.Conversion, commissions []*ent.Commission) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %d", sale.ID, sale.Version)
	for _, c := range slices.SortedFunc(slices.Values(commissions), func(a, b *ent.Commission) int { return cmp.Compare(a.ID, b.ID) }) {
		if c.Kind == commission.KindTIER {
			continue // it follows from the others and from where its period stands
		}
		fmt.Fprintf(h, "|%s %d %d %d %t", c.ID, c.AmountMinor, c.ReversedMinor, c.AbsorbedMinor, c.Status == commission.StatusREJECTED)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// countEarlier adds up what was sold and paid before the period, as far as the terms
// look at it.
func (w *simulating) countEarlier(ctx context.Context) error {
	if !w.now.Counts() {
		return nil
	}
	return w.around(ctx, w.sums.since(w.sim.PeriodFrom), w.sim.PeriodFrom)
}

// rated are the kinds of commission that a conversion's rating makes.
var rated = []commission.Kind{commission.KindCONVERSION, commission.KindOVERRIDE, commission.KindTIER}

// decided are ratings of conversions on which there is a decision.
var decided = []conversion.Rating{conversion.RatingRATED, conversion.RatingNO_CREDIT}
