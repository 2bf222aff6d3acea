package canon

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestReaderKeepsItsFirstFault: after a wrong kind everything reads as zero,
// even a value that would have fitted.
func TestReaderKeepsItsFirstFault(t *testing.T) {
	t.Parallel()
	w := NewWriter(1)
	w.Int(5)
	w.String("x")
	r, err := NewReader(w.Sum())
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Uint(); got != 0 || r.Err() == nil {
		t.Fatalf("an int was read as uint %d, %v", got, r.Err())
	}
	first := r.Err()
	if r.String() != "" || r.Bytes() != nil || r.Int() != 0 || r.Bool() || r.List() != 0 || !r.Time().IsZero() {
		t.Error("a value came out after a fault")
	}
	if err := r.Done(); err != first || !errors.Is(err, ErrMalformed) {
		t.Errorf("Done() = %v, want the first fault %v", err, first)
	}
}

func TestDoneRefusesUnreadValues(t *testing.T) {
	t.Parallel()
	w := NewWriter(1)
	w.Bool(true)
	w.Bool(false)
	r, _ := NewReader(w.Sum())
	if !r.Bool() || r.Err() != nil {
		t.Fatal("the first value was not read")
	}
	if err := r.Done(); !errors.Is(err, ErrMalformed) {
		t.Errorf("Done() = %v", err)
	}
}

// TestListRefusesAForgedCount: the caller sees 0, and so makes no room for 2^31 elements.
func TestListRefusesAForgedCount(t *testing.T) {
	t.Parallel()
	w := NewWriter(1)
	w.List(1 << 31)
	w.Bool(true)
	r, _ := NewReader(w.Sum())
	if n := r.List(); n != 0 || !errors.Is(r.Err(), ErrMalformed) {
		t.Errorf("List() = %d, %v", n, r.Err())
	}
}

func TestTimeIsUTCCutToTheMicrosecond(t *testing.T) {
	t.Parallel()
	w := NewWriter(1)
	w.Time(time.Date(2026, 7, 1, 14, 0, 0, 1_999, time.FixedZone("", 7200)))
	w.Time(time.Time{})
	r, _ := NewReader(w.Sum())
	if got, want := r.Time(), time.Date(2026, 7, 1, 12, 0, 0, 1_000, time.UTC); got != want {
		t.Errorf("%v, want %v", got, want)
	}
	if got := r.Time(); !got.IsZero() {
		t.Errorf("the zero time became %v", got)
	}
}

func TestResultsDoNotShareMemory(t *testing.T) {
	t.Parallel()
	w := NewWriter(1)
	w.Bytes([]byte("abc"))
	first := w.Sum()
	w.Bool(true)
	first[3] = 'z'
	second := w.Sum()
	r, _ := NewReader(second)
	got := r.Bytes()
	if string(got) != "abc" {
		t.Errorf("changing a sum changed the writer: %q", got)
	}
	got[0] = 'q'
	if second[3] != 'a' {
		t.Error("changing a value changed the encoding")
	}
}

// TestFactsAreOneToOne: equal facts give equal bytes however the map was
// filled; different facts give different bytes.
func TestFactsAreOneToOne(t *testing.T) {
	t.Parallel()
	sizes := map[int]int{}
	text := rapid.StringN(0, 3, -1)
	rapid.Check(t, func(t *rapid.T) {
		f := Facts(rapid.MapOfN(text, text, 0, 4).Draw(t, "f"))
		g := Facts(rapid.MapOfN(text, text, 0, 4).Draw(t, "g"))
		sizes[len(f)]++
		again := Facts{}
		keys := slices.Collect(maps.Keys(f))
		for _, k := range slices.Backward(keys) {
			again[k] = f[k]
		}
		if !bytes.Equal(f.Encode(), again.Encode()) {
			t.Fatal("the order of filling shows in the bytes")
		}
		if back, err := DecodeFacts(f.Encode()); err != nil || !maps.Equal(back, f) {
			t.Fatalf("%v came back as %v, %v", f, back, err)
		}
		if bytes.Equal(f.Encode(), g.Encode()) != maps.Equal(f, g) {
			t.Fatalf("%v and %v: bytes agree, facts do not, or the reverse", f, g)
		}
	})
	for n := range 5 {
		if sizes[n] == 0 {
			t.Errorf("no facts of size %d were drawn: %v", n, sizes)
		}
	}
}
