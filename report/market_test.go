package report_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/click"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/trust"
)

// market is one merchant and what it has to report.
type market struct {
	*report.Service
	t        testing.TB
	ctx      context.Context
	merchant string
	clock    *storetest.Clock
	store    *store.Store
	roster   *roster.Service
	people   int
}

func open(t testing.TB) *market {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	return newMarket(t, s, clock, report.New(report.Config{Store: s}))
}

// newMarket is another merchant on the same server.
func newMarket(t testing.TB, s *store.Store, clock *storetest.Clock, r *report.Service) *market {
	t.Helper()
	m := &market{Service: r, t: t, clock: clock, store: s, roster: roster.New(roster.Config{Store: s})}
	m.ctx, m.merchant = storetest.Merchant(t, s)
	return m
}

// serve runs what a server runs beside requests: sequencer, tail and follower.
// It returns when the tail delivers, and gives what stops it.
func (m *market) serve() (stop func()) {
	m.t.Helper()
	return m.background(func(ctx context.Context) error { return m.store.Follow(ctx, m.Follower()) })
}

// background runs sequencer and tail, and whatever else.
func (m *market) background(more ...func(context.Context) error) (stop func()) {
	m.t.Helper()
	ctx, end := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = m.store.Sequence(ctx) })
	running.Go(func() { _ = m.store.Tail(ctx) })
	for _, loop := range more {
		running.Go(func() { _ = loop(ctx) })
	}
	stop = sync.OnceFunc(func() { end(); running.Wait() })
	m.t.Cleanup(stop)
	sub := m.store.Subscribe(m.merchant, 1)
	defer sub.Close()
	for {
		m.say(store.Event{Type: "test.begun", Subject: "begun"})
		select {
		case <-sub.C:
			return stop
		case <-time.After(50 * time.Millisecond): // the tail says nothing when it begins
		}
	}
}

// count places all events and counts them, as a server would.
func (m *market) count() {
	m.t.Helper()
	m.place()
	for storetest.Must[int](m.t)(m.store.Catch(m.ctx, m.Follower())) > 0 { //nolint:revive // counts
	}
}

func (m *market) program(name, zone string) string {
	m.t.Helper()
	return storetest.Must[roster.ProgramOutcome](m.t)(m.roster.ProgramCreate(m.ctx, roster.ProgramCreateInput{
		Name: name, Currency: "USD", TimeZone: zone, FallbackURL: "https://shop.example/",
	})).ProgramID
}

func (m *market) affiliate(programs ...string) string {
	m.t.Helper()
	m.people++
	return storetest.Must[roster.AffiliateCreated](m.t)(m.roster.AffiliateCreate(m.ctx, roster.AffiliateCreateInput{
		Name: fmt.Sprintf("Affiliate %d", m.people), Email: fmt.Sprintf("a%d@example.org", m.people), ProgramIDs: programs,
	})).AffiliateID
}

// as gives the context of an affiliate's own session.
func (m *market) as(affiliateID string) context.Context {
	return trust.With(m.t.Context(), trust.Viewer{
		MerchantID: m.merchant, PrincipalID: "usr_" + affiliateID, Kind: trust.KindUser, Role: trust.Affiliate, AffiliateID: affiliateID,
	})
}

// run is one command.
func (m *market) run(fn func(ctx context.Context, tx *store.Tx) error) {
	m.t.Helper()
	_, err := store.Run(m.ctx, m.store, store.Command{Name: "test", Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, fn(ctx, tx)
	})
	if err != nil {
		m.t.Fatal(err)
	}
}

// say emits events as a room would, in one command.
func (m *market) say(events ...store.Event) {
	m.t.Helper()
	m.run(func(_ context.Context, tx *store.Tx) error {
		for _, e := range events {
			tx.Emit(e)
		}
		return nil
	})
}

// fact spells an event: facts as "name value" pairs.
func fact(kind, program, affiliate string, pairs ...string) store.Event {
	e := store.Event{Type: kind, Subject: "subject", ProgramID: program, AffiliateID: affiliate, Facts: canon.Facts{}}
	for i := 0; i < len(pairs); i += 2 {
		e.Facts[pairs[i]] = pairs[i+1]
	}
	return e
}

// commission is an event of earn about so many cents on 2026-03-02.
func commission(kind, program, affiliate string, cents int64, more ...string) store.Event {
	return fact("commission."+kind, program, affiliate, append([]string{
		"amount", strconv.FormatInt(cents, 10), "currency", "USD", "day", "2026-03-02",
	}, more...)...)
}

// clicks stores clicks at instants, every third of them not payable, as the
// click writer does: rows and one event.
func (m *market) clicks(program, affiliate string, at ...time.Time) {
	m.t.Helper()
	m.run(func(ctx context.Context, tx *store.Tx) error {
		lost := 0
		for i, when := range at {
			payable := i%3 != 2
			if !payable {
				lost++
			}
			err := tx.Ent().Click.Create().SetProgramID(program).SetAffiliateID(affiliate).SetLinkID("lnk_test").
				SetClickedAt(when).SetKind(click.KindHUMAN).SetPayable(payable).SetConsent(true).Exec(ctx)
			if err != nil {
				return err
			}
		}
		tx.Emit(fact("clicks.recorded", program, affiliate, "clicks", strconv.Itoa(len(at)), "unpayable", strconv.Itoa(lost),
			"first", at[0].UTC().Format(time.RFC3339Nano), "last", at[len(at)-1].UTC().Format(time.RFC3339Nano)))
		return nil
	})
}

// spell writes a row as "clicks/unpayable conversions sales refunded accrued approved paid".
func spell(r report.StatsRow) string {
	return fmt.Sprintf("%s%s %d/%d %d %s %s %s %s %s", r.Day, r.Currency, r.Clicks, r.ClicksUnpayable, r.Conversions,
		r.Sales(), r.Refunded(), r.Accrued(), r.Approved(), r.Paid())
}

func spellAll(rows []report.StatsRow) (out []string) {
	for _, r := range rows {
		out = append(out, spell(r))
	}
	return out
}

// stats reads all days.
func (m *market) stats(ctx context.Context, f report.Filter) report.Stats {
	m.t.Helper()
	return storetest.Must[report.Stats](m.t)(m.Stats(ctx, report.StatsInput{Filter: f, From: "2025-06-01", To: "2027-05-01"}))
}

// refuses checks code and field of an error.
func (m *market) refuses(err error, code problem.Code, field string) {
	m.t.Helper()
	p, ok := problem.As(err)
	if !ok || p.Code != code || strings.Join(p.Field, ".") != field {
		m.t.Errorf("got %v, want %s at %q", err, code, field)
	}
}

// place waits until every committed event has its place.
func (m *market) place() {
	m.t.Helper()
	ctx, end := context.WithTimeout(context.Background(), time.Minute)
	var running sync.WaitGroup
	defer running.Wait()
	defer end()
	running.Go(func() { _ = m.store.Sequence(ctx) })
	for storetest.Must[int64](m.t)(m.store.Lag(ctx)) > 0 {
		m.store.Wake()
		time.Sleep(5 * time.Millisecond) // the sequencer has no signal of its own
	}
}
