package shopify_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/shopify"
	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/token"
	"github.com/tributary/tributary/trust"
)

const secret = "hush"

// market is one merchant with a program that pays 10 percent, one affiliate with a
// click, and a shop that is connected, on a database of its own.
type market struct {
	t         testing.TB
	ctx       context.Context
	clock     *storetest.Clock
	store     *store.Store
	earn      *earn.Service
	ledger    *ledger.Service
	connect   *connect.Service
	hooks     http.Handler
	merchant  string
	program   string
	affiliate string
	shop      string // the integration
	token     string // of a click on the affiliate's link
	sent      atomic.Int64
	posting   atomic.Bool // what is sent is left to be worked on
}

func open(t testing.TB) *market {
	t.Helper()
	m := &market{t: t, clock: storetest.NewClock()}
	m.store = storetest.OpenAt(t, m.clock)
	m.ctx, m.merchant = storetest.Merchant(t, m.store)
	m.build()
	m.found()
	return m
}

// sandbox is a market whose merchant plays.
func sandbox(t testing.TB) *market {
	t.Helper()
	m := &market{t: t, clock: storetest.NewClock()}
	m.store = storetest.OpenAt(t, m.clock)
	m.merchant = id.New(id.Merchant, m.clock.Now())
	m.ctx = trust.With(t.Context(), trust.System(m.merchant))
	m.run(func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().Merchant.Create().SetID(m.merchant).SetName("Play").SetMode(merchant.ModeTEST).SetCurrency("USD").Exec(ctx)
	})
	m.build()
	m.found()
	return m
}

// build makes the rooms that a message walks through.
func (m *market) build() {
	m.t.Helper()
	m.ledger = ledger.New(ledger.Config{Store: m.store})
	tracks, err := track.New(track.Config{Store: m.store})
	m.must(err)
	m.earn = earn.New(earn.Config{Store: m.store, Track: tracks, Ledger: m.ledger})
	m.connect = connect.New(connect.Config{
		Roster: roster.New(roster.Config{Store: m.store}),
		Store:  m.store, Earn: m.earn, Providers: map[string]connect.Provider{shopify.Name: shopify.New()},
	})
	m.hooks = m.connect.Hooks()
}

// found makes the rows that a message stands on.
func (m *market) found() {
	m.t.Helper()
	people := roster.New(roster.Config{Store: m.store})
	p, err := people.ProgramCreate(m.ctx, roster.ProgramCreateInput{
		Name: "Shoes", Currency: "USD", TimeZone: "UTC", FallbackURL: "https://shop.example/",
	})
	m.must(err)
	m.program = p.ProgramID
	a, err := people.AffiliateCreate(m.ctx, roster.AffiliateCreateInput{Name: "Ann", Email: "ann@aff.example", ProgramIDs: []string{m.program}})
	m.must(err)
	m.affiliate = a.AffiliateID
	m.run(func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().Link.Create().SetProgramID(m.program).SetAffiliateID(m.affiliate).SetNumber(1).
			SetSlug("ann").SetDestination("https://shop.example/").Exec(ctx)
	})
	m.token = token.Token{Click: clickID(), Link: 1}.Encode(m.store.Keys())
	terms, err := m.earn.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: m.program, Name: "Standard"})
	m.must(err)
	rate, err := money.ParseRate("10")
	m.must(err)
	_, err = m.earn.PlanActivate(m.ctx, earn.PlanActivateInput{
		PlanID: terms.PlanID, HoldDays: 30,
		Rules: []plan.Rule{{Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: rate}},
	})
	m.must(err)
	m.shop = m.connected("")
}

// clickID is that of a click an hour before the order, of one that may earn: its
// last bit says so. It is put together by hand, because ids made by id.NewUUID never
// go back behind another test's.
func clickID() (u [16]byte) {
	at := time.Date(2026, 3, 1, 14, 0, 0, 0, time.UTC).UnixMilli()
	binary.BigEndian.PutUint64(u[:8], uint64(at)<<16|0x7000)
	u[8], u[15] = 0x80, 1
	return u
}

// connected connects a shop to the program.
func (m *market) connected(scope string) string {
	m.t.Helper()
	out, err := m.connect.Create(m.ctx, connect.CreateInput{
		ProgramID: m.program, Provider: shopify.Name, Name: "Shop", Secret: secret, OrderScope: scope,
	})
	m.must(err)
	return out.IntegrationID
}

func (m *market) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *market) run(fn func(ctx context.Context, tx *store.Tx) error) {
	m.t.Helper()
	_, err := store.Run(m.ctx, m.store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, fn(ctx, tx)
	})
	m.must(err)
}

// reply is what the shop was answered.
type reply struct {
	code       int
	retryAfter string
	Status     string
	ReceiptID  string
	Problems   []connect.Problem
}

func (r reply) String() string {
	var problems []string
	for _, p := range r.Problems {
		problems = append(problems, strings.TrimSpace(p.Code+" "+p.Field))
	}
	return strings.TrimSpace(fmt.Sprint(r.code, " ", r.Status, " ", strings.Join(problems, ", ")))
}

// send delivers a body as the shop does, with a delivery id of its own.
func (m *market) send(topic string, raw []byte) reply {
	return m.deliver(m.shop, topic, raw, func(http.Header) {})
}

// deliver sends a signed body, after headers were changed.
func (m *market) deliver(shop, topic string, raw []byte, change func(http.Header)) reply {
	raw = bytes.ReplaceAll(raw, []byte(placeholder), []byte(m.token))
	req := httptest.NewRequestWithContext(context.Background(), http.MethodPost, connect.HookPath(shop), bytes.NewReader(raw))
	req.Header.Set("X-Shopify-Topic", topic)
	req.Header.Set("X-Shopify-Webhook-Id", fmt.Sprint("delivery-", m.sent.Add(1)))
	req.Header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(shopify.Sign([]byte(secret), raw)))
	change(req.Header)
	return m.worked(m.serve(req))
}

// worked waits until the message is worked off, and gives what became of it in the
// place of RECEIVED.
func (m *market) worked(r reply) reply {
	for end := time.Now().Add(10 * time.Second); r.Status == "RECEIVED" && !m.posting.Load() && time.Now().Before(end); {
		if _, err := m.connect.WorkOff(context.Background()); err != nil {
			m.t.Error(err)
		}
		row, err := m.store.Client().WebhookReceipt.Get(m.ctx, r.ReceiptID)
		if err != nil {
			m.t.Error(err)
			break
		}
		if r.Status = string(row.Status); row.Status == webhookreceipt.StatusRECEIVED {
			time.Sleep(time.Millisecond) // another has it
			continue
		}
		r.Problems = problemsOf(row.Reason)
	}
	return r
}

// problemsOf reads the problems in a reason: CODE field: words; …
func problemsOf(reason string) (all []connect.Problem) {
	for one := range strings.SplitSeq(reason, "; ") {
		head, _, told := strings.Cut(one, ": ")
		code, field, _ := strings.Cut(head, " ")
		if told && problem.Code(code).User() {
			all = append(all, connect.Problem{Code: code, Field: field})
		}
	}
	return all
}

func (m *market) serve(req *http.Request) reply {
	rec := httptest.NewRecorder()
	m.hooks.ServeHTTP(rec, req)
	out := reply{code: rec.Code, retryAfter: rec.Header().Get("Retry-After")}
	if strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
			m.t.Errorf("answer %q: %v", rec.Body, err)
		}
	}
	return out
}

// expect checks an answer as String writes it.
func (m *market) expect(got reply, want string) {
	m.t.Helper()
	if got.String() != want {
		m.t.Errorf("answered %q, want %q", got, want)
	}
}

// receipts lists what is on file, oldest first.
func (m *market) receipts() []*ent.WebhookReceipt {
	m.t.Helper()
	rows, err := m.store.Client().WebhookReceipt.Query().Order(ent.Asc(webhookreceipt.FieldCreatedAt, webhookreceipt.FieldID)).All(m.ctx)
	m.must(err)
	return rows
}

// statuses counts receipts by status.
func (m *market) statuses() map[webhookreceipt.Status]int {
	counts := map[webhookreceipt.Status]int{}
	for _, r := range m.receipts() {
		counts[r.Status]++
	}
	return counts
}

// state writes down all that money depends on of the order with this id: where it
// stands, its lines, refunds, commissions and the affiliate's balance.
func (m *market) state(orderID string) string {
	m.t.Helper()
	rows, err := m.store.Client().Conversion.Query().WithLines().WithRefunds().WithCommissions().All(m.ctx)
	m.must(err)
	for _, c := range rows {
		if c.ExternalID == orderID {
			return describe(c)
		}
	}
	return "unknown"
}

func describe(c *ent.Conversion) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s%s base %d refunded %d total %d %s", c.Status, c.Rating, c.RatingReason, c.BaseMinor, c.RefundedMinor, c.TotalMinor, c.Currency)
	lines := map[string]string{}
	for _, l := range c.Edges.Lines {
		lines[l.ExternalID] = fmt.Sprintf("%d-%d", l.AmountMinor, l.RefundedMinor)
	}
	refunds := map[string]string{}
	for _, r := range c.Edges.Refunds {
		refunds[r.ExternalID] = fmt.Sprintf("%s %d", r.Kind, r.AmountMinor)
	}
	var net int64
	for _, k := range c.Edges.Commissions {
		net += k.AmountMinor - k.ReversedMinor
	}
	fmt.Fprintf(&b, " lines %v refunds %v net commission %d", lines, refunds, net)
	return b.String()
}

// books checks the affiliate's pending balance and that the ledger sums to zero.
func (m *market) books(c money.Currency, pending int64) {
	m.t.Helper()
	balances, err := m.ledger.Balances(m.ctx, m.affiliate)
	m.must(err)
	var got int64
	for _, b := range balances {
		if b.Currency == c {
			got = b.Pending.Minor
		}
	}
	if got != pending {
		m.t.Errorf("pending %d %s, want %d", got, c, pending)
	}
	trial, err := m.ledger.TrialBalance(m.ctx)
	m.must(err)
	for currency, sum := range trial {
		if sum != 0 {
			m.t.Errorf("trial balance %d %s", sum, currency)
		}
	}
}
