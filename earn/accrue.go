package earn

import (
	"context"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
)

// amended is the distance between the levels of a commission and of what edits
// add to it: the affiliate with credit is at level 1, what a second edit added
// for it at 201. It leaves the levels between to uplines. Of two who share a sale
// and have one recruiter that one has a commission on the part of each, so the key
// that is unique names whose sale it is: (conversion, level, affiliate, plan version,
// seller) (Q59).
const amended = 100

// layerOf gives which layer a commission is of, counted from 0.
func layerOf(c *ent.Commission) int { return (c.Level - 1) / amended }

// nextLayer gives the first layer above all that there are. They are not counted for
// it: one that a simulation left without an amount is gone, and those above it stay.
func nextLayer(all []*ent.Commission) (next int) {
	for _, c := range all {
		next = max(next, layerOf(c)+1)
	}
	return next
}

// draft is a commission to be made.
type draft struct {
	version   plan.Version
	kind      commission.Kind
	affiliate string
	seller    string // whose sale it is, for one of the upline
	credit    string // the decision
	level     int
	base      int64
	amount    money.Money
	trace     []byte
	tier      string // periods it counts in
	waits     bool
}

func draftOf(r plan.Result, v plan.Version, credit string, level int) draft {
	return draft{version: v, kind: commission.KindCONVERSION, affiliate: r.Trace.Input.AffiliateID, credit: credit, level: level, base: baseOf(r), amount: r.Amount, trace: r.Trace.Encode(), tier: v.Text(nil)}
}

// accrue makes the first commissions of a conversion, one for each affiliate with
// credit that earns something, the one with the most credit first: the events of
// the conversion are that affiliate's. What their uplines earn follows.
func (s *Service) accrue(ctx context.Context, w *work, decided map[string]string, a award) error {
	var drafts []draft
	for _, r := range a.results {
		if !r.Amount.IsZero() {
			who := r.Trace.Input.AffiliateID
			drafts = append(drafts, draftOf(r, a.of(who).version, decided[who], 1))
		}
	}
	more, err := w.firstLevels(a, decided)
	if err != nil {
		return err
	}
	return s.addAll(ctx, w, append(drafts, more...))
}

// addAll makes commissions, posts them as pending, and puts them on top of the
// layers. Rows and postings are written together: three levels cost as many
// statements as none.
func (s *Service) addAll(ctx context.Context, w *work, drafts []draft) error {
	if len(drafts) == 0 {
		return nil
	}
	if err := w.readPayIn(ctx, drafts); err != nil {
		return err
	}
	create := make([]*ent.CommissionCreate, len(drafts))
	for i, d := range drafts {
		x, err := w.exchange(ctx, d.affiliate, d.amount, w.sale.OccurredAt)
		if err != nil {
			return err
		}
		due, agreed := w.heldUntil(d.version)
		create[i] = x.keep(w.tx.Ent().Commission.Create().SetID(w.tx.ID(id.Commission)).
			SetConversionID(w.sale.ID).SetAttributionID(d.credit).SetPlanVersionID(d.version.ID).
			SetProgramID(w.sale.ProgramID).SetAffiliateID(d.affiliate).SetSellerID(d.seller).SetWaits(d.waits).
			SetKind(d.kind).SetLevel(d.level).SetStatus(commission.StatusPENDING).
			SetCurrency(d.amount.Currency).SetBaseMinor(d.base).SetAmountMinor(d.amount.Minor).
			SetEarnedAt(w.sale.OccurredAt).SetNillableDueAt(due).SetNillableAgreedAt(agreed).SetTrace(d.trace).SetTier(d.tier))
	}
	rows, err := w.tx.Ent().Commission.CreateBulk(create...).Save(ctx)
	if err != nil {
		return err
	}
	if err := s.bookAll(ctx, w, rows); err != nil {
		return err
	}
	for _, c := range rows {
		w.keep(c)
		emitCommission(w.tx, w.program, eventAccrued, c, c.AmountMinor, dueOf(c))
	}
	return nil
}

func baseOf(r plan.Result) (sum int64) {
	for _, l := range r.Lines {
		sum += l.Base
	}
	return sum
}
