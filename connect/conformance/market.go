package conformance

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/token"
	"github.com/tributary/tributary/trust"
)

// Market is one merchant with a program that pays 10 percent, one affiliate with a
// click, and an account that is connected, on a database of its own.
type Market struct {
	T         testing.TB
	Ctx       context.Context
	Clock     *storetest.Clock
	Store     *store.Store
	Earn      *earn.Service
	Ledger    *ledger.Service
	Connect   *connect.Service
	Merchant  string
	Program   string
	Plan      string
	Affiliate string
	Shop      string // the integration
	Token     string // of a click on the affiliate's link
	subject   Subject
	hooks     http.Handler
	sent      atomic.Int64
}

// Open makes a market for a provider.
func Open(t testing.TB, s Subject) *Market {
	t.Helper()
	m := &Market{T: t, Clock: storetest.NewClock(), subject: s}
	m.Store = storetest.OpenAt(t, m.Clock)
	m.Ctx, m.Merchant = storetest.Merchant(t, m.Store)
	m.Ledger = ledger.New(ledger.Config{Store: m.Store})
	tracks, err := track.New(track.Config{Store: m.Store})
	m.Must(err)
	m.Earn = earn.New(earn.Config{Store: m.Store, Track: tracks, Ledger: m.Ledger})
	m.Connect = connect.New(connect.Config{
		Roster: roster.New(roster.Config{Store: m.Store}),
		Store:  m.Store, Earn: m.Earn, Providers: map[string]connect.Provider{s.Name: s.Provider},
	})
	m.hooks = m.Connect.Hooks()
	m.found()
	return m
}

// found makes the rows that a message stands on.
func (m *Market) found() {
	m.T.Helper()
	people := roster.New(roster.Config{Store: m.Store})
	p, err := people.ProgramCreate(m.Ctx, roster.ProgramCreateInput{Name: "Shoes", Currency: "USD", TimeZone: "UTC", FallbackURL: "https://shop.example/"})
	m.Must(err)
	m.Program = p.ProgramID
	a, err := people.AffiliateCreate(m.Ctx, roster.AffiliateCreateInput{Name: "Ann", Email: "ann@aff.example", ProgramIDs: []string{m.Program}})
	m.Must(err)
	m.Affiliate = a.AffiliateID
	m.Run(func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().Link.Create().SetProgramID(m.Program).SetAffiliateID(m.Affiliate).SetNumber(1).
			SetSlug("ann").SetDestination("https://shop.example/").Exec(ctx)
	})
	m.Token = token.Token{Click: clickID(), Link: 1}.Encode(m.Store.Keys())
	terms, err := m.Earn.PlanCreate(m.Ctx, earn.PlanCreateInput{ProgramID: m.Program, Name: "Standard"})
	m.Must(err)
	m.Plan = terms.PlanID
	rate, err := money.ParseRate("10")
	m.Must(err)
	_, err = m.Earn.PlanActivate(m.Ctx, earn.PlanActivateInput{
		PlanID: terms.PlanID, HoldDays: 30, Rules: []plan.Rule{{Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: rate}},
	})
	m.Must(err)
	out, err := m.Connect.Create(m.Ctx, connect.CreateInput{ProgramID: m.Program, Provider: m.subject.Name, Name: "Shop", Secret: Secret})
	m.Must(err)
	m.Shop = out.IntegrationID
}

// clickID is that of a click on 1 March 2026 at 14:00, of one that may earn: its last
// bit says so.
func clickID() (u [16]byte) {
	at := time.Date(2026, 3, 1, 14, 0, 0, 0, time.UTC).UnixMilli()
	binary.BigEndian.PutUint64(u[:8], uint64(at)<<16|0x7000)
	u[8], u[15] = 0x80, 1
	return u
}

// Must ends the test for an error.
func (m *Market) Must(err error) {
	m.T.Helper()
	if err != nil {
		m.T.Fatal(err)
	}
}

// Run runs a command.
func (m *Market) Run(fn func(ctx context.Context, tx *store.Tx) error) {
	m.T.Helper()
	_, err := store.Run(m.Ctx, m.Store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, fn(ctx, tx)
	})
	m.Must(err)
}

// Twin gives the merchant a sandbox, and who acts there.
func (m *Market) Twin() context.Context {
	m.T.Helper()
	twin := id.New(id.Merchant, m.Clock.Now())
	ctx := trust.With(m.T.Context(), trust.System(twin))
	_, err := store.Run(ctx, m.Store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, tx.Ent().Merchant.Create().SetID(twin).SetTwinID(m.Merchant).SetName("Play").SetMode(merchant.ModeTEST).SetCurrency("USD").Exec(ctx)
	})
	m.Must(err)
	m.Run(func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().Merchant.UpdateOneID(m.Merchant).SetTwinID(twin).Exec(ctx)
	})
	return ctx
}

// Post delivers a body, and gives the answer.
func (m *Market) Post(msg Message, raw []byte, change func(http.Header)) (code int, status string) {
	req := httptest.NewRequestWithContext(context.Background(), http.MethodPost, connect.HookPath(m.Shop), bytes.NewReader(raw))
	m.subject.Sign(req.Header, msg, raw, m.sent.Add(1), Secret, m.Clock.Now())
	if change != nil {
		change(req.Header)
	}
	rec := httptest.NewRecorder()
	m.hooks.ServeHTTP(rec, req)
	var out struct{ Status string }
	_ = json.Unmarshal(rec.Body.Bytes(), &out) // what is no JSON has no status
	return rec.Code, out.Status
}

// Send delivers a message about an order and works on it.
func (m *Market) Send(msg Message, number int) string {
	m.T.Helper()
	code, status := m.Post(msg, msg.Body(number, m.Token), nil)
	if code != http.StatusOK {
		m.T.Errorf("%s of %d: answered %d %s", msg.Topic, number, code, status)
	}
	_, err := m.Connect.WorkOff(context.Background())
	m.Must(err)
	return status
}

// Statuses counts the receipts.
func (m *Market) Statuses() map[webhookreceipt.Status]int {
	m.T.Helper()
	rows, err := m.Store.Client().WebhookReceipt.Query().Order(ent.Asc(webhookreceipt.FieldID)).All(m.Ctx)
	m.Must(err)
	counts := map[webhookreceipt.Status]int{}
	for _, r := range rows {
		counts[r.Status]++
		if r.Status == webhookreceipt.StatusREFUSED || r.Status == webhookreceipt.StatusDEAD {
			m.T.Logf("%s %s: %s", r.Topic, r.Status, r.Reason)
		}
	}
	return counts
}

// State writes down all that money depends on of an order: where it stands, its
// lines as amount-refunded, and the commission that is left.
func (m *Market) State(ctx context.Context, orderID string) string {
	m.T.Helper()
	c, err := m.Store.Client().Conversion.Query().Where(conversion.ExternalID(orderID)).WithLines().WithCommissions().Only(ctx)
	if ent.IsNotFound(err) {
		return "unknown"
	}
	m.Must(err)
	lines := []string{}
	for _, l := range c.Edges.Lines {
		lines = append(lines, fmt.Sprintf("%d-%d", l.AmountMinor, l.RefundedMinor))
	}
	slices.Sort(lines)
	var net int64
	for _, k := range c.Edges.Commissions {
		net += k.AmountMinor - k.ReversedMinor
	}
	return fmt.Sprintf("%s %s base %d refunded %d total %d %s lines %v net commission %d",
		c.Status, c.Rating, c.BaseMinor, c.RefundedMinor, c.TotalMinor, c.Currency, lines, net)
}

// Books checks what the affiliate is owed, and that the ledger sums to zero.
func (m *Market) Books(c string, pending int64) {
	m.T.Helper()
	balances, err := m.Ledger.Balances(m.Ctx, m.Affiliate)
	m.Must(err)
	var got int64
	for _, b := range balances {
		if string(b.Currency) == c {
			got = b.Pending.Minor
		}
	}
	if got != pending {
		m.T.Errorf("pending %d %s, want %d", got, c, pending)
	}
	trial, err := m.Ledger.TrialBalance(m.Ctx)
	m.Must(err)
	for currency, sum := range trial {
		if sum != 0 {
			m.T.Errorf("trial balance %d %s", sum, currency)
		}
	}
}
