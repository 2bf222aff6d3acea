package id_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/internal/id"
)

// golden pairs are worked by hand: 130 bits, the first two zero, cut into fives.
var golden = []struct{ uuid, body string }{
	{"00000000000000000000000000000000", "00000000000000000000000000"},
	{"00000000000000000000000000000001", "00000000000000000000000001"},
	{"0000000000000000000000000000001f", "0000000000000000000000000z"}, // 31 = z
	{"00000000000000000000000000000020", "00000000000000000000000010"}, // 32 = 1·32 + 0
	{"80000000000000000000000000000000", "40000000000000000000000000"}, // 00100 = 4
	{"ffffffffffffffffffffffffffffffff", "7zzzzzzzzzzzzzzzzzzzzzzzzz"}, // 00111 = 7
	// 2026-01-01T00:00:00Z = 1767225600000 ms = 0x019b76daa800. After the two zero bits:
	// 00000 00001 10011 01101 11011 01101 10101 01010 00000 00000 = 01kdvdna00 (the 48 bits of time)
	// 01110 00000 00000 = e00 (version 0111 and 11 of 12 bits), 01000 = 8 (last bit, variant 10, 00)
	{"019b76daa80070008000000000000000", "01kdvdna00e008000000000000"},
}

func TestTextFormOfGoldenUUIDs(t *testing.T) {
	t.Parallel()
	for _, row := range golden {
		text := "clk_" + row.body
		if got := id.FromUUID(id.Click, bytes16(t, row.uuid)); got != text {
			t.Errorf("FromUUID(%s) = %s, want %s", row.uuid, got, text)
		}
		p, u, err := id.Parse(text)
		if err != nil || p != id.Click || u != bytes16(t, row.uuid) {
			t.Errorf("Parse(%s) = %s, %x, %v", text, p, u, err)
		}
	}
}

func TestParseRefusesEverySecondSpelling(t *testing.T) {
	t.Parallel()
	const good = "aff_01kdvdna00e008000000000000"
	if !id.Is(good, id.Affiliate) || id.Is(good, id.Link) {
		t.Fatal("the control row is judged wrongly")
	}
	for name, s := range map[string]string{
		"empty": "", "prefix only": "aff_", "no underscore": strings.Replace(good, "_", "-", 1),
		"upper case": strings.ToUpper(good), "upper body": "aff_" + strings.ToUpper(good[4:]),
		"upper prefix": "AFF" + good[3:], "digit in prefix": "af1" + good[3:],
		"long prefix": "a" + good, "short": good[:29], "long": good + "0", "newline": good[:29] + "\n",
		"letter i": good[:29] + "i", "letter l": good[:29] + "l", "letter o": good[:29] + "o",
		"letter u": good[:29] + "u", "surplus bits": "aff_8" + good[5:], "not ASCII": good[:28] + "é",
		"surplus bits, all": "aff_" + strings.Repeat("z", 26), "space": " " + good[1:],
	} {
		if _, _, err := id.Parse(s); !errors.Is(err, id.ErrMalformed) {
			t.Errorf("%s: Parse(%q) = %v", name, s, err)
		}
	}
}

func TestTimeReadsOnlyUUIDv7(t *testing.T) {
	t.Parallel()
	got, err := id.Time("evt_01kdvdna00e008000000000000")
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); err != nil || got != want {
		t.Errorf("Time = %v, %v, want %v", got, err, want)
	}
	for name, u := range map[string]string{
		"version 4": "019b76daa80040008000000000000000",
		"variant 0": "019b76daa80070000000000000000000",
		"variant 3": "019b76daa8007000c000000000000000",
	} {
		if _, err := id.Time(id.FromUUID(id.Event, bytes16(t, u))); !errors.Is(err, id.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := id.Time("evt_"); !errors.Is(err, id.ErrMalformed) {
		t.Errorf("malformed text: %v", err)
	}
}

// TestTextSortsAsBytes: ids are compared as text in the database and as bytes in memory.
func TestTextSortsAsBytes(t *testing.T) {
	t.Parallel()
	u := rapid.SliceOfN(rapid.Byte(), 16, 16)
	rapid.Check(t, func(t *rapid.T) {
		a, b := [16]byte(u.Draw(t, "a")), [16]byte(u.Draw(t, "b"))
		ta, tb := id.FromUUID(id.Link, a), id.FromUUID(id.Link, b)
		if strings.Compare(ta, tb) != strings.Compare(string(a[:]), string(b[:])) {
			t.Fatalf("%x %x sort unlike %s %s", a, b, ta, tb)
		}
		if _, back, err := id.Parse(ta); err != nil || back != a {
			t.Fatalf("Parse(%s) = %x, %v", ta, back, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("clk_01kdvdna00e008000000000000")
	f.Add("clk_8zzzzzzzzzzzzzzzzzzzzzzzzz")
	f.Fuzz(func(t *testing.T, s string) {
		p, u, err := id.Parse(s)
		if err == nil && id.FromUUID(p, u) != s {
			t.Fatalf("%q is a second spelling of %q", s, id.FromUUID(p, u))
		}
	})
}

func bytes16(t *testing.T, s string) [16]byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 16 {
		t.Fatalf("bad row %q", s)
	}
	return [16]byte(b)
}
