package id

import "testing"

// TestSequenceForgetsOnlyOldMilliseconds drives a sequence of its own, so that
// no other test can push a millisecond out.
func TestSequenceForgetsOnlyOldMilliseconds(t *testing.T) {
	t.Parallel()
	for offset := uint64(0); offset <= 2*recent; offset += 31 { // wherever in a generation the first id falls
		var q sequence
		for ms := range offset {
			q.next(ms)
		}
		const at = 1 << 40
		first := q.next(at)
		for ms := range uint64(recent - 1) {
			q.next(1<<41 + ms)
		}
		if second := q.next(at); string(second[:]) <= string(first[:]) {
			t.Fatalf("offset %d: order lost after %d other milliseconds", offset, recent-1)
		}
		if kept := len(q.young) + len(q.old); kept > 2*recent {
			t.Fatalf("offset %d: %d milliseconds remembered", offset, kept)
		}
	}
}

func TestTailStaysWithinItsBits(t *testing.T) {
	t.Parallel()
	highest := [10]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 255}
	first := tail{}.after(highest)
	if first.a != 1<<12-1 || first.b != 1<<61-1 {
		t.Errorf("highest first tail %x", first)
	}
	if next := first.after(highest); next.a != first.a || next.b != first.b+1<<32 {
		t.Errorf("highest step %x → %x", first.b, next.b)
	}
	lowest := tail{}.after([10]byte{})
	if lowest.b == 0 || lowest.after([10]byte{}).b != lowest.b+1 {
		t.Errorf("lowest tail %x", lowest)
	}
}
