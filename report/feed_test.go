package report_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/trust"
)

// numbered emits events 1 to n, odd ones of affiliate a and even ones of b, every
// third of type "test.third".
func (m *market) numbered(n int, a, b string) {
	m.t.Helper()
	var all []store.Event
	for i := 1; i <= n; i++ {
		e := store.Event{Type: "test.plain", Subject: fmt.Sprint(i), AffiliateID: b}
		if i%2 == 1 {
			e.AffiliateID = a
		}
		if i%3 == 0 {
			e.Type = "test.third"
		}
		all = append(all, e)
	}
	m.say(all...)
	m.place()
}

func subjects(events []report.Event) (out []string) {
	for _, e := range events {
		out = append(out, e.SubjectID)
	}
	return out
}

// from is the cursor before everything the test emits.
func (m *market) from() string {
	m.t.Helper()
	m.place()
	cursor := ""
	for {
		page := storetest.Must[report.EventFeed](m.t)(m.EventFeed(m.ctx, cursor, 100, nil))
		if cursor = page.Cursor; !page.HasMore {
			return cursor
		}
	}
}

func TestN03_FeedPagesHoldEveryEventOnceAndInOrder(t *testing.T) {
	t.Parallel()
	m := open(t)
	p := m.program("Shoes", "UTC")
	a, b := m.affiliate(p), m.affiliate(p)
	start := m.from()
	m.numbered(10, a, b)
	for _, c := range []struct {
		name  string
		as    string
		types []string
		want  []string
	}{
		{"the merchant", "", nil, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}},
		{"the merchant, thirds", "", []string{"test.third"}, []string{"3", "6", "9"}},
		{"affiliate a", a, nil, []string{"1", "3", "5", "7", "9"}},
		{"affiliate b, thirds", b, []string{"test.third", "none"}, []string{"6"}},
		{"affiliate a, nothing", a, []string{"none"}, nil},
	} {
		ctx := m.ctx
		if c.as != "" {
			ctx = m.as(c.as)
		}
		for _, first := range []int{1, 3, 5, 10, 100} {
			var got []string
			page := report.EventFeed{Cursor: start, HasMore: true}
			for page.HasMore {
				page = storetest.Must[report.EventFeed](m.t)(m.EventFeed(ctx, page.Cursor, first, c.types))
				if len(page.Events) > first {
					t.Errorf("%s: %d events in a page of %d", c.name, len(page.Events), first)
				}
				got = append(got, subjects(page.Events)...)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s by %d: %v, want %v", c.name, first, got, c.want)
			}
		}
	}
}

// An event is the same in every reader's feed, and its cursor goes on after it.
func TestEventsCarryTheirCursor(t *testing.T) {
	t.Parallel()
	m := open(t)
	p := m.program("Shoes", "UTC")
	a := m.affiliate(p)
	start := m.from()
	m.say(commission("accrued", p, a, 100), store.Event{Type: "test.bare", Subject: "x", Version: 3})
	m.place()
	page := storetest.Must[report.EventFeed](m.t)(m.EventFeed(m.ctx, start, 0, nil))
	e, bare := page.Events[0], page.Events[1]
	if *e.ProgramID != p || *e.AffiliateID != a || e.Facts["amount"] != "100" || e.Version != 1 || !e.At.Equal(m.clock.Now()) {
		t.Errorf("event %+v", e)
	}
	if bare.ProgramID != nil || bare.AffiliateID != nil || bare.Version != 3 {
		t.Errorf("event %+v", bare)
	}
	rest := storetest.Must[report.EventFeed](m.t)(m.EventFeed(m.ctx, e.Cursor, 0, nil))
	if !slices.Equal(subjects(rest.Events), []string{"x"}) || rest.Cursor != page.Cursor || rest.HasMore {
		t.Errorf("after the first: %+v", rest)
	}
	own := storetest.Must[report.EventFeed](m.t)(m.EventFeed(m.as(a), start, 0, nil))
	if len(own.Events) != 1 || own.Events[0].ID != e.ID || own.Events[0].Cursor != e.Cursor {
		t.Errorf("the affiliate's feed: %+v", own.Events)
	}
}

func TestN03_CursorsAreCheckedAndExpire(t *testing.T) {
	t.Parallel()
	m := open(t)
	other := newMarket(t, m.store, m.clock, m.Service)
	p := m.program("Shoes", "UTC")
	start := m.from()
	m.say(commission("accrued", p, "", 1))
	end := m.from()
	foreign := other.from()
	for _, after := range []string{"x", foreign, start + "A", start[:len(start)-1], "\x00"} {
		_, err := m.EventFeed(m.ctx, after, 0, nil)
		m.refuses(err, problem.Invalid, "after")
		_, err = m.Events(m.ctx, after, nil)
		m.refuses(err, problem.Invalid, "after")
	}
	for _, first := range []int{-1, 101} {
		_, err := m.EventFeed(m.ctx, "", first, nil)
		m.refuses(err, problem.Invalid, "first")
	}
	_, err := m.EventFeed(m.ctx, "", 1, make([]string, 51))
	m.refuses(err, problem.Invalid, "types")
	_, err = m.EventFeed(t.Context(), "", 1, nil)
	m.refuses(err, problem.Unauthenticated, "")
	_, err = m.EventFeed(trust.With(t.Context(), trust.Viewer{MerchantID: m.merchant, Kind: trust.KindUser, Role: trust.Affiliate}), "", 1, nil)
	m.refuses(err, problem.Unauthenticated, "") // an affiliate's session without an affiliate

	m.clock.Advance(91 * 24 * time.Hour)
	_, err = m.EventFeed(m.ctx, start, 0, nil)
	m.refuses(err, problem.CursorExpired, "")
	_, err = m.Events(m.ctx, start, nil)
	m.refuses(err, problem.CursorExpired, "")
	if page := storetest.Must[report.EventFeed](m.t)(m.EventFeed(m.ctx, end, 0, nil)); len(page.Events) != 0 {
		t.Errorf("a cursor that has missed nothing is good for ever; got %+v", page)
	}
	m.say(store.Event{Type: "test.fresh", Subject: "fresh"})
	m.place()
	if page := storetest.Must[report.EventFeed](m.t)(m.EventFeed(m.ctx, "", 0, nil)); !slices.Equal(subjects(page.Events), []string{"fresh"}) {
		t.Errorf("the feed begins with %v", subjects(page.Events))
	}
}

// A cursor of a database that was restored from an older copy names a place that
// will be another event's.
func TestN03_CursorBeyondTheJournalHasExpired(t *testing.T) {
	t.Parallel()
	m := open(t)
	beyond := m.store.Keys().SealCursor(1, m.merchant, 1_000_000)
	_, err := m.EventFeed(m.ctx, beyond, 0, nil)
	m.refuses(err, problem.CursorExpired, "")
	_, err = m.EventFeed(m.ctx, m.store.Keys().SealCursor(2, m.merchant, 1), 0, nil)
	m.refuses(err, problem.CursorExpired, "")
}
