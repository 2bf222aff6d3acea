package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Computed with OpenSSL's HKDF and AES-256-GCM, not with this package: master
// 00…1f, salt "tributary/seal/1", info and AAD length-prefixed, nonce 01…0c,
// plain text "ada@example.com".
const sealedVector = "01010102030405060708090a0b0c199722064c9dfa7f40c6565b9631264bf80883f9f8c1ce4427eabfa956f8e8"

func TestSealedVector(t *testing.T) {
	t.Parallel()
	sealed, err := hex.DecodeString(sealedVector)
	if err != nil {
		t.Fatal(err)
	}
	requireOpens(t, ringOf(t, countingMaster), sealed, "ada@example.com")
}

func TestR2_CiphertextSwappedBetweenPlacesIsRefused(t *testing.T) {
	t.Parallel()
	k := ringOf(t, countingMaster)
	sealed := mustSeal(t, k, "ada@example.com")
	requireOpens(t, k, sealed, "ada@example.com")
	for _, elsewhere := range []AAD{
		{"mer_1", "customer", "email", "cus_2"},
		{"mer_1", "customer", "phone", "cus_1"},
		{"mer_1", "affiliate", "email", "cus_1"},
		{"mer_2", "customer", "email", "cus_1"},
		{"", "customer", "email", "cus_1"},
		{"mer_1", "customere", "mail", "cus_1"}, // same letters, another edge
		{"mer_1customer", "customer", "email", "cus_1"},
	} {
		if plain, err := k.Open(sealed, elsewhere); !errors.Is(err, ErrOpen) || plain != nil {
			t.Errorf("%+v opened: %q, %v", elsewhere, plain, err)
		}
	}
}

func TestSealNeedsAWholePlace(t *testing.T) {
	t.Parallel()
	k := ringOf(t, countingMaster)
	for _, half := range []AAD{{}, {Merchant: "m", Table: "t", Column: "c"}, {Table: "t", Row: "r"}, {Column: "c", Row: "r"}} {
		if _, err := k.Seal(nil, half); !errors.Is(err, ErrPlace) {
			t.Errorf("seal %+v: %v", half, err)
		}
		if _, err := k.Open(make([]byte, 64), half); !errors.Is(err, ErrPlace) {
			t.Errorf("open %+v: %v", half, err)
		}
	}
	global := AAD{Table: "user", Column: "totp", Row: "usr_1"}
	sealed, err := k.Seal([]byte("x"), global)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := k.Open(sealed, global); err != nil || string(plain) != "x" {
		t.Fatalf("a row without merchant: %q, %v", plain, err)
	}
}

func TestAlteredSealedValueIsRefused(t *testing.T) {
	t.Parallel()
	k := ringOf(t, "1:"+countingMaster+",2:"+otherMaster)
	sealed := mustSeal(t, k, "secret")
	for i := range sealed {
		for bit := range 8 {
			altered := slices.Clone(sealed)
			altered[i] ^= 1 << bit
			_, err := k.Open(altered, here)
			if !errors.Is(err, ErrOpen) && (i != 1 || !errors.Is(err, ErrUnknownKey)) {
				t.Fatalf("byte %d bit %d flipped: %v", i, bit, err)
			}
		}
		if _, err := k.Open(sealed[:i], here); !errors.Is(err, ErrOpen) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
	if _, err := k.Open(append(slices.Clone(sealed), 0), here); !errors.Is(err, ErrOpen) {
		t.Fatalf("one byte more: %v", err)
	}
}

func TestSealIsFreshEveryTimeAndUnderTheCurrentKey(t *testing.T) {
	t.Parallel()
	k := ringOf(t, "1:"+countingMaster+",2:"+otherMaster)
	one, two := mustSeal(t, k, "same"), mustSeal(t, k, "same")
	if bytes.Equal(one, two) {
		t.Fatal("two sealings are equal: the nonce repeats")
	}
	if one[0] != format || one[1] != 2 || len(one) != len("same")+30 {
		t.Fatalf("header % x, %d bytes", one[:2], len(one))
	}
}

func TestSealRoundTrip(t *testing.T) {
	t.Parallel()
	k := ringOf(t, countingMaster)
	text := rapid.StringN(1, 40, -1)
	rapid.Check(t, func(t *rapid.T) {
		place := AAD{rapid.String().Draw(t, "merchant"), text.Draw(t, "table"), text.Draw(t, "column"), text.Draw(t, "row")}
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed, err := k.Seal(plain, place)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := k.Open(sealed, place)
		if err != nil || !bytes.Equal(opened, plain) {
			t.Fatalf("opened %x, %v", opened, err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	k := ringOf(f, countingMaster)
	vector, _ := hex.DecodeString(sealedVector)
	f.Add(vector)
	f.Add([]byte{1, 1})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if _, err := k.Open(sealed, here); err == nil && !bytes.Equal(sealed, vector) {
			t.Fatalf("forged: % x", sealed)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	k := ringOf(b, countingMaster)
	plain := []byte("ada@example.com")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Seal(plain, here); err != nil {
			b.Fatal(err)
		}
	}
}
