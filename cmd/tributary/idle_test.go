package main

import (
	"testing"
	"time"
)

// An idle server is resident with at most 80 MiB, the pages of its file included. Without
// tidy in the server it has some 95: all that starting read and allocated.
func TestAnIdleServerIsSmall(t *testing.T) {
	t.Parallel()
	const most, looks = 80 << 20, 100 // in a row: right after tidying up, everything is gone
	s := startServer(t, t.TempDir(), databaseURL(t))
	resident, few := 0, 0
	settles(t, time.Minute, "an idle server of at most 80 MiB", func() bool {
		if few++; s.memory(t, "VmRSS") > most {
			few = 0
		}
		resident = s.memory(t, "VmRSS")
		return few == looks
	})
	t.Logf("%d MiB", resident>>20)
}
