package id_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/id"
)

func TestNewCarriesPrefixAndInstant(t *testing.T) {
	t.Parallel()
	for _, now := range []time.Time{
		time.Date(2026, 3, 1, 12, 0, 0, 123_000_000, time.UTC),
		time.Date(2027, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600)),
		time.UnixMilli(0),
		time.UnixMilli(1<<48 - 1),
	} {
		s := id.New(id.Commission, now)
		if !id.Is(s, id.Commission) {
			t.Errorf("%s is no commission id", s)
		}
		if got, err := id.Time(s); err != nil || !got.Equal(now) || got.Location() != time.UTC {
			t.Errorf("Time(%s) = %v, %v, want %v", s, got, err, now)
		}
	}
}

func TestTimeOutsideTheRangeIsLimited(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ now, want time.Time }{
		{time.Time{}, time.UnixMilli(0)},
		{time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC), time.UnixMilli(1<<48 - 1)},
		{time.UnixMicro(1_999), time.UnixMilli(1)}, // cut, not rounded
	} {
		if got, err := id.Time(id.New(id.Event, row.now)); err != nil || !got.Equal(row.want) {
			t.Errorf("%v became %v, %v", row.now, got, err)
		}
	}
}

// TestOrderWithinAnInstant: a command has one instant and makes many ids; they
// sort as made, even when other commands' instants, earlier and later, come between.
func TestOrderWithinAnInstant(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	made := map[int][]string{}
	for range 20_000 {
		for _, offset := range []int{0, 7, -1, 900} {
			at := now.Add(time.Duration(offset) * time.Millisecond)
			made[offset] = append(made[offset], id.New(id.Entry, at))
		}
	}
	for _, offset := range []int{-1, 0, 7, 900} {
		if !slices.IsSorted(made[offset]) || len(slices.Compact(made[offset])) != 20_000 {
			t.Errorf("ids at %+d ms are not strictly ascending", offset)
		}
	}
	last := func(o int) string { return made[o][len(made[o])-1] }
	if last(-1) >= made[0][0] || last(0) >= made[7][0] || last(7) >= made[900][0] {
		t.Error("an id of an earlier millisecond sorts after one of a later millisecond")
	}
}

func TestConcurrentIDsAreDistinctAndAscendingPerCaller(t *testing.T) {
	t.Parallel()
	const callers, each = 8, 5_000
	now := time.Date(2032, 1, 1, 0, 0, 0, 0, time.UTC)
	made := make([][]string, callers)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for range each {
				made[c] = append(made[c], id.New(id.Click, now))
			}
		})
	}
	wg.Wait()
	for c, ids := range made {
		if !slices.IsSorted(ids) {
			t.Errorf("caller %d saw ids out of order", c)
		}
	}
	all := slices.Concat(made...)
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != callers*each {
		t.Errorf("%d distinct ids, want %d", n, callers*each)
	}
}

// TestIDsOfOneInstantDoNotCount: the gap between two ids tells nobody how many lie between them.
func TestIDsOfOneInstantDoNotCount(t *testing.T) {
	t.Parallel()
	now := time.Date(2033, 1, 1, 0, 0, 0, 0, time.UTC)
	gaps := map[string]bool{}
	for range 100 {
		gaps[id.New(id.Click, now)[26:]] = true // the last 20 bits
	}
	if len(gaps) < 95 { // 100 draws of 2^20 collide about 0.005 times
		t.Errorf("only %d of 100 tails differ", len(gaps))
	}
}

func BenchmarkNew(b *testing.B) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		id.New(id.Click, now)
	}
}
