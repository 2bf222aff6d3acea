package bus

import (
	"testing"
	"time"
)

func TestQueueFillsGroupsInOrder(t *testing.T) {
	t.Parallel()
	q := newQueue(time.Hour)
	for range 2*maxGroupRecords + 1 { // 256 + 256 + 1
		if _, why := q.join([]byte("x"), maxWaiting); why != accepted {
			t.Fatal(why)
		}
	}
	wait(t, q.ready, "ready")
	for _, want := range []int{256, 256, 1} {
		if g := q.take(); g.count != want {
			t.Fatalf("group of %d, want %d", g.count, want)
		}
	}
	if q.take() != nil {
		t.Fatal("a fourth group")
	}
}

func TestQueueBoundsBytesOfAGroup(t *testing.T) {
	t.Parallel()
	q := newQueue(time.Hour)
	record := make([]byte, 100<<10)
	for range 3 { // 2 × 100 KiB fit in 256 KiB, 3 do not
		q.join(record, maxWaiting)
	}
	if a, b := q.take(), q.take(); a.count != 2 || b.count != 1 || len(a.frame) > maxGroupBytes {
		t.Fatalf("groups of %d and %d", a.count, b.count)
	}
}

func TestQueueBoundsWaiting(t *testing.T) {
	t.Parallel()
	q := newQueue(time.Hour)
	for range maxGroupRecords {
		q.join([]byte("x"), 1)
	}
	if _, why := q.join([]byte("x"), 1); why != Busy {
		t.Fatalf("got %s, want busy", why)
	}
	q.close()
	if _, why := q.join([]byte("x"), maxWaiting); why != Stopped {
		t.Fatalf("got %s, want stopped", why)
	}
}

// TestQueueForgetsExpiredGroups: a group that was answered takes no new member,
// waiting or not.
func TestQueueForgetsExpiredGroups(t *testing.T) {
	t.Parallel()
	q := newQueue(time.Millisecond)
	g, _ := q.join([]byte("x"), maxWaiting)
	wait(t, g.done, "expiry")
	if g.fate != Late || q.take() != nil {
		t.Fatalf("fate %s", g.fate)
	}
	g.settle(accepted)
	if g.fate != Late {
		t.Fatal("a second fate")
	}
}

// TestQueueCopiesRecords: the caller's bytes are its own again after join.
func TestQueueCopiesRecords(t *testing.T) {
	t.Parallel()
	q := newQueue(time.Hour)
	mine := []byte("before")
	q.join(mine, maxWaiting)
	copy(mine, "after!")
	records, err := openFrame(sealFrame(q.take().frame))
	if err != nil || string(records[0]) != "before" {
		t.Fatalf("%q, %v", records, err)
	}
}
