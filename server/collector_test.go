package server

import "testing"

func TestTheCollectorHasRoomOnABusyServer(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for _, row := range []struct {
		allocated, alive uint64
		want             int
	}{
		{0, 20 * mib, 100},              // quiet
		{63 * mib, 20 * mib, 100},       // nearly
		{64 * mib, 24 * mib, 400},       // 96 MiB more, not 24
		{5000 * mib, 48 * mib, 200},     // the same 96
		{5000 * mib, 95 * mib, 101},     //
		{5000 * mib, 96 * mib, 100},     // as it would be by itself
		{5000 * mib, 4000 * mib, 100},   // never less
		{5000 * mib, 1 * mib, mostRoom}, // never without end
		{5000 * mib, 0, mostRoom},       // before the first collection
	} {
		if got := roomFor(row.allocated, row.alive); got != row.want {
			t.Errorf("%d MiB allocated, %d alive: %d percent, want %d", row.allocated/mib, row.alive/mib, got, row.want)
		}
	}
}
