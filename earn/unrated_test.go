package earn_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// version puts a document into force as it is, readable or not.
func (m *market) version(planID string, number int, document func(id string) []byte) {
	m.t.Helper()
	m.run(func(ctx context.Context, tx *store.Tx) error {
		row := tx.ID(id.PlanVersion)
		return tx.Ent().PlanVersion.Create().SetID(row).SetPlanID(planID).SetNumber(number).SetDocument(document(row)).
			SetValidFrom(m.clock.Now().Add(-time.Duration(100-number) * time.Minute)).SetHoldDays(0).SetAutoApprove(false).Exec(ctx)
	})
}

func TestASaleThatCannotBeRatedIsKept(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.affiliate("ada")
	terms := m.terms(percent("10"))
	m.coupon(who, "ADA", 1)
	m.version(terms.PlanID, 2, func(string) []byte { return []byte{1, 2, 3} })
	o := m.sale("1001", "", "USD", 2000)
	o.CouponCodes = []string{"ADA"}
	out := m.accept(o)
	if !out.Created || out.Rating != "UNRATED" || len(out.CommissionIDs) != 0 {
		t.Fatalf("%+v", out)
	}
	if got := m.reason(out.ConversionID); got != "INTERNAL: the stored plan version cannot be read" {
		t.Errorf("reason %q", got)
	}
	if again := m.accept(o); again.Rating != "UNRATED" || again.Created {
		t.Errorf("%+v", again)
	}
	if n, err := m.RateUnrated(m.ctx, 10); n != 0 || err != nil {
		t.Errorf("rated %d, %v", n, err)
	}
	m.refund(o, "r1", 500)
	m.books("nothing is posted", who, "USD", 0, 0)
	m.version(terms.PlanID, 3, func(id string) []byte {
		r := percent("10")
		r.ID = "r1"
		return plan.Version{ID: id, Number: 3, Rules: []plan.Rule{r}}.Encode()
	})
	if n, err := m.RateUnrated(m.ctx, 10); n != 1 || err != nil {
		t.Errorf("rated %d, %v", n, err)
	}
	m.books("200 accrued, 50 taken back", who, "USD", 150, 0)
	if n, err := m.RateUnrated(m.ctx, 10); n != 0 || err != nil {
		t.Errorf("rated %d again, %v", n, err)
	}
	want := []string{"conversion.recorded", "conversion.unrated", "refund.recorded", "conversion.accepted"}
	if got := m.said(out.ConversionID); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	if e := m.decision(out.ConversionID); e.Row.Revision != 1 || e.Decision.AffiliateID != who {
		t.Errorf("%+v", e)
	}
}

// The failure comes when half of the rating is written: all of it is taken back.
func TestAHalfWrittenRatingLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.affiliate("ada")
	terms := m.terms(percent("10"))
	code := m.coupon(who, "ADA", 5)
	m.version(terms.PlanID, 2, func(string) []byte { // names a version that is not there
		r := percent("10")
		r.ID = "r1"
		return plan.Version{ID: "plv_00000000000000000000000000", Number: 2, Rules: []plan.Rule{r}}.Encode()
	})
	o := m.sale("1001", "", "USD", 2000)
	o.CouponCodes = []string{"ADA"}
	out := m.accept(o)
	if out.Rating != "UNRATED" || len(out.CommissionIDs) != 0 || m.reason(out.ConversionID) != "INTERNAL" {
		t.Errorf("%+v, %q", out, m.reason(out.ConversionID))
	}
	_, err := m.ExplainAttribution(m.ctx, out.ConversionID)
	m.refuses(err, problem.NotFound, "conversionId")
	c, err := m.store.Client().Coupon.Get(m.ctx, code)
	m.must(err)
	if c.Uses != 0 {
		t.Errorf("the coupon was used %d times", c.Uses)
	}
	want := []string{"conversion.recorded", "conversion.unrated"}
	if got := m.said(out.ConversionID); !slices.Equal(got, want) {
		t.Errorf("events %v", got)
	}
}
