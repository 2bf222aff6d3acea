package seal

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// Bytes 0x00, 0x01 … 0x1f: the master key of the vectors below.
const countingMaster = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

const otherMaster = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

func ringOf(t testing.TB, text string) *Keyring {
	t.Helper()
	k, err := FromHex(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestFromHex(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, text string
		current    byte
		fault      string
	}{
		{"bare", countingMaster, 1, ""},
		{"named", "7:" + countingMaster, 7, ""},
		{"two by comma", "1:" + countingMaster + ",2:" + otherMaster, 2, ""},
		{"last is current, not highest", "9:" + countingMaster + "\n3:" + otherMaster, 3, ""},
		{"comments and blank lines", "# old\n1:" + countingMaster + " # in use\n\n", 1, ""},
		{"empty", "", 0, "no key given"},
		{"only a comment", "# 1:" + countingMaster, 0, "no key given"},
		{"one digit short", countingMaster[1:], 0, "not 64 hex digits"},
		{"31 bytes", countingMaster[2:], 0, "not 64 hex digits"},
		{"33 bytes", countingMaster + "00", 0, "not 64 hex digits"},
		{"not hex", "zz" + countingMaster[2:], 0, "not 64 hex digits"},
		{"id zero", "0:" + countingMaster, 0, "from 1 to 255"},
		{"id too large", "256:" + countingMaster, 0, "from 1 to 255"},
		{"id not a number", "a:" + countingMaster, 0, "from 1 to 255"},
		{"id twice", "1:" + countingMaster + ",1:" + otherMaster, 0, "given twice"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k, err := FromHex(c.text)
			if c.fault != "" {
				requireFault(t, err, ErrKey, c.fault)
				return
			}
			if err != nil || k.KeyID() != c.current {
				t.Fatalf("current key %v, error %v; want %d", k, err, c.current)
			}
		})
	}
}

// requireFault also proves that no key digit reaches the message.
func requireFault(t *testing.T, err, kind error, part string) {
	t.Helper()
	if !errors.Is(err, kind) || !strings.Contains(err.Error(), part) {
		t.Fatalf("error %v, want %v with %q", err, kind, part)
	}
	for _, secret := range []string{countingMaster[8:24], otherMaster[8:24]} {
		if strings.Contains(err.Error(), secret) {
			t.Fatalf("key digits in the error: %v", err)
		}
	}
}

func TestKeyringIsNeverPrinted(t *testing.T) {
	t.Parallel()
	k := ringOf(t, "1:"+countingMaster+",2:"+otherMaster)
	k.MAC64("click-token", nil) // fills the pool with derived keys
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, verb+"\n", k)
		fmt.Fprintf(&out, verb+"\n", struct{ Ring *Keyring }{k})
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("start", "keyring", k)
	slog.New(slog.NewTextHandler(&out, nil)).Info("start", "keyring", k)
	printed := strings.ToLower(out.String())
	if !strings.Contains(printed, "keyring of 2, current 2") {
		t.Fatalf("nothing was printed: %s", printed)
	}
	prk := k.keys[1].prk
	for _, secret := range []string{countingMaster[:16], otherMaster[:16], fmt.Sprintf("%x", prk[:8]), fmt.Sprint(prk[:4])[1:]} {
		if strings.Contains(printed, strings.Trim(secret, "]")) {
			t.Fatalf("secret %q in %s", secret, printed)
		}
	}
}

func TestDerivedKeysDiffer(t *testing.T) {
	t.Parallel()
	k := ringOf(t, "1:"+countingMaster+",2:"+otherMaster)
	seen := map[string]string{}
	for id, key := range k.keys {
		for _, use := range [][]string{{"seal"}, {"seal", ""}, {"hash", "ab", "c"}, {"hash", "a", "bc"}, {"hash", "abc", ""}, {"cursor"}} {
			name, sub := fmt.Sprint(id, use), string(key.derive(use[0], use[1:]...))
			if before, twice := seen[sub]; twice {
				t.Errorf("%s and %s share a key", before, name)
			}
			seen[sub] = name
		}
	}
}
