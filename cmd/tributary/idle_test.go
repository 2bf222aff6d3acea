package main

import (
	"testing"
	"time"
)

// An idle server holds at most 40 MiB of its own, looked at a hundred times in a row, and
// lets go of the program's file, which without tidy only ever grows in memory. How much
// of the file the system maps again, unasked, depends on the pages in which the system
// keeps it: that is told, not held.
func TestAnIdleServerIsSmall(t *testing.T) {
	t.Parallel()
	const own, dropped, looks = 40 << 20, 8 << 20, 100
	s := startServer(t, t.TempDir(), databaseURL(t))
	few, most, fell := 0, 0, 0
	settles(t, 2*time.Minute, "an idle server that holds 40 MiB and lets go of its file", func() bool {
		if few++; s.memory(t, "RssAnon") > own {
			few = 0
		}
		file := s.memory(t, "RssFile")
		most, fell = max(most, file), max(fell, most-file)
		return few >= looks && fell >= dropped
	})
	t.Logf("%d MiB of its own, %d in all; %d let go", s.memory(t, "RssAnon")>>20, s.memory(t, "VmRSS")>>20, fell>>20)
}
