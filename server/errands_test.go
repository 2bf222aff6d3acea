package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// Every errand of the house runs on a fresh server, none fails, and the operator's table
// has it.
func TestErrandsRun(t *testing.T) {
	t.Parallel()
	r := serve(t)
	ownerToken(t, r) // two merchants, live and test, for those that serve each
	table, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.errands() {
		if line := fmt.Sprintf("\n| `%s` | %s | ", e.Kind, interval.Replace(e.Every.String()+"$")); !strings.Contains(string(table), line) {
			t.Errorf("docs/operations.md has no line %q", line)
		}
		want := fmt.Sprintf(`tributary_errands_total{kind=%q,outcome="done"}`, e.Kind)
		eventually(t, patience, want, func() bool { return strings.Contains(r.send(t, "GET", "/metrics", "").text, want) })
	}
	if text := r.send(t, "GET", "/metrics", "").text; strings.Contains(text, `outcome="failed"`) {
		t.Error("an errand failed")
	}
}

// interval writes a duration as tables do.
var interval = strings.NewReplacer("h0m0s$", " h", "m0s$", " min", "s$", " s")

func TestBatchesGoOnUntilOneIsNotFull(t *testing.T) {
	t.Parallel()
	left, calls := 2*errandBatch+7, 0
	take := func(_ context.Context, limit int) (int, error) {
		calls++
		n := min(left, limit)
		left -= n
		return n, nil
	}
	if err := inBatches(take)(t.Context()); err != nil || left != 0 || calls != 3 { // 200, 200, 7
		t.Errorf("%d left after %d calls: %v", left, calls, err)
	}
	broken := errors.New("broken")
	if err := inBatches(func(context.Context, int) (int, error) { return errandBatch, broken })(t.Context()); !errors.Is(err, broken) {
		t.Errorf("a failing batch: %v", err)
	}
}
