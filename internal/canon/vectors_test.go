package canon_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/canon"
)

// vectors are the published examples; other languages may check themselves with the same file.
type vectors struct {
	Values []struct {
		Name, Hex, SHA256 string
		Version           byte
		Values            []map[string]any
	}
	Facts []struct {
		Name, Hex, SHA256 string
		Facts             canon.Facts
	}
	Refused []struct{ Name, Hex string }
}

func load(t *testing.T) (v vectors) {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Values) < 25 || len(v.Facts) < 4 || len(v.Refused) < 14 {
		t.Fatalf("vectors are missing: %d, %d, %d", len(v.Values), len(v.Facts), len(v.Refused))
	}
	return v
}

func TestVectorsWriteAndRead(t *testing.T) {
	t.Parallel()
	for _, row := range load(t).Values {
		w := canon.NewWriter(row.Version)
		for _, v := range row.Values {
			for kind, x := range v {
				write(t, w, kind, x)
			}
		}
		compare(t, row.Name, w.Sum(), row.Hex, row.SHA256)

		r, err := canon.NewReader(unhex(t, row.Hex))
		if err != nil || r.Version() != row.Version {
			t.Fatalf("%s: %v", row.Name, err)
		}
		for _, v := range row.Values {
			for kind, x := range v {
				if !reads(t, r, kind, x) {
					t.Errorf("%s: %s is not read as %v", row.Name, kind, x)
				}
			}
		}
		if err := r.Done(); err != nil {
			t.Errorf("%s: %v", row.Name, err)
		}
	}
}

func TestVectorsOfFacts(t *testing.T) {
	t.Parallel()
	for _, row := range load(t).Facts {
		compare(t, row.Name, row.Facts.Encode(), row.Hex, row.SHA256)
		f, err := canon.DecodeFacts(unhex(t, row.Hex))
		if err != nil || !maps.Equal(f, row.Facts) {
			t.Errorf("%s: decoded as %v, %v", row.Name, f, err)
		}
	}
	if got, want := canon.Facts(nil).Encode(), (canon.Facts{}).Encode(); string(got) != string(want) {
		t.Errorf("nil is %x, empty is %x", got, want)
	}
}

func TestVectorsRefused(t *testing.T) {
	t.Parallel()
	for _, row := range load(t).Refused {
		if f, err := canon.DecodeFacts(unhex(t, row.Hex)); !errors.Is(err, canon.ErrMalformed) || f != nil {
			t.Errorf("%s: %v, %v", row.Name, f, err)
		}
	}
}

func compare(t *testing.T, name string, got []byte, wantHex, wantSum string) {
	t.Helper()
	if hex.EncodeToString(got) != wantHex {
		t.Errorf("%s: %x, want %s", name, got, wantHex)
	}
	if sum := canon.Hash(got); hex.EncodeToString(sum[:]) != wantSum {
		t.Errorf("%s: hash %x, want %s", name, sum, wantSum)
	}
}

func write(t *testing.T, w *canon.Writer, kind string, x any) {
	t.Helper()
	switch kind {
	case "bytes":
		w.Bytes(unhex(t, x.(string)))
	case "string":
		w.String(x.(string))
	case "int":
		w.Int(signed(t, x))
	case "uint":
		w.Uint(unsigned(t, x))
	case "bool":
		w.Bool(x.(bool))
	case "micros":
		w.Time(time.UnixMicro(signed(t, x)))
	case "list":
		w.List(int(signed(t, x)))
	default:
		t.Fatalf("unknown kind %q", kind)
	}
}

func reads(t *testing.T, r *canon.Reader, kind string, x any) bool {
	t.Helper()
	switch kind {
	case "bytes":
		return string(r.Bytes()) == string(unhex(t, x.(string)))
	case "string":
		return r.String() == x.(string)
	case "int":
		return r.Int() == signed(t, x)
	case "uint":
		return r.Uint() == unsigned(t, x)
	case "bool":
		return r.Bool() == x.(bool)
	case "micros":
		return r.Time().Equal(time.UnixMicro(signed(t, x)))
	default:
		return r.List() == int(signed(t, x))
	}
}

func signed(t *testing.T, x any) int64 {
	t.Helper()
	v, err := strconv.ParseInt(x.(string), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func unsigned(t *testing.T, x any) uint64 {
	t.Helper()
	v, err := strconv.ParseUint(x.(string), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
