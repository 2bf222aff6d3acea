package plan_test

import (
	"testing"
	"time"

	"github.com/tributary/tributary/earn/plan"
)

// A month ends on the day on which it began, or on its last.
func TestQ31_MonthsSince(t *testing.T) {
	t.Parallel()
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		first, at string
		in        *time.Location
		months    int
	}{
		{"2026-01-31T10:00:00Z", "2026-02-28T09:59:59Z", time.UTC, 0},
		{"2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z", time.UTC, 1},
		{"2026-01-31T10:00:00Z", "2026-03-30T10:00:00Z", time.UTC, 1},
		{"2026-01-31T10:00:00Z", "2026-03-31T10:00:00Z", time.UTC, 2},
		{"2024-01-31T10:00:00Z", "2024-02-28T10:00:00Z", time.UTC, 0}, // a leap year
		{"2024-01-31T10:00:00Z", "2024-02-29T10:00:00Z", time.UTC, 1},
		{"2024-02-29T10:00:00Z", "2025-02-28T10:00:00Z", time.UTC, 12}, // a year of a leap day
		{"2026-01-15T10:00:00Z", "2027-01-15T09:59:59Z", time.UTC, 11},
		{"2026-01-15T10:00:00Z", "2027-01-15T10:00:00Z", time.UTC, 12},
		{"2026-01-15T10:00:00Z", "2026-01-15T10:00:00Z", time.UTC, 0},
		{"2026-02-20T06:30:00Z", "2026-03-20T05:29:59Z", newYork, 0}, // 01:30 in winter is 05:30 UTC in summer
		{"2026-02-20T06:30:00Z", "2026-03-20T05:30:00Z", newYork, 1},
		{"2026-03-01T04:59:59Z", "2026-03-28T05:00:00Z", newYork, 0}, // 28 February there
		{"2026-03-01T04:59:59Z", "2026-03-29T03:59:59Z", newYork, 1}, // 28 March, 23:59:59
	} {
		if got := plan.MonthsSince(instantOf(t, c.first).In(c.in), instantOf(t, c.at)); got != c.months {
			t.Errorf("from %s to %s: %d, want %d", c.first, c.at, got, c.months)
		}
	}
}

func instantOf(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
