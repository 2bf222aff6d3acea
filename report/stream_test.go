package report_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
)

// Writers go on all the time; the reader is cut off again and again at random and
// comes back with the last cursor it got.
func TestN03_ResumedFeedHasEveryEventOnceAndInOrder(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.serve()
	other := newMarket(t, m.store, m.clock, m.Service)
	p := m.program("Shoes", "UTC")
	a, b := m.affiliate(p), m.affiliate(p)
	start := m.from()
	const writers, each = 4, 60
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				who := a
				if i%3 == 0 {
					who = b
				}
				m.say(store.Event{Type: "test.event", Subject: fmt.Sprint(w, "/", i), AffiliateID: who})
				other.say(store.Event{Type: "test.event", Subject: "not yours"})
			}
		})
	}
	seed := uint64(20260302)
	rnd := rand.New(rand.NewPCG(seed, seed))
	var all, own []report.Event
	var reading sync.WaitGroup
	reading.Go(func() { all = m.readWithCuts(m.ctx, start, writers*each, rnd.IntN(40)) })
	reading.Go(func() { own = m.readWithCuts(m.as(a), start, writers*each*2/3, 7) })
	reading.Wait()
	writing.Wait()
	journal := storetest.Must[[]store.Event](m.t)(m.store.Events(m.ctx, m.merchant, 0, 10_000))
	want := map[string][]string{}
	for _, e := range journal {
		if e.Type == "test.event" {
			want["all"] = append(want["all"], e.ID)
			want[e.AffiliateID] = append(want[e.AffiliateID], e.ID)
		}
	}
	if got := ids(all); !slices.Equal(got, want["all"]) {
		t.Errorf("seed %d: the merchant's feed has %d events, the journal %d, or in another order", seed, len(got), len(want["all"]))
	}
	if got := ids(own); !slices.Equal(got, want[a]) {
		t.Errorf("seed %d: the affiliate's feed has %d events, the journal %d, or in another order", seed, len(got), len(want[a]))
	}
}

func ids(events []report.Event) (out []string) {
	for _, e := range events {
		out = append(out, e.ID)
	}
	return out
}

// feed reads as a connection does: one event after another, each handed on when
// the one before was taken.
func (m *market) feed(ctx context.Context, after string, types []string) (<-chan *report.Event, error) {
	r, err := m.Events(ctx, after, types)
	if err != nil {
		return nil, err
	}
	out := make(chan *report.Event)
	go func() {
		defer close(out)
		for e, _ := r.Next(ctx); e != nil; e, _ = r.Next(ctx) {
			select {
			case out <- r.Tell(e):
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// readWithCuts reads n events, cutting the connection after every few.
func (m *market) readWithCuts(ctx context.Context, after string, n, few int) (all []report.Event) {
	for len(all) < n {
		ctx, cut := context.WithCancel(ctx)
		events, err := m.feed(ctx, after, []string{"test.event"})
		if err != nil {
			m.t.Error(err)
			cut()
			return all
		}
		for range min(few+1, n-len(all)) {
			e := next(m.t, events)
			all, after = append(all, *e), e.Cursor
		}
		cut()
		closed(m.t, events)
	}
	return all
}

// A reader that sleeps while more comes than may wait for it goes back to the
// journal, and then to the tail again.
func TestN03_SlowReaderLosesNothing(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.serve()
	start := m.from()
	ctx, leave := context.WithCancel(m.ctx)
	defer leave()
	slow := storetest.Must[<-chan *report.Event](m.t)(m.feed(ctx, start, []string{"test.event"}))
	quick := storetest.Must[<-chan *report.Event](m.t)(m.feed(ctx, start, []string{"test.event"}))
	const bursts = 3
	for burst := range bursts {
		for i := range 40 { // each its own batch of the tail: more than wait for a reader
			subject := fmt.Sprint(burst, "/", i)
			m.say(store.Event{Type: "test.event", Subject: subject})
			if e := next(t, quick); e.SubjectID != subject {
				t.Fatalf("the quick reader got %s, want %s", e.SubjectID, subject)
			}
		}
		for i := range 40 {
			if e := next(t, slow); e.SubjectID != fmt.Sprint(burst, "/", i) {
				t.Fatalf("the slow reader got %s, want %d/%d", e.SubjectID, burst, i)
			}
		}
	}
}

func TestFeedEndsWithItsReader(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.serve()
	ctx, leave := context.WithCancel(m.ctx)
	idle := storetest.Must[<-chan *report.Event](m.t)(m.feed(ctx, "", []string{"none"}))
	stuck := storetest.Must[<-chan *report.Event](m.t)(m.feed(ctx, "", nil)) // has events nobody takes
	leave()
	closed(t, idle)
	closed(t, stuck)
}
