package report_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
)

// patience is how long a test waits for what should come at once.
const patience = 30 * time.Second

// next takes what comes on a channel.
func next[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v, open := <-c:
		if !open {
			t.Fatal("the channel was closed")
		}
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
	}
	panic("unreachable")
}

// closed fails unless the channel ends, whatever still comes before.
func closed[T any](t testing.TB, c <-chan T) {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case _, open := <-c:
			if !open {
				return
			}
		case <-late:
			t.Fatal("the channel was not closed")
		}
	}
}

// until takes live stats until their totals are as wanted.
func until(t testing.TB, c <-chan report.LiveStats, want ...string) report.LiveStats {
	t.Helper()
	late := time.After(patience)
	var got []string
	for {
		select {
		case l, open := <-c:
			if !open {
				t.Fatal("the channel was closed")
			}
			if got = spellAll(l.Total); slices.Equal(got, want) {
				return l
			}
		case <-late:
			t.Fatalf("totals are %q, want %q", got, want)
		}
	}
}

func TestN02_LiveStatsAreASnapshotAndThenChanges(t *testing.T) {
	t.Parallel()
	m, p, a := served(t, "Asia/Tokyo") // there it is 19:00 on 2026-03-02
	ctx, leave := context.WithCancel(m.ctx)
	live := storetest.Must[<-chan report.LiveStats](m.t)(m.Live(ctx, report.Filter{}))
	if first := next(t, live); len(first.Total) != 0 || len(first.Today) != 0 || first.Cursor == "" || !first.At.Equal(m.clock.Now()) {
		t.Errorf("first snapshot %+v", first)
	}
	m.say(commission("accrued", p, a, 100), commission("accrued", p, a, 7, "day", "2026-03-01"))
	l := until(t, live, "USD 0/0 0 0.00 0.00 1.07 0.00 0.00")
	if got := spellAll(l.Today); !slices.Equal(got, []string{"USD 0/0 0 0.00 0.00 1.00 0.00 0.00"}) {
		t.Errorf("today %q", got)
	}
	m.clicks(p, a, m.clock.Now(), m.clock.Now(), m.clock.Now())
	until(t, live, " 2/1 0 0 0 0 0 0", "USD 0/0 0 0.00 0.00 1.07 0.00 0.00")
	leave()
	closed(t, live)
}

// Whoever reads the feed on from a snapshot's cursor meets exactly the events
// that the snapshot does not hold.
func TestN03_SnapshotAndCursorAreOfOneInstant(t *testing.T) {
	t.Parallel()
	m, p, a := served(t, "UTC")
	const sales = 60
	var writer sync.WaitGroup
	writer.Go(func() {
		for range sales {
			m.say(commission("accrued", p, a, 1))
		}
	})
	ctx, leave := context.WithCancel(m.ctx)
	defer leave()
	live := storetest.Must[<-chan report.LiveStats](m.t)(m.Live(ctx, report.Filter{}))
	var seen []report.LiveStats
	for len(seen) == 0 || len(seen[len(seen)-1].Total) == 0 || seen[len(seen)-1].Total[0].Accrued() != "0.60" {
		seen = append(seen, next(t, live))
	}
	writer.Wait()
	for _, l := range seen {
		held := 0
		if len(l.Total) > 0 {
			if _, err := fmt.Sscanf(l.Total[0].Accrued(), "0.%d", &held); err != nil {
				t.Fatal(err)
			}
		}
		page := storetest.Must[report.EventFeed](m.t)(m.EventFeed(m.ctx, l.Cursor, 100, []string{"commission.accrued"}))
		if held+len(page.Events) != sales {
			t.Errorf("a snapshot holds %d sales and its feed goes on with %d", held, len(page.Events))
		}
	}
}

func TestN02_EachSeesItsOwnNumbersOnly(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.serve()
	other := newMarket(t, m.store, m.clock, m.Service)
	p, q := m.program("Shoes", "UTC"), other.program("Hats", "UTC")
	a, b, c, d := m.affiliate(p), m.affiliate(p), other.affiliate(q), other.affiliate(q)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	watch := func(m *market, ctx context.Context, f report.Filter) <-chan report.LiveStats {
		return storetest.Must[<-chan report.LiveStats](m.t)(m.Live(ctx, f))
	}
	both, ofA, ofB, theirs, ofC, ofD := watch(m, m.ctx, report.Filter{}), watch(m, m.as(a), report.Filter{}), watch(m, m.ctx, report.Filter{AffiliateID: b}),
		watch(other, other.ctx, report.Filter{ProgramID: q}), watch(other, other.as(c), report.Filter{}), watch(other, other.as(d), report.Filter{})
	m.say(commission("accrued", p, a, 1), commission("accrued", p, b, 20))
	other.say(commission("accrued", q, c, 300), commission("accrued", q, d, 4000))
	for _, w := range []struct {
		live <-chan report.LiveStats
		want string
	}{{both, "0.21"}, {ofA, "0.01"}, {ofB, "0.20"}, {theirs, "43.00"}, {ofC, "3.00"}, {ofD, "40.00"}} {
		until(t, w.live, "USD 0/0 0 0.00 0.00 "+w.want+" 0.00 0.00")
	}
	for _, f := range []report.Filter{{AffiliateID: c}, {ProgramID: q}, {AffiliateID: "aff_none"}} {
		_, err := m.Live(m.ctx, f)
		field := "affiliateId"
		if f.ProgramID != "" {
			field = "programId"
		}
		m.refuses(err, problem.NotFound, field)
	}
	_, err := m.Live(m.as(a), report.Filter{AffiliateID: b})
	m.refuses(err, problem.NotFound, "affiliateId")
	_, err = m.Live(ctx, report.Filter{})
	m.refuses(err, problem.Unauthenticated, "")
}

// Events went by before anyone watched, and are counted after.
func TestN03_WatchLearnsOfEventsThatWentByBefore(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.background() // without a follower
	p := m.program("Shoes", "UTC")
	sub := m.store.Subscribe(m.merchant, 10)
	m.say(commission("accrued", p, m.affiliate(p), 100))
	for !slices.ContainsFunc(next(t, sub.C), func(e store.Event) bool { return e.Type == "commission.accrued" }) { //nolint:revive // until the tail has told it
	}
	sub.Close()
	ctx, leave := context.WithCancel(m.ctx)
	defer leave()
	live := storetest.Must[<-chan report.LiveStats](m.t)(m.Live(ctx, report.Filter{}))
	if l := next(t, live); len(l.Total) != 0 {
		t.Fatalf("counted without a follower: %+v", l)
	}
	m.count()
	until(t, live, "USD 0/0 0 0.00 0.00 1.00 0.00 0.00")
}

// A reader who does not read gets the latest totals when it does.
func TestSlowWatcherIsCoalesced(t *testing.T) {
	t.Parallel()
	m, p, a := served(t, "UTC")
	ctx, leave := context.WithCancel(m.ctx)
	defer leave()
	slow := storetest.Must[<-chan report.LiveStats](m.t)(m.Live(ctx, report.Filter{}))
	quick := storetest.Must[<-chan report.LiveStats](m.t)(m.Live(ctx, report.Filter{}))
	for i := range 5 {
		m.say(commission("accrued", p, a, 1))
		until(t, quick, fmt.Sprintf("USD 0/0 0 0.00 0.00 0.0%d 0.00 0.00", i+1))
	}
	if got := spellAll(next(t, slow).Total); !slices.Equal(got, []string{"USD 0/0 0 0.00 0.00 0.05 0.00 0.00"}) {
		t.Errorf("the slow reader got %q", got)
	}
}

func TestLiveStatsEndWithTheServer(t *testing.T) {
	t.Parallel()
	m := open(t)
	stop := m.serve()
	live := storetest.Must[<-chan report.LiveStats](m.t)(m.Live(context.WithoutCancel(m.ctx), report.Filter{}))
	events := storetest.Must[<-chan *report.Event](m.t)(m.feed(context.WithoutCancel(m.ctx), "", []string{"none"}))
	next(t, live)
	stop()
	closed(t, live)
	closed(t, events)
}

// A day begins while nothing happens: what was today is not any more.
func TestQ69_TodayEndsAtMidnight(t *testing.T) {
	t.Parallel()
	m, p, a := served(t, "Asia/Tokyo")
	today := func() []string {
		ctx, leave := context.WithCancel(m.ctx)
		defer leave()
		l := storetest.Must[<-chan report.LiveStats](m.t)(m.Live(ctx, report.Filter{}))
		defer closed(t, l)
		defer leave()
		return spellAll(until(t, l, "USD 0/0 0 0.00 0.00 1.00 0.00 0.00").Today)
	}
	m.say(commission("accrued", p, a, 100))
	m.clock.Advance(4*time.Hour + 59*time.Minute) // 23:59 in Tokyo
	if got := today(); len(got) != 1 {
		t.Errorf("at 23:59: %q", got)
	}
	m.clock.Advance(time.Minute)
	if got := today(); len(got) != 0 {
		t.Errorf("at midnight: %q", got)
	}
}

// Who is told the same has the same number of it, and nobody else has.
func TestASnapshotHasANumber(t *testing.T) {
	t.Parallel()
	m, p, a := served(t, "UTC")
	ctx, leave := context.WithCancel(m.ctx)
	defer leave()
	watch := func(f report.Filter) <-chan report.LiveStats {
		return storetest.Must[<-chan report.LiveStats](m.t)(m.Live(ctx, f))
	}
	one, other, narrow := watch(report.Filter{}), watch(report.Filter{}), watch(report.Filter{AffiliateID: a})
	m.say(commission("accrued", p, a, 1))
	const want = "USD 0/0 0 0.00 0.00 0.01 0.00 0.00"
	x, y, z := until(t, one, want), until(t, other, want), until(t, narrow, want)
	if x.Number == 0 || x.Number != y.Number || x.Number == z.Number {
		t.Errorf("numbers %d, %d and %d", x.Number, y.Number, z.Number)
	}
}

// served is a served market with a program in a time zone, and an affiliate in it.
func served(t *testing.T, zone string) (m *market, program, affiliate string) {
	t.Helper()
	m = open(t)
	m.serve()
	program = m.program("Shoes", zone)
	return m, program, m.affiliate(program)
}
