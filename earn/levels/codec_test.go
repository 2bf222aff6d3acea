package levels_test

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

func anyTrace(r *rapid.T) (levels.Trace, levels.Result) {
	t := levels.Terms{
		AndAbove: rapid.Bool().Draw(r, "above"), MaxTotal: rate(rapid.SampledFrom([]string{"0", "12.5", "40"}).Draw(r, "max")),
		OnInactive: rapid.SampledFrom([]levels.Policy{"", levels.Compress, levels.Hold, levels.Stop}).Draw(r, "inactive"),
		Cut:        rapid.SampledFrom([]levels.CutOrder{"", levels.Proportional}).Draw(r, "cut"),
	}
	for range rapid.IntRange(1, 4).Draw(r, "terms") {
		t.Levels = append(t.Levels, levels.Term{Mode: rapid.SampledFrom([]levels.Mode{levels.OfSale, levels.OfLower, levels.NetOverride}).Draw(r, "mode"), Rate: rate("7.25")})
	}
	s := levels.Sale{Currency: "KWD"}
	for i := range rapid.IntRange(0, 3).Draw(r, "lines") {
		s.Lines = append(s.Lines, levels.Line{ID: fmt.Sprint(i), Base: rapid.Int64Range(0, 1e9).Draw(r, "base"), Commission: rapid.Int64Range(0, 1e6).Draw(r, "paid")})
	}
	for i := range rapid.IntRange(1, 6).Draw(r, "upline") {
		s.Upline = append(s.Upline, levels.Member{
			AffiliateID: fmt.Sprint("a", i), Status: rapid.SampledFrom([]string{"ACTIVE", "SUSPENDED", "ARCHIVED"}).Draw(r, "status"),
			Sales: int64(i), Amount: money.Of(int64(i), "KWD"), Buyer: rapid.Bool().Draw(r, "buyer"),
		})
	}
	result, err := t.Evaluate(s)
	if err != nil {
		r.Fatal(err)
	}
	return result.Trace(t, s, result.Steps[0].Member, rapid.Int64Range(0, 9).Draw(r, "earlier")), result
}

// What is kept of levels reads back as it was, replays to the amount, and no other
// bytes are taken for it.
func TestN11_TracesOfLevelsReplay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		trace, result := anyTrace(r)
		b := trace.Encode()
		read, err := levels.DecodeTrace(b)
		if err != nil || !bytes.Equal(read.Encode(), b) {
			r.Fatal(err)
		}
		again, err := read.Replay()
		if err != nil || again.Steps[0].Amount != result.Steps[0].Amount || read.Amount().Minor != result.Steps[0].Amount-trace.Earlier {
			r.Fatal(err, read.Amount())
		}
		if terms, err := levels.DecodeTerms(trace.Terms.Encode()); err != nil || !bytes.Equal(terms.Encode(), trace.Terms.Encode()) {
			r.Fatal(err)
		}
		if upline, err := levels.DecodeUpline(levels.EncodeUpline(trace.Sale.Upline)); err != nil || len(upline) != len(trace.Sale.Upline) || upline[0] != trace.Sale.Upline[0] {
			r.Fatal(upline, err)
		}
		at := rapid.IntRange(0, len(b)-1).Draw(r, "cut")
		if _, err := levels.DecodeTrace(b[:at]); problem.CodeOf(err) != problem.Internal {
			r.Fatal("cut bytes were read", err)
		}
	})
}

// A trace in which a single number is another does not replay.
func TestN11_AChangedTraceDoesNotReplay(t *testing.T) {
	t.Parallel()
	terms := terms("5 sale, 20 lower")
	s := levels.Sale{Currency: "USD", Lines: []levels.Line{{ID: "1", Base: 10_000, Commission: 1_000}}, Upline: upline("a b")}
	result, err := terms.Evaluate(s)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*levels.Trace){
		"base":    func(t *levels.Trace) { t.Sale.Lines = []levels.Line{{ID: "1", Base: 10_100, Commission: 1_000}} },
		"rate":    func(t *levels.Trace) { t.Terms.Levels = []levels.Term{{Mode: levels.OfSale, Rate: rate("6")}} },
		"amount":  func(t *levels.Trace) { t.Steps[0].Amount++ },
		"outcome": func(t *levels.Trace) { t.Steps[1].Outcome = levels.Held },
		"status":  func(t *levels.Trace) { t.Sale.Upline = upline("a! b") },
	} {
		trace := result.Trace(terms, s, 0, 0)
		if _, err := trace.Replay(); err != nil {
			t.Fatal(err)
		}
		if change(&trace); problem.CodeOf(func() error { _, err := trace.Replay(); return err }()) != problem.Internal {
			t.Errorf("it replays with another %s", name)
		}
	}
}
