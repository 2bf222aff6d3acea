//go:build !race

package seal

import "testing"

// The race detector makes sync.Pool forget at random, so allocations are counted
// without it only.

func TestMAC64AllocatesNothing(t *testing.T) {
	k := ringOf(t, countingMaster)
	msg := make([]byte, 22)
	if n := testing.AllocsPerRun(1000, func() { k.MAC64("click-token", msg) }); n > 0.1 {
		t.Fatalf("%v allocations", n)
	}
}
