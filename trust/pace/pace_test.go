package pace_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/trust/pace"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Typed by hand: three at once, one more every ten seconds.
func TestSpendIsTheGoldenTable(t *testing.T) {
	t.Parallel()
	l := pace.Limit{Every: 10 * time.Second, Burst: 3}
	var arrival time.Time
	for i, row := range []struct {
		at, cost         int
		granted          bool
		remaining, retry int
	}{
		{0, 1, true, 2, 0},
		{0, 0, true, 2, 0},   // a look
		{0, 3, false, 2, 10}, // two are left
		{0, 2, true, 0, 0},
		{0, 1, false, 0, 10},
		{9, 1, false, 0, 1},
		{10, 1, true, 0, 0},
		{25, 1, true, 0, 0}, // 1.5 came back
		{1000, 4, false, 3, 10},
		{1000, 3, true, 0, 0},
	} {
		next, v := l.Spend(arrival, start.Add(time.Duration(row.at)*time.Second), row.cost)
		retry := int(v.RetryAfter / time.Second)
		if v.Granted != row.granted || v.Remaining != row.remaining || retry != row.retry {
			t.Errorf("row %d: %+v, want %+v", i, v, row)
		}
		arrival = next
	}
}

// Whatever the pattern of attempts, the units granted in any span stay within
// one burst of the formula, and waiting as told is enough. Without the advance
// of the arrival the first check fails, without the floor at now the second.
func TestR2_GrantsStayWithinOneBurstOfTheFormula(t *testing.T) {
	t.Parallel()
	granted, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		l := pace.Limit{Every: time.Duration(rapid.IntRange(1, 5000).Draw(t, "every")) * time.Millisecond, Burst: rapid.IntRange(1, 20).Draw(t, "burst")}
		type grant struct {
			at   time.Time
			cost int
		}
		var grants []grant
		var arrival time.Time
		now := start
		for range rapid.IntRange(1, 60).Draw(t, "attempts") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "wait")) * time.Millisecond)
			cost := rapid.IntRange(1, l.Burst).Draw(t, "cost")
			next, v := l.Spend(arrival, now, cost)
			if !v.Granted {
				refused++
				if _, again := l.Spend(next, now.Add(v.RetryAfter), cost); !again.Granted || v.RetryAfter <= 0 {
					t.Fatalf("waited %s and was refused", v.RetryAfter)
				}
				if _, early := l.Spend(next, now.Add(v.RetryAfter-1), cost); early.Granted {
					t.Fatalf("granted before %s", v.RetryAfter)
				}
				continue
			}
			granted++
			arrival, grants = next, append(grants, grant{now, cost})
		}
		for i := range grants {
			units := 0
			for _, g := range grants[i:] {
				units += g.cost
				if most := l.Burst + int(g.at.Sub(grants[i].at)/l.Every); units > most {
					t.Fatalf("%d units in %s, at most %d", units, g.at.Sub(grants[i].at), most)
				}
			}
		}
	})
	if granted < 100 || refused < 100 {
		t.Errorf("%d granted and %d refused: the generator is one-sided", granted, refused)
	}
	t.Logf("%d granted, %d refused", granted, refused)
}
