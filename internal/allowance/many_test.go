package allowance_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/allowance"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust/pace"
)

// Points of documents: two servers, one token, ten seconds of documents of every
// price. A bucket of 10 000 that gets 1 000 back each second grants 20 000 to both
// together; what is less lies in the leases of the two, which are a tenth each.
// With a bucket for each server it is 40 000; with a lease that is not taken out of
// the shared bucket before it is spent, more than 20 000.
func TestN34_R2_TwoServersShareOneBucketOfPoints(t *testing.T) {
	t.Parallel()
	bucket := pace.Limit{Every: time.Millisecond, Burst: 10_000}
	prices := []int{1, 1000, 1, 37, 1, 480, 1, 999, 1, 3, 0}
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	var asked atomic.Int64
	servers := []*allowance.Desk{desk(clock, counted(s, &asked)), desk(clock, counted(s, &asked))}
	granted, dear := 0, 0
	for i := range 4000 {
		points := prices[i%len(prices)]
		if servers[i%2].TakeMany(t.Context(), "points:x", bucket, points).Granted {
			if granted += points; points > 400 {
				dear++
			}
		}
		clock.Advance(2500 * time.Microsecond)
	}
	if most := 10_000 + 10*1000; granted > most || granted < most-2*1000 {
		t.Errorf("%d points granted in ten seconds, the formula gives %d", granted, most)
	}
	if n := asked.Load(); n > 2*(20+2*20*10) || dear < 5 {
		t.Errorf("%d questions to the database for 4000 documents; %d dear ones were granted", n, dear)
	}
}

// A cheap request after a dear one that was refused has what is left, at once; one
// that waits as it is told is granted.
func TestN34_WhatIsLeftIsForWhoAsksForLess(t *testing.T) {
	t.Parallel()
	bucket := pace.Limit{Every: 100 * time.Millisecond, Burst: 100}
	clock := storetest.NewClock()
	for name, shared := range map[string]allowance.Spend{"one server": nil, "many": storetest.OpenAt(t, clock).DoorSpend} {
		d := desk(clock, shared)
		for i, step := range []struct {
			wait          time.Duration
			units         int
			granted       bool
			left, another int // another is how many tenths of a second to wait
		}{
			{0, 60, true, 40, 0},
			{0, 41, false, 40, 1},
			{0, 30, true, 10, 0},
			{0, 60, false, 10, 50},
			{0, 10, true, 0, 0},
			{0, 1, false, 0, 1},
			{0, 0, true, 0, 0}, // a look
			{2 * time.Second, 30, false, 20, 10},
			{time.Second, 30, true, 0, 0},
			{time.Hour, 100, true, 0, 0},
			{time.Hour, 101, false, 100, 1}, // more than there can be
		} {
			clock.Advance(step.wait)
			v := d.TakeMany(t.Context(), name, bucket, step.units)
			if v.Granted != step.granted || v.Remaining != step.left || v.RetryAfter != time.Duration(step.another)*bucket.Every {
				t.Errorf("%s, step %d: %+v, want %+v", name, i, v, step)
			}
		}
	}
}

// A flood of askers takes no more memory than the bound, and none among them is
// refused for it. A clock that was set back finds an empty allowance, and no worse.
func TestManyAskersAndAClockSetBack(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	d := desk(clock, nil)
	for i := range 200_000 {
		if !d.TakeMany(t.Context(), fmt.Sprint(i), hundred, hundred.Burst).Granted {
			t.Fatalf("asker %d is refused", i)
		}
	}
	if n := d.Remembered(); n > 65536 {
		t.Errorf("%d are remembered", n)
	}
	clock.Advance(-time.Hour)
	if v := d.Take(t.Context(), "199999", hundred); v.Granted || v.RetryAfter != hundred.Every {
		t.Errorf("after the clock was set back: %+v", v)
	}
}
