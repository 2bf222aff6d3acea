package bounds_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tributary/tributary/graph/bounds"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// A bucket of 100 points that gets 10 back each second, by hand.
func TestN34_BucketsLeakAndFill(t *testing.T) {
	t.Parallel()
	b := &bounds.Buckets{Maximum: 100, Restore: 10}
	for _, step := range []struct {
		asker  string
		at     time.Duration
		points int
		left   int
		wait   time.Duration
	}{
		{"ann", 0, 60, 40, 0},
		{"ann", 0, 40, 0, 0},
		{"ann", 0, 1, 0, 100 * time.Millisecond},
		{"bob", 0, 1, 99, 0},
		{"ann", 2 * time.Second, 30, 20, time.Second}, // 20 came back; 10 more take a second
		{"ann", 3 * time.Second, 30, 0, 0},
		{"ann", time.Hour, 0, 100, 0},
		{"ann", time.Hour, 500, 0, 0},            // more than there can be is all there is
		{"ann", 0, 1, 0, 100 * time.Millisecond}, // the clock was set back: an empty bucket, no worse
	} {
		left, wait := b.Take(step.asker, step.points, noon.Add(step.at))
		if left != step.left || wait != step.wait {
			t.Errorf("%s takes %d at %v: %d left and %v to wait, want %d and %v", step.asker, step.points, step.at, left, wait, step.left, step.wait)
		}
	}
	var off bounds.Buckets
	if _, wait := off.Take("ann", 1<<20, noon); wait != 0 || !off.Off() {
		t.Error("no bucket refuses")
	}
}

// A flood of askers takes no more memory than the bound, and an asker among them
// is never refused for it.
func TestBucketsOfManyAskersAreBounded(t *testing.T) {
	t.Parallel()
	b := &bounds.Buckets{Maximum: 10, Restore: 1}
	for i := range 200_000 {
		if _, wait := b.Take(fmt.Sprint(i), 10, noon); wait != 0 {
			t.Fatalf("asker %d waits %v", i, wait)
		}
	}
	if n := b.Remembered(); n > 65536 {
		t.Errorf("%d buckets are remembered", n)
	}
}

func TestShelfIsBoundedByBytes(t *testing.T) {
	t.Parallel()
	s := &bounds.Shelf[int]{Bytes: 100, Bay: 60, Thing: 40}
	s.Put("a", "large", 1, 41)
	if _, found := s.Get("a", "large"); found {
		t.Error("what is too large is kept")
	}
	for i := range 4 { // 4 × 20: the first gives way to the bay's 60
		s.Put("a", fmt.Sprint(i), i, 20)
	}
	s.Put("b", "0", 9, 30)
	for key, want := range map[string]bool{"0": false, "1": true, "2": true, "3": true} {
		if _, found := s.Get("a", key); found != want {
			t.Errorf("a %s: %v", key, found)
		}
	}
	_, _ = s.Get("a", "2")
	_, _ = s.Get("a", "3")
	_, _ = s.Get("a", "1") // last used, so that 2 goes first
	s.Put("b", "1", 9, 30) // 120 on a shelf for 100: a and b are 60 each until one gives way
	if s.Held() > 100 {
		t.Errorf("%d bytes are held", s.Held())
	}
	for i := range 1000 { // one bay is filled again and again
		s.Put("b", fmt.Sprint("more", i), i, 10)
	}
	if _, found := s.Get("a", "1"); !found || s.Held() > 100 {
		t.Errorf("another bay pushed it out; %d held", s.Held())
	}
}
