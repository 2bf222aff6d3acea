package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/host"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/token"
)

// statements counts what a shop's order costs the database.
type statements struct {
	mu   sync.Mutex
	seen []string
	took []time.Duration
}

func (s *statements) watch(query string, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen, s.took = append(s.seen, query), append(s.took, took)
}

// take gives what was seen since the last call.
func (s *statements) take() (seen []string, took []time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen, took, s.seen, s.took = s.seen, s.took, nil, nil
	return seen, took
}

// counter is a merchant's API with a program that pays ten percent and one link.
type counter struct {
	testing.TB
	ctx     context.Context
	store   *store.Store
	api     http.Handler
	program string
	link    uint64
	orders  int
}

func openCounter(t testing.TB, watch store.Watch) *counter {
	t.Helper()
	c := &counter{TB: t, store: storetest.OpenWatched(t, watch)}
	c.ctx, _ = storetest.Merchant(t, c.store)
	book := ledger.New(ledger.Config{Store: c.store})
	rost := roster.New(roster.Config{Store: c.store})
	trk, err := track.New(track.Config{Store: c.store})
	c.must(err)
	earned := earn.New(earn.Config{Store: c.store, Track: trk, Ledger: book})
	c.api = NewHandler(Config{Resolver: &Resolver{Store: c.store, Roster: rost, Track: trk, Earn: earned, Ledger: book, Log: c.store.Log()}})
	c.furnish(rost, trk, earned)
	return c
}

// furnish makes the program, its terms, an affiliate and its link.
func (c *counter) furnish(rost *roster.Service, trk *track.Service, earned *earn.Service) {
	c.Helper()
	p, err := rost.ProgramCreate(c.ctx, roster.ProgramCreateInput{Name: "Shoes", Currency: "USD", TimeZone: "UTC", FallbackURL: "https://shop.example/"})
	c.must(err)
	c.program = p.ProgramID
	a, err := rost.AffiliateCreate(c.ctx, roster.AffiliateCreateInput{Name: "Ann", Email: "ann@aff.example", ProgramIDs: []string{c.program}})
	c.must(err)
	_, err = trk.HostAdd(c.ctx, track.HostAddInput{ProgramID: c.program, Name: "shop.example", Purpose: host.PurposeDESTINATION})
	c.must(err)
	l, err := trk.LinkCreate(c.ctx, track.LinkCreateInput{ProgramID: c.program, AffiliateID: a.AffiliateID, Destination: "https://shop.example/"})
	c.must(err)
	row, err := c.store.Client().Link.Get(c.ctx, l.ID)
	c.must(err)
	c.link = row.Number
	terms, err := earned.PlanCreate(c.ctx, earn.PlanCreateInput{ProgramID: c.program, Name: "Standard"})
	c.must(err)
	rate, err := money.ParseRate("10")
	c.must(err)
	_, err = earned.PlanActivate(c.ctx, earn.PlanActivateInput{PlanID: terms.PlanID, Rules: []plan.Rule{{Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: rate}}})
	c.must(err)
}

func (c *counter) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// order records one paid order of two lines by a new buyer who clicked.
func (c *counter) order() {
	c.Helper()
	c.orders++
	click := id.NewUUID(c.store.Now().Add(-time.Minute))
	click[15] |= 1 // may earn
	body, err := json.Marshal(map[string]any{"query": `mutation($in: ConversionRecordInput!) { conversionRecord(input: $in) { conversion { id } created userErrors { message code } } }`,
		"variables": json.RawMessage(fmt.Sprintf(`{"in":{"programId":%q,"externalId":"o-%d","clickToken":%q,"customer":{"email":"buyer%d@example.com"},
			"lines":[{"externalId":"1","amount":{"amount":"49.90","currency":"USD"},"quantity":1},{"externalId":"2","amount":{"amount":"10.10","currency":"USD"},"quantity":2}]}}`,
			c.program, c.orders, token.Token{Click: click, Link: c.link}.Encode(c.store.Keys()), c.orders))})
	c.must(err)
	r := httptest.NewRequestWithContext(c.ctx, http.MethodPost, "/graphql", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	c.api.ServeHTTP(w, r)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"created":true`) {
		c.Fatalf("%d %s", w.Code, w.Body)
	}
}

// mostStatements bounds a plain order: 17 on PostgreSQL and 19 on SQLite, which
// inserts events, their places and the audit row one after the other, and a
// little room.
const mostStatements = 21

// On PostgreSQL each statement is a round trip, and on SQLite the one writer
// waits for all of them: what an order needs to know is read once and handed on.
func TestOrderCostsFewStatements(t *testing.T) {
	t.Parallel()
	var seen statements
	c := openCounter(t, seen.watch)
	c.order() // opens accounts and writes the first policy
	seen.take()
	c.order()
	list, took := seen.take()
	if len(list) <= mostStatements && len(list) > 10 { // fewer: the watch is broken
		return
	}
	for i, q := range list {
		t.Logf("%2d %8v %s", i+1, took[i], strings.Join(strings.Fields(q), " "))
	}
	t.Errorf("an order took %d statements, more than %d", len(list), mostStatements)
}

func BenchmarkOrder(b *testing.B) {
	c := openCounter(b, nil)
	c.order()
	b.ReportAllocs()
	for b.Loop() {
		c.order()
	}
}
