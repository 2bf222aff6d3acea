package earn

import (
	"context"
	"strconv"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	rules "github.com/tributary/tributary/track/attribution"
)

// maxTrace bounds what a snapshot holds.
const maxTrace = 200

// trace is what the platform knows of a disputed sale, as it is when the claim is
// opened: the affiliate's part, and what is for the merchant alone.
type trace struct{ own, staff map[string]string }

// traceFor takes the snapshot. Whose credit it is, and touches of others, are not for
// the claimant.
func (s *Service) traceFor(ctx context.Context, tx *store.Tx, sale *ent.Conversion, affiliateID string) (trace, error) {
	t := trace{own: map[string]string{"order": "UNKNOWN"}, staff: map[string]string{}}
	if sale == nil {
		return t, nil
	}
	ctx = asSystem(ctx, tx)
	t.own["order"], t.staff["conversion"] = "KNOWN", sale.ID
	t.staff["status"], t.staff["rating"], t.staff["ratingReason"] = string(sale.Status), string(sale.Rating), sale.RatingReason
	t.staff["base"], t.staff["refunded"] = money.Of(sale.BaseMinor, sale.Currency).String(), money.Of(sale.RefundedMinor, sale.Currency).String()
	last, err := tx.Ent().Attribution.Query().Where(attribution.ConversionID(sale.ID)).Order(ent.Desc(attribution.FieldRevision)).First(ctx)
	if ent.IsNotFound(err) {
		t.own["decision"] = "NONE"
		return t, nil
	}
	if err != nil {
		return t, err
	}
	facts, decision, err := readDecision(last)
	if err != nil {
		return t, err
	}
	t.own["rule"], t.own["decidedAt"] = string(decision.Rule), stampOf(last.CreatedAt)
	t.staff["decision"], t.staff["credit"] = last.ID, creditText(decision)
	t.touches(facts, decision, affiliateID)
	return t, t.commissions(ctx, tx, sale.ID, affiliateID)
}

// touches says of each of the affiliate's touches what became of it.
func (t trace) touches(facts rules.Facts, d rules.Decision, affiliateID string) {
	became := map[string]string{}
	for _, x := range d.Excluded {
		became[x.TouchID] = string(x.Reason)
	}
	for _, x := range d.Shares {
		became[x.TouchID] = "CREDITED"
	}
	for _, touch := range facts.Touches {
		if touch.AffiliateID != affiliateID || len(t.own) >= maxTrace {
			continue
		}
		what := became[touch.ID]
		if what == "" && touch.ID == d.TouchID {
			what = "CREDITED"
		}
		if what == "" {
			what = "ANOTHER_TOUCH_WON"
		}
		t.own["touch "+touch.ID] = string(touch.Kind) + " at " + stampOf(touch.At) + ": " + what
	}
}

// commissions says how each of the affiliate's commissions came about.
func (t trace) commissions(ctx context.Context, tx *store.Tx, saleID, affiliateID string) error {
	rows, err := tx.Ent().Commission.Query().Where(commission.ConversionID(saleID), commission.AffiliateID(affiliateID)).Order(ent.Asc(commission.FieldID)).All(ctx)
	if err != nil {
		return err
	}
	versions, err := termsOf(ctx, tx.Ent(), rows)
	if err != nil {
		return err
	}
	for _, c := range rows {
		t.own["commission "+c.ID] = c.Amount().String() + ", taken back " + c.Reversed().String() + ", " + string(c.Status)
		evaluated, err := plan.DecodeTrace(c.Trace)
		if err != nil {
			return err
		}
		e, err := plan.Explain(evaluated, versions[evaluated.VersionID])
		if err != nil {
			return err
		}
		for i, step := range e.Steps {
			if len(t.own) < maxTrace {
				t.own["commission "+c.ID+" step "+strconv.Itoa(i+1)] = step.Text
			}
		}
	}
	return nil
}
