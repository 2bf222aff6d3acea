package seal

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Computed with OpenSSL, not with this package: master 00…1f, epoch 7,
// merchant mer_1, seq 12345.
const cursorVector = "AQHDoC_QBWbNhOROQOIqornMvqug3laYEp6I1ZJe9M9vj4YfzK4GpXHR"

func TestCursorVector(t *testing.T) {
	t.Parallel()
	k := ringOf(t, countingMaster)
	if got := k.SealCursor(7, "mer_1", 12345); got != cursorVector {
		t.Fatalf("cursor %s", got)
	}
	epoch, seq, err := k.OpenCursor(cursorVector, "mer_1")
	if epoch != 7 || seq != 12345 || err != nil {
		t.Fatalf("opened %d, %d, %v", epoch, seq, err)
	}
}

func TestCursorOfAnotherMerchantIsRefused(t *testing.T) {
	t.Parallel()
	k := ringOf(t, countingMaster)
	for _, merchant := range []string{"mer_2", "", "mer_", "mer_11"} {
		if _, _, err := k.OpenCursor(cursorVector, merchant); !errors.Is(err, ErrCursor) {
			t.Errorf("merchant %q: %v", merchant, err)
		}
	}
}

func TestAlteredCursorIsRefused(t *testing.T) {
	t.Parallel()
	k := ringOf(t, countingMaster)
	for i := range cursorVector {
		for _, letter := range []byte("AB_=\n ") {
			if cursorVector[i] == letter {
				continue
			}
			altered := cursorVector[:i] + string(letter) + cursorVector[i+1:]
			if _, _, err := k.OpenCursor(altered, "mer_1"); !errors.Is(err, ErrCursor) {
				t.Fatalf("%q: %v", altered, err)
			}
		}
	}
	for _, wrong := range []string{"", "12345", cursorVector[:40], cursorVector + "AAAA", cursorVector + "\n", strings.ToLower(cursorVector)} {
		if _, _, err := k.OpenCursor(wrong, "mer_1"); !errors.Is(err, ErrCursor) {
			t.Fatalf("%q: %v", wrong, err)
		}
	}
	if _, _, err := ringOf(t, "2:"+otherMaster).OpenCursor(cursorVector, "mer_1"); !errors.Is(err, ErrCursor) {
		t.Fatalf("an unknown key: %v", err)
	}
}

func TestN03_CursorRoundTripIsStable(t *testing.T) {
	t.Parallel()
	k := ringOf(t, "1:"+countingMaster+",2:"+otherMaster)
	seqs := rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{0, 1, math.MaxInt64, math.MinInt64}))
	rapid.Check(t, func(t *rapid.T) {
		epoch, merchant, seq := rapid.Uint32().Draw(t, "epoch"), rapid.String().Draw(t, "merchant"), seqs.Draw(t, "seq")
		text := k.SealCursor(epoch, merchant, seq)
		if text != k.SealCursor(epoch, merchant, seq) {
			t.Fatal("one place has two cursors")
		}
		if text == k.SealCursor(epoch, merchant, seq+1) {
			t.Fatal("two places share a cursor")
		}
		e, s, err := k.OpenCursor(text, merchant)
		if e != epoch || s != seq || err != nil {
			t.Fatalf("opened %d, %d, %v", e, s, err)
		}
	})
}

func BenchmarkSealCursor(b *testing.B) {
	k := ringOf(b, countingMaster)
	b.ReportAllocs()
	for b.Loop() {
		k.SealCursor(7, "mer_1", 12345)
	}
}
