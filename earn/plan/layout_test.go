package plan_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"pgregory.net/rapid"
)

var rewrite = flag.Bool("rewrite-layout1", false, "write testdata/layout1.txt anew: only for a checkout whose bytes are right")

const layout1 = "testdata/layout1.txt"

// What plans of before rules had conditions wrote is read, computed and written
// again to the same bytes: 300 versions and traces, written by the code of then.
func TestN11_StoredPlansKeepTheirBytes(t *testing.T) {
	t.Parallel()
	if *rewrite {
		writeLayout1(t)
	}
	file, err := os.ReadFile(layout1)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Fields(string(file))
	if len(rows) != 600 {
		t.Fatalf("%d values", len(rows))
	}
	for i := 0; i < len(rows); i += 2 {
		version, trace := unhex(t, rows[i]), unhex(t, rows[i+1])
		v, err := plan.DecodeVersion(version)
		if err != nil || !bytes.Equal(v.Encode(), version) {
			t.Fatalf("version %d: %v", i/2, err)
		}
		then, err := plan.DecodeTrace(trace)
		if err != nil || !bytes.Equal(then.Encode(), trace) {
			t.Fatalf("trace %d: %v", i/2, err)
		}
		now, err := plan.Evaluate(v, then.Input)
		if err != nil || !bytes.Equal(now.Trace.Encode(), trace) {
			t.Fatalf("evaluation %d: %+v, %v", i/2, now, err)
		}
	}
}

func writeLayout1(t *testing.T) {
	var out bytes.Buffer
	gen := rapid.Custom(func(t *rapid.T) [2]string {
		v, in := drawVersion(t), drawInput(t)
		r, err := plan.Evaluate(v, in)
		if err != nil {
			t.Fatal(err)
		}
		return [2]string{hex.EncodeToString(v.Encode()), hex.EncodeToString(r.Trace.Encode())}
	})
	for seed := range 300 {
		row := gen.Example(seed)
		fmt.Fprintln(&out, row[0], row[1])
	}
	if err := os.WriteFile(layout1, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func unhex(t *testing.T, s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
