package token

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/seal"
	"pgregory.net/rapid"
)

const (
	masterOne = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	masterTwo = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
)

// sample was clicked at 0x0190_0000_0000 ms = 400 * 2^32 = 1_717_986_918_400 ms
// after 1970: 2024-06-10 02:35:18.4 UTC.
var sample = Token{
	Click: [16]byte{0x01, 0x90, 0, 0, 0, 0, 0x7a, 0xbc, 0x8d, 1, 2, 3, 4, 5, 6, 7},
	Link:  0x0102030405,
	KeyID: 1,
}

// sampleText was computed with OpenSSL from master 00…1f and a hand-written
// base32, not with this package.
const sampleText = "0680000001xbs381081g81860w0g40r40m0vbkkn12p7wxt1"

func ringOf(t testing.TB, text string) *seal.Keyring {
	t.Helper()
	k, err := seal.FromHex(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTokenVector(t *testing.T) {
	t.Parallel()
	k := ringOf(t, masterOne)
	if got := sample.Encode(k); got != sampleText {
		t.Fatalf("encoded %s", got)
	}
	got, err := Parse(sampleText, k)
	if err != nil || got != sample {
		t.Fatalf("parsed %+v, %v", got, err)
	}
	if at := got.ClickedAt(); !at.Equal(time.Date(2024, 6, 10, 2, 35, 18, 400_000_000, time.UTC)) || at.Location() != time.UTC {
		t.Fatalf("clicked at %v", at)
	}
}

func TestClickIDIsTheRowsID(t *testing.T) {
	t.Parallel()
	prefix, uuid, err := id.Parse(sample.ClickID())
	if err != nil || prefix != id.Click || uuid != sample.Click {
		t.Fatalf("%s: %s, %x, %v", sample.ClickID(), prefix, uuid, err)
	}
	at, err := id.Time(sample.ClickID())
	if err != nil || !at.Equal(sample.ClickedAt()) {
		t.Fatalf("id says %v, token %v (%v)", at, sample.ClickedAt(), err)
	}
}

func TestTamperedTokenIsRefused(t *testing.T) {
	t.Parallel()
	k := ringOf(t, masterOne)
	for i := range Size {
		for _, letter := range []byte(alphabet) {
			if sampleText[i] == letter {
				continue
			}
			altered := sampleText[:i] + string(letter) + sampleText[i+1:]
			if got, err := Parse(altered, k); !errors.Is(err, ErrForged) || got != (Token{}) {
				t.Fatalf("%s: %+v, %v", altered, got, err)
			}
		}
	}
}

func TestOtherSpellingsAreRefused(t *testing.T) {
	t.Parallel()
	k := ringOf(t, masterOne)
	for _, text := range []string{
		"", " ", sampleText[:47], sampleText + "0", " " + sampleText[1:], sampleText[:47] + "\n",
		strings.ToUpper(sampleText), sampleText[:47] + "o", sampleText[:47] + "i", sampleText[:47] + "l",
		sampleText[:47] + "u", sampleText[:47] + "=", sampleText[:46] + "é", strings.Repeat("\x00", Size),
	} {
		if _, err := Parse(text, k); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Parse(strings.Repeat("0", Size), k); !errors.Is(err, ErrForged) {
		t.Errorf("all zeros: %v", err)
	}
	if problem.CodeOf(ErrForged) != problem.Invalid || problem.CodeOf(ErrMalformed) != problem.Invalid {
		t.Error("a bad token must be the sender's fault")
	}
}

func TestLinkNumberHasItsBounds(t *testing.T) {
	t.Parallel()
	k := ringOf(t, masterOne)
	largest := Token{Click: sample.Click, Link: MaxLink, KeyID: 1}
	if got, err := Parse(largest.Encode(k), k); err != nil || got != largest {
		t.Fatalf("largest link: %+v, %v", got, err)
	}
	for _, link := range []uint64{MaxLink + 1, 1 << 41, 1<<64 - 1} {
		if text := (Token{Click: sample.Click, Link: link}).Encode(k); text != "" {
			t.Errorf("link %d has a token: %s", link, text)
		}
	}
}

func TestRotatedKeysKeepOldTokens(t *testing.T) {
	t.Parallel()
	old, both := ringOf(t, masterOne), ringOf(t, "1:"+masterOne+",2:"+masterTwo)
	if got, err := Parse(sampleText, both); err != nil || got != sample {
		t.Fatalf("old token, new ring: %+v, %v", got, err)
	}
	text := sample.Encode(both)
	if got, err := Parse(text, both); err != nil || got.KeyID != 2 || got.Link != sample.Link {
		t.Fatalf("new token: %+v, %v", got, err)
	}
	if _, err := Parse(text, old); !errors.Is(err, ErrForged) {
		t.Fatalf("new token, old ring: %v", err)
	}
	if _, err := Parse(sampleText, ringOf(t, "1:"+masterTwo)); !errors.Is(err, ErrForged) {
		t.Fatalf("same id, other key: %v", err)
	}
}

// single is a Signer that knows no rotation.
type single struct{ ring *seal.Keyring }

func (s single) MAC64(purpose string, msg []byte) [8]byte { return s.ring.MAC64(purpose, msg) }

func TestPlainSignerKeepsTheCallersKeyID(t *testing.T) {
	t.Parallel()
	s := single{ringOf(t, masterOne)}
	want := Token{Click: sample.Click, Link: 9, KeyID: 77}
	if got, err := Parse(want.Encode(s), s); err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestTokenRoundTrip(t *testing.T) {
	t.Parallel()
	k := ringOf(t, masterOne)
	links := rapid.OneOf(rapid.Uint64Max(MaxLink), rapid.Uint64Max(300), rapid.Uint64Range(MaxLink-300, MaxLink))
	rapid.Check(t, func(t *rapid.T) {
		want := Token{Link: links.Draw(t, "link"), KeyID: 1}
		copy(want.Click[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "click"))
		text := want.Encode(k)
		got, err := Parse(text, k)
		if len(text) != Size || err != nil || got != want {
			t.Fatalf("%q: %+v, %v", text, got, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	k := ringOf(f, masterOne)
	f.Add(sampleText)
	f.Add(strings.Repeat("0", Size))
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse(text, k)
		if err == nil && got.Encode(k) != text {
			t.Fatalf("%q has a second spelling", text)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	k := ringOf(b, masterOne)
	b.ReportAllocs()
	for b.Loop() {
		sample.Encode(k)
	}
}

func BenchmarkParse(b *testing.B) {
	k := ringOf(b, masterOne)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(sampleText, k); err != nil {
			b.Fatal(err)
		}
	}
}
