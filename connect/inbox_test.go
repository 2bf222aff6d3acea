package connect

import "testing"

// What waits while something is stored is stored together, in its order; one stores
// at a time.
func TestS67_WhatWaitsIsStoredTogether(t *testing.T) {
	t.Parallel()
	var b inbox
	all := make([]*arrival, 300)
	for i := range all {
		all[i] = &arrival{}
		if first := b.add(all[i]); first != (i == 0) {
			t.Fatalf("arrival %d is to store: %v", i, first)
		}
	}
	for _, want := range []int{256, 44, 0} {
		group := b.next()
		if len(group) != want || want > 0 && group[0] != all[0] {
			t.Fatalf("%d are stored together, want %d", len(group), want)
		}
		all = all[want:]
	}
	if !b.add(&arrival{}) {
		t.Error("nobody stores what comes later")
	}
}
