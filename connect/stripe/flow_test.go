package stripe_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/conformance"
	"github.com/tributary/tributary/connect/stripe"
	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/egress"
	"github.com/tributary/tributary/internal/money"
)

func market(t testing.TB) *conformance.Market {
	t.Helper()
	return conformance.Open(t, subject(nil, nil))
}

func (e edit) message(t testing.TB) conformance.Message {
	t.Helper()
	return conformance.Message{Topic: e.file, Body: edited(t, e.file, e.change)}
}

type edit struct {
	file   string
	change func(o object)
}

func (e edit) send(m *conformance.Market, number int) {
	m.T.Helper()
	m.Send(e.message(m.T), number)
}

// A purchase without an invoice is an order by its payment; an invoice that Stripe
// makes of it later says so and is the same order.
func TestQ47_ASessionWithoutAnInvoiceIsAnOrder(t *testing.T) {
	t.Parallel()
	m := market(t)
	all := messages(t, "session_once", "session_once", "invoice")
	m.Send(all[0], 1)
	m.Send(all[1], 1)
	// 168.00 − 28.00 of tax.
	const want = "ACCEPTED RATED base 14000 refunded 0 total 16800 USD lines [14000-0] net commission 1400"
	if got := m.State(m.Ctx, "pi_once0000001"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	edit{"invoice", func(o object) {
		o["payments"] = object{"data": []any{object{"payment": object{"type": "payment_intent", "payment_intent": "pi_once0000001"}}}}
	}}.send(m, 1)
	if n, err := m.Store.Client().Conversion.Query().Count(m.Ctx); n != 1 || err != nil {
		t.Errorf("%d orders, %v", n, err)
	}
	edit{"refund_first", func(o object) { o["payment_intent"], o["amount"] = "pi_once0000001", 16800 }}.send(m, 1)
	if got := m.State(m.Ctx, "pi_once0000001"); !strings.HasPrefix(got, "REFUNDED RATED base 14000 refunded 14000") || !strings.HasSuffix(got, "net commission 0") {
		t.Errorf("given back: %s", got)
	}
	m.Books("USD", 0)
}

// A trial is an invoice of nothing: it earns nothing and is no payment, and the first
// that is paid is the first. Plans that pay two payments pay those: of three invoices of
// 140.00 at 10 percent, 14.00 and 14.00.
func TestQ31_RenewalsEarnAsThePlanCounts(t *testing.T) {
	t.Parallel()
	m := market(t)
	rate, err := money.ParseRate("10")
	m.Must(err)
	two := plan.Rule{Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: rate, When: &plan.Condition{Payments: plan.Span{From: 1, Until: 3}}}
	_, err = m.Earn.PlanActivate(m.Ctx, earn.PlanActivateInput{
		PlanID: m.Plan, HoldDays: 30, Rules: []plan.Rule{two},
	})
	m.Must(err)
	free := func(o object) {
		o["total"], o["total_excluding_tax"], o["amount_paid"], o["total_taxes"], o["total_discount_amounts"] = 0, 0, 0, nil, nil
		for _, l := range lines(o) {
			l.(object)["amount"], l.(object)["discount_amounts"], l.(object)["taxes"] = 0, nil, nil
		}
	}
	m.Clock.Advance(7 * 24 * time.Hour)
	m.Send(messages(t, "session")[0], 1)
	edit{"invoice", free}.send(m, 1)
	for i := range 3 {
		edit{"renewal", func(o object) {
			o["id"] = fmt.Sprint("in_renewal", i)
			o["status_transitions"].(object)["paid_at"] = m.Clock.Now().Unix() - 1000 + int64(i)
		}}.send(m, 1)
	}
	for id, want := range map[string]string{invoiceID(1): " 0", "in_renewal0": " 1400", "in_renewal1": " 1400", "in_renewal2": " 0"} {
		if got := m.State(m.Ctx, id); !strings.HasPrefix(got, "ACCEPTED") || !strings.HasSuffix(got, "net commission"+want) {
			t.Errorf("%s: %s, want%s", id, got, want)
		}
	}
	m.Books("USD", 2800)
}

// A restricted key is tested against the account that was named.
func TestTheAccountIsTheOneThatWasNamed(t *testing.T) {
	t.Parallel()
	fake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/v1/account" || r.Header.Get("Stripe-Version") == "" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if r.Header.Get("Authorization") != "Bearer rk_live_1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(object{"id": "acct_12345678", "object": "account", "business_profile": object{"name": "Shoes"}})
	}))
	t.Cleanup(fake.Close)
	p := stripe.At(fake.URL)
	call := connect.Call(egress.New(egress.Options{Guard: egress.Guard{Loopback: true}}).Do)
	for _, row := range []struct{ account, key, label string }{
		{"acct_12345678", "rk_live_1", "Shoes"}, {"acct_87654321", "rk_live_1", ""}, {"acct_12345678", "rk_live_2", ""},
	} {
		found, err := p.Probe(context.Background(), call, row.account, connect.Credentials{Keys: map[string]string{"restrictedKey": row.key}})
		if found.Label != row.label || (err == nil) != (row.label != "") {
			t.Errorf("%s with %s: %+v, %v", row.account, row.key, found, err)
		}
	}
	for _, bad := range []string{"", "acct_", "https://stripe.com", "acct_12345678/../x"} {
		if _, err := p.Account(bad); err == nil {
			t.Errorf("%q is an account", bad)
		}
	}
}
