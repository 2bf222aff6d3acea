package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// collect reads a subscription until n events came or it is closed.
func collect(sub *store.Subscription, n int) (seqs []int64) {
	for len(seqs) < n {
		batch, open := <-sub.C
		if !open {
			break
		}
		for _, e := range batch {
			seqs = append(seqs, e.Seq)
		}
	}
	return seqs
}

func TestTailDeliversEachEventOnceInOrder(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	one, first := storetest.Merchant(t, s)
	two, second := storetest.Merchant(t, s)
	emit(one, t, s, 10) // before anybody listens
	place(t, s)
	background(t, s.Sequence)
	subs := map[string]*store.Subscription{first: s.Subscribe(first, 1000), second: s.Subscribe(second, 1000), "": s.Subscribe("", 1000)}
	emit(one, t, s, 10) // before the tail runs
	background(t, s.Tail)
	emit(two, t, s, 30)
	emit(one, t, s, 40)
	for merchant, want := range map[string]int{first: 50, second: 30, "": 80} {
		got := collect(subs[merchant], want)
		if len(got) != want || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != want {
			t.Errorf("%q: got %d events, want %d, in order: %v", merchant, len(got), want, got)
		}
		if merchant == "" && (got[0] != 11 || got[79] != 90) {
			t.Errorf("places %d to %d, want 11 to 90", got[0], got[79])
		}
		subs[merchant].Close()
		if _, open := <-subs[merchant].C; open || subs[merchant].Err() != nil {
			t.Errorf("after Close: open %v, %v", open, subs[merchant].Err())
		}
	}
}

// Who wants some events only is left alone by the others, and is not slow for
// what it does not want. Without wantsAny it is closed.
func TestTailLeavesAloneWhoDoesNotWantIt(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, merchant := storetest.Merchant(t, s)
	background(t, s.Sequence)
	background(t, s.Tail)
	none := s.SubscribeTo(merchant, 1, func(*store.Event) bool { return false })
	tenth := s.SubscribeTo(merchant, 1, func(e *store.Event) bool { return e.Seq == 10 })
	all := s.Subscribe(merchant, 100)
	defer none.Close()
	defer tenth.Close()
	defer all.Close()
	for n := range 4 {
		emitTogether(ctx, t, s, 3*n, 3)
		collect(all, 3)
	}
	if batch := <-tenth.C; !slices.ContainsFunc(batch, func(e store.Event) bool { return e.Seq == 10 }) {
		t.Errorf("got %v", batch)
	}
	if len(none.C) > 0 || len(tenth.C) > 0 || none.Err() != nil || tenth.Err() != nil {
		t.Error("told what nobody asked for", none.Err(), tenth.Err())
	}
}

// A subscriber that does not read is closed; the others get everything, and
// nobody waits.
func TestSlowSubscriberIsClosedAndHoldsUpNobody(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, merchant := storetest.Merchant(t, s)
	background(t, s.Sequence)
	background(t, s.Tail)
	slow, quick := s.Subscribe(merchant, 1), s.Subscribe(merchant, 1)
	defer slow.Close()
	defer quick.Close()
	for n := range 5 {
		emitTogether(ctx, t, s, 3*n, 3)
		if got := collect(quick, 3); len(got) != 3 || got[0] != int64(3*n+1) {
			t.Fatalf("round %d: the quick one got %v", n, got)
		}
	}
	if got := collect(slow, 100); len(got) == 0 || len(got) >= 15 {
		t.Errorf("the slow one got %v", got)
	}
	if !errors.Is(slow.Err(), store.ErrSlow) || quick.Err() != nil {
		t.Errorf("slow: %v, quick: %v", slow.Err(), quick.Err())
	}
}

func TestTailEndsItsSubscriptions(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	_, merchant := storetest.Merchant(t, s)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Tail(ctx) }()
	sub := s.Subscribe(merchant, 1)
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	select {
	case _, open := <-sub.C:
		if open || sub.Err() != nil {
			t.Errorf("open %v, %v", open, sub.Err())
		}
	case <-time.After(5 * time.Second):
		t.Error("the subscription stays open")
	}
	sub.Close() // again, to no effect
}

// Without a journal to read there is no subscription.
func TestSubscribeOnAClosedStoreSaysSo(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sub := s.Subscribe("mer_x", 1)
	if _, open := <-sub.C; open || sub.Err() == nil {
		t.Errorf("open %v, %v", open, sub.Err())
	}
	sub.Close()
}
