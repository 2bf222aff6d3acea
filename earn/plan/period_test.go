package plan_test

import (
	"testing"
	"time"

	"github.com/tributary/tributary/earn/plan"
)

// Periods begin at midnight on the clocks of the program, in summer and in winter.
func TestQ28_PeriodsOnTheProgramsClocks(t *testing.T) {
	t.Parallel()
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		p               plan.Period
		in              *time.Location
		at, from, until string
	}{
		// 23:30 on the last of March in New York, where summer began on the 8th.
		{plan.Month, newYork, "2026-04-01T03:30:00Z", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"},
		{plan.Month, newYork, "2026-04-01T04:00:00Z", "2026-04-01T04:00:00Z", "2026-05-01T04:00:00Z"},
		// 23:30 on the last of October in Berlin, where winter began on the 25th.
		{plan.Month, berlin, "2026-10-31T22:30:00Z", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},
		{plan.Month, berlin, "2026-10-31T23:00:00Z", "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"},
		// Days of 23 and of 25 hours.
		{plan.Day, newYork, "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
		{plan.Day, berlin, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
		{plan.Quarter, time.UTC, "2026-05-31T23:59:59Z", "2026-04-01T00:00:00Z", "2026-07-01T00:00:00Z"},
		{plan.Quarter, time.UTC, "2026-12-01T00:00:00Z", "2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{plan.Year, berlin, "2026-12-31T22:59:59Z", "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"},
	} {
		from, until := c.p.Of(instantOf(t, c.at).In(c.in))
		if !from.Equal(instantOf(t, c.from)) || !until.Equal(instantOf(t, c.until)) {
			t.Errorf("%s of %s: from %s until %s, want %s and %s", c.p, c.at, from.UTC(), until.UTC(), c.from, c.until)
		}
	}
	if from, until := plan.Always.Of(instantOf(t, "2026-01-01T00:00:00Z")); !from.IsZero() || !until.IsZero() {
		t.Error("ALWAYS has bounds")
	}
}
