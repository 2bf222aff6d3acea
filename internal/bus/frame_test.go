package bus

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestFrameGolden pins the stored form; streams on disk outlive the program.
// The check value of CRC-32C, that of "123456789", is e3069283 in every published
// table; the version byte stands before it.
func TestFrameGolden(t *testing.T) {
	t.Parallel()
	frame := sealFrame(append(make([]byte, frameHeader), "123456789"...)) // a body, if no records
	if want := []byte("\x01\xe3\x06\x92\x83123456789"); !bytes.Equal(frame, want) {
		t.Fatalf("% x, want % x", frame, want)
	}
	var two []byte
	two = appendRecord(appendRecord(two, []byte("ab")), bytes.Repeat([]byte{'c'}, 300))
	// 2, then 300 = 0b10_0101100 as uvarint: 0xac 0x02.
	if want := "\x02ab\xac\x02" + strings.Repeat("c", 300); string(two) != want {
		t.Fatalf("%q", two)
	}
}

func TestFrameRoundTrip(t *testing.T) {
	t.Parallel()
	sizes := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		records := rapid.SliceOfN(anyRecord(), 0, 40).Draw(r, "records")
		frame := make([]byte, frameHeader)
		for _, rec := range records {
			sizes[sizeClass(len(rec))]++
			frame = appendRecord(frame, rec)
		}
		got, err := openFrame(sealFrame(frame))
		if err != nil || !slices.EqualFunc(got, records, bytes.Equal) {
			r.Fatalf("%v: got %d records of %d", err, len(got), len(records))
		}
		at := rapid.IntRange(0, len(frame)-1).Draw(r, "damaged byte")
		frame[at] ^= 1 << rapid.IntRange(0, 7).Draw(r, "bit")
		if _, err := openFrame(frame); !errors.Is(err, errFrame) {
			r.Fatalf("a flipped bit at %d went unseen", at)
		}
	})
	t.Logf("record sizes: %v", sizes)
	for _, class := range []string{"empty", "one length byte", "two length bytes"} {
		if sizes[class] == 0 {
			t.Errorf("no record of class %s was generated", class)
		}
	}
}

// anyRecord gives short records and such whose length takes two bytes alike.
func anyRecord() *rapid.Generator[[]byte] {
	return rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 10), rapid.SliceOfN(rapid.Byte(), 128, 300))
}

func sizeClass(n int) string {
	switch {
	case n == 0:
		return "empty"
	case n < 128:
		return "one length byte"
	}
	return "two length bytes"
}

func FuzzOpenFrame(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x01\xe3\x06\x92\x83123456789"))
	f.Add([]byte("\x03ab\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, _ = openFrame(body)
		records, err := openFrame(sealFrame(append(make([]byte, frameHeader), body...)))
		var total int
		for _, r := range records {
			total += len(r)
		}
		if err == nil && total > len(body) {
			t.Fatalf("%d bytes of records from %d bytes", total, len(body))
		}
	})
}
