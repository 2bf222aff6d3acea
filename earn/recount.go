package earn

import (
	"context"
	"slices"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/money"
)

// known is a version made ready, once for all conversions under it.
type known struct {
	plan.Version
	terms  *plan.Terms
	stages []plan.Stage
	same   bool // pays as the terms of the simulation do
}

func knownAs(v plan.Version) *known {
	return &known{Version: v, terms: v.Ready(), stages: v.Stages()}
}

// recount is one conversion computed again under other terms, from what its traces
// have frozen, its lines and what was given back of them as they are. It reads
// nothing but what those terms look at and the old ones did not.
type recount struct {
	*work
	now    *known
	sums   *tallies
	client *ent.Client
	old    []*known // of the layers, from the bottom
	layers []parts  // as they are
	anew   []parts  // as they would be: of each layer all affiliates with credit
	moved  bool     // something that it counts would be different
	unread bool     // the order has not been read anew yet
	read   plan.Input
	asked  plan.Input // what the old terms of an order that earned nothing look at

	uplines map[string][]levels.Member           // by seller, where the terms have levels
	stages  []*ent.Commission                    // what tiers of whole periods have added
	reached func(affiliate string) plan.Standing // where its period would stand; nil while that is not known
}

// recounted is what one commission of a conversion would be.
type recounted struct {
	kind      commission.Kind
	level     int
	affiliate string
	seller    string          // whose sale it is, for one of the upline
	waits     bool            // for one of the upline
	was       *ent.Commission // nil where nothing was earned
	trace     plan.Trace
	bytes     []byte // of another trace than the plan's
	amount    int64
	left      int64
	absorbed  int64
}

// nothing reports that nothing was earned, and nothing would be.
func (r recounted) nothing() bool { return r.was == nil && r.amount == 0 }

// differs reports whether money would be different.
func (r recounted) differs() bool {
	if r.was == nil {
		return r.amount != 0
	}
	return r.amount != r.was.AmountMinor || r.left != r.was.AmountMinor-r.was.ReversedMinor
}

// again computes a conversion with commissions again; the commissions are of the
// decision in force and none of them was rejected. It is one function for all that a
// conversion earns: what terms learn to pay beside, it learns to compute.
func (c *recount) again(ctx context.Context) ([]recounted, error) {
	for i := range c.layers {
		if err := c.layer(ctx, i); err != nil {
			return nil, err
		}
		if c.anew[i].nothing() { // what lies above cannot stand on it
			c.anew, c.layers = nil, c.layers[:1]
			if err := c.whole(ctx); err != nil {
				return nil, err
			}
			return c.conclude()
		}
	}
	if err := c.above(); err != nil {
		return nil, err
	}
	return c.conclude()
}

// uncredited computes a conversion that earned nothing for those who have the credit.
// The old terms are those that were in force.
func (c *recount) uncredited(ctx context.Context, parties []plan.Party) ([]recounted, error) {
	for _, x := range []struct {
		in *plan.Input
		of *known
	}{{&c.asked, c.old[0]}, {&c.read, c.now}} {
		in, err := inputOf(ctx, c.client, c.program, c.sale, c.lines, x.of.terms)
		if err != nil {
			return nil, err
		}
		in.AffiliateID, in.GroupID, in.Sharing = parties[0].AffiliateID, parties[0].GroupID, parties
		*x.in = in
	}
	c.asked.Counters = c.countersOf(c.old[0], c.asked)
	c.read.Counters = c.counters(c.read, c.old[0])
	if err := c.evaluate(c.read, 0); err != nil {
		return nil, err
	}
	return c.conclude()
}

// nothing reports whether a layer pays nobody.
func (p parts) nothing() bool {
	return !slices.ContainsFunc(p, func(x part) bool { return x.trace.Amount.Minor != 0 })
}

// layer computes one layer again, on its own lines.
func (c *recount) layer(ctx context.Context, i int) error {
	kept, old := c.layers[i][0].trace.Input, c.old[i]
	in, err := c.thaw(ctx, kept, old)
	if err != nil {
		return err
	}
	if i > 0 {
		lines := in.Lines
		back, above := c.left(c.anew[:i])
		if in, err = c.added(c.anew[:i], back, above); err != nil {
			return err
		}
		in.Lines = lines
		c.frozen(&in, i)
	} else {
		in.Counters = c.counters(kept, old)
	}
	return c.evaluate(in, i)
}

// frozen puts back what an edit looked at when it was made: what had been paid then,
// where the terms pay alike, and what lay below it.
func (c *recount) frozen(in *plan.Input, i int) {
	kept, first, old := c.layers[i][0].trace.Input, c.layers[0][0].trace.Input, c.old[i]
	if old.same && !c.moved {
		in.Paid = kept.Paid
	}
	at := slices.IndexFunc(old.Rules, func(r plan.Rule) bool { return r.Tiers != nil && r.Tiers.Mode == plan.Marginal })
	if at < 0 {
		return
	}
	own := len(c.anew[0][0].trace.Input.Counters)
	for j := range in.Counters[own:] {
		x := &in.Counters[own+j]
		x.Before = kept.Counted(old.Rules[at].ID, x.AffiliateID) - first.Counted(old.Rules[at].ID, x.AffiliateID)
	}
}

// evaluate computes the parts of layer i for everybody with credit.
func (c *recount) evaluate(in plan.Input, i int) error {
	var out parts
	for _, who := range (layer{trace: plan.Trace{Input: in}}).sharing() {
		in.AffiliateID = who
		p, had, known := part{}, false, i < len(c.layers)
		if known {
			p, had = c.layers[i].of(who)
		}
		lost := false
		switch {
		case had:
			in.Used = c.usedThen(p.trace.Input, c.old[i], i)
		default:
			var err error
			if in.Used, lost, err = c.usedUnknown(in, i, known, who); err != nil {
				return err
			}
		}
		r, err := c.now.terms.Evaluate(in)
		if err != nil {
			return err
		}
		if lost {
			r.Amount.Minor, r.Trace.Amount.Minor = 0, 0
		}
		at := -1
		if had {
			at = p.at
		}
		out = append(out, part{layer: layer{trace: r.Trace, version: c.now.Version}, at: at})
	}
	c.anew = append(c.anew, out)
	return nil
}

// left spreads what is left of the lines over layers.
func (c *recount) left(over []parts) (back []map[string]int64, above map[string]int64) {
	return spread(bases(over), left(c.lines, c.now.Base), replaced(c.lines))
}

// above computes what edits added beyond all layers, which earned nothing: by the old
// terms too it must earn nothing now, else it is not known why it did not.
func (c *recount) above() error {
	back, above := c.left(c.anew)
	if len(above) == 0 || !c.earns() || len(c.layers) == 0 {
		return nil
	}
	in, err := c.added(c.anew, back, above)
	if err != nil {
		return err
	}
	i := len(c.layers)
	if err := c.evaluate(in, i); err != nil {
		return err
	}
	if c.anew[i].nothing() {
		c.anew = c.anew[:i]
	}
	return nil
}

// whole computes the order as it is now, as if it had not been edited.
func (c *recount) whole(ctx context.Context) error {
	in, err := c.thaw(ctx, c.layers[0][0].trace.Input, c.old[0])
	if err != nil {
		return err
	}
	if in.Lines, err = planLines(c.sale, c.lines); err != nil {
		return err
	}
	in.Paid, in.Counters = nil, c.counters(c.layers[0][0].trace.Input, c.old[0])
	return c.evaluate(in, 0)
}

// conclude takes back what was given back, and sets what would be beside what is.
func (c *recount) conclude() (all []recounted, err error) {
	back, above := c.left(c.anew)
	for i, l := range c.anew {
		for _, p := range l {
			r := recounted{kind: commission.KindCONVERSION, level: c.levelOf(i), affiliate: p.trace.Input.AffiliateID, trace: p.trace, amount: p.trace.Amount.Minor}
			if p.at >= 0 {
				r.was = c.commissions[p.at]
			}
			due, err := p.trace.Due(p.version, c.givenBack(p.layer, back[i], over(c.anew, back, above, i)), 0)
			if err != nil {
				return nil, err
			}
			r.absorbed = c.absorbed(p, due)
			r.left = r.amount - due + r.absorbed
			all = append(all, r)
		}
	}
	for i, m := range c.commissions { // of layers that are no more
		if !slices.ContainsFunc(all, func(r recounted) bool { return r.was == m }) {
			all = append(all, recounted{kind: m.Kind, level: m.Level, affiliate: m.AffiliateID, was: c.commissions[i]})
		}
	}
	return all, nil
}

func (c *recount) levelOf(i int) int {
	if i < len(c.layers) && len(c.commissions) > 0 {
		return c.commissions[c.layers[i][0].at].Level
	}
	return 1 + amended*nextLayer(c.commissions)
}

// thaw gives what a layer was computed from, with what its terms did not look at as
// it is read anew.
func (c *recount) thaw(ctx context.Context, kept plan.Input, old *known) (plan.Input, error) {
	if old.terms.Holds(c.now.terms) {
		return kept, nil
	}
	if c.unread {
		var err error
		if c.read, err = inputOf(ctx, c.client, c.program, c.sale, c.lines, c.now.terms); err != nil {
			return kept, err
		}
		c.unread = false
	}
	return old.terms.Thaw(kept, c.read, c.now.terms)
}

// would gives what the conversion adds to the sums when it is as computed.
func would(sale *ent.Conversion, all []recounted) map[string]counts {
	out := map[string]counts{}
	for _, r := range all {
		if r.kind == commission.KindCONVERSION && r.amount != 0 {
			out[r.affiliate] = counts{1, sale.BaseMinor - sale.RefundedMinor, out[r.affiliate].commission + r.left}
		}
	}
	return out
}

// below gives what the layers below one have, as they are and as they would be.
func (c *recount) below(i int, who string) (was, would int64) {
	for _, m := range c.commissions {
		if i < len(c.layers) && m.Level >= c.levelOf(i) || m.Status == commission.StatusREJECTED {
			continue
		}
		if who == "" || m.AffiliateID == who {
			was += m.AmountMinor - m.ReversedMinor
		}
	}
	mixed := append(slices.Clone(c.anew[:i]), c.layers[i:]...)
	back, above := c.left(mixed)
	for j, l := range c.anew[:i] {
		for _, p := range l {
			if who != "" && p.trace.Input.AffiliateID != who {
				continue
			}
			if due, err := p.trace.Due(p.version, c.givenBack(p.layer, back[j], over(mixed, back, above, j)), 0); err == nil {
				would += p.trace.Amount.Minor - due + c.absorbed(p, due)
			}
		}
	}
	return was, would
}

// absorbed is what the merchant goes on bearing of what is given back.
func (c *recount) absorbed(p part, due int64) int64 {
	if p.at < 0 {
		return 0
	}
	return min(c.commissions[p.at].AbsorbedMinor, due)
}

func inCurrency(c plan.Cap, of money.Currency) bool { return c.Amount.Currency == of }
