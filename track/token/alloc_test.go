//go:build !race

package token

import "testing"

// The race detector makes sync.Pool forget at random, so allocations are counted
// without it only.

func TestTokenAllocations(t *testing.T) {
	k := ringOf(t, masterOne)
	if n := testing.AllocsPerRun(1000, func() { sample.Encode(k) }); n > 2.1 {
		t.Errorf("Encode allocates %v times; the message and the text are 2", n)
	}
	if n := testing.AllocsPerRun(1000, func() { Parse(sampleText, k) }); n > 1.1 {
		t.Errorf("Parse allocates %v times; the message is 1", n)
	}
}
