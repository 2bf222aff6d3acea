// Package bench measures a real server against a bare baseline in the same run.
//
// It means: subject and baseline share client, connections and payload, take
// turns in rounds, and the ratio is the median of the rounds; the load comes
// from a process of its own; at the end the server's own numbers must show that
// nothing was lost or doubled. It owns the load generator and the baselines. It
// refuses verdicts: figures are for docs/benchmarks.md, only loss fails a run.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Options of one run.
type Options struct {
	What     string        // clicks, orders, graphql, live or simulate
	Database string        // empty for SQLite in a folder of its own, else postgres://… of an empty database
	Duration time.Duration // of each half of a round
	Rounds   int
	Conns    int
	JSON     bool

	Subscribers int     // live: sockets that watch
	Idle        int     // live: sockets beside them that watch for what never comes
	Rate        float64 // live: messages a second
	Levels      int     // orders: of the upline, that every order pays

	Commissions int  // simulate: how many there are
	Whole       bool // simulate: under tiers that count for a whole month, and a goal

	Out, Err io.Writer
	Binary   string // this program, to start servers from
}

// Result is what a run found.
type Result struct {
	Bench       string   `json:"bench"`
	Database    string   `json:"database"`
	Ratio       float64  `json:"ratio"` // median over the rounds of subject to baseline
	RPS         float64  `json:"rps"`
	BaselineRPS float64  `json:"baseline_rps"`
	P50         float64  `json:"p50_ms"`
	P99         float64  `json:"p99_ms"`
	RSS         float64  `json:"rss_mib"`
	Lost        int64    `json:"lost"`
	Doubled     int64    `json:"doubled"`
	Notes       []string `json:"notes,omitempty"`
}

// Run measures and prints. It fails when something was lost or doubled.
func Run(ctx context.Context, o Options) error {
	benches := map[string]func(context.Context, *run) error{"clicks": clicks, "orders": orders, "graphql": queries, "live": live, "simulate": simulation}
	measure, known := benches[o.What]
	if !known {
		return fmt.Errorf("there is no bench %q; there are clicks, orders, graphql, live and simulate", o.What)
	}
	r := &run{Options: o, result: Result{Bench: o.What, Database: "sqlite"}}
	if o.Database != "" {
		r.result.Database = "postgres"
	}
	defer r.close()
	if err := measure(ctx, r); err != nil {
		return err
	}
	if err := r.print(); err != nil {
		return err
	}
	if r.result.Lost != 0 || r.result.Doubled != 0 {
		return fmt.Errorf("%d lost, %d doubled", r.result.Lost, r.result.Doubled)
	}
	return nil
}

// run is a measurement under way.
type run struct {
	Options
	result   Result
	children []*child
	cleanup  []func()
}

func (r *run) close() {
	for _, c := range slices.Backward(r.children) {
		c.stop()
	}
	for _, fn := range slices.Backward(r.cleanup) {
		fn()
	}
}

func (r *run) say(format string, a ...any) { fmt.Fprintf(r.Err, format+"\n", a...) }

func (r *run) note(format string, a ...any) {
	r.result.Notes = append(r.result.Notes, fmt.Sprintf(format, a...))
}

func (r *run) print() error {
	if r.JSON {
		return json.NewEncoder(r.Out).Encode(r.result)
	}
	x := r.result
	if x.BaselineRPS == 0 && r.What == "simulate" { // there is nothing bare to compare with
		_, err := fmt.Fprintf(r.Out, "%s on %s: %.0f/s; rss %.0f MiB at most\n  %s\n", x.Bench, x.Database, x.RPS, x.RSS, strings.Join(x.Notes, "\n  "))
		return err
	}
	_, err := fmt.Fprintf(r.Out, "%s on %s: %.0f/s against %.0f/s bare, ratio %.3f; p50 %.2f ms, p99 %.2f ms; rss %.0f MiB; lost %d, doubled %d\n",
		x.Bench, x.Database, x.RPS, x.BaselineRPS, x.Ratio, x.P50, x.P99, x.RSS, x.Lost, x.Doubled)
	for _, n := range x.Notes {
		fmt.Fprintln(r.Out, " ", n)
	}
	return err
}

// half is one side of a round: how many answers came, and how fast.
type half func(context.Context, time.Duration) (Stats, error)

// rounds lets baseline and subject take turns and keeps the medians.
func (r *run) rounds(ctx context.Context, baseline, subject half) error {
	var ratios, bare, ours []float64
	var all Stats
	for n := range r.Rounds {
		b, err := baseline(ctx, r.Duration)
		if err != nil {
			return fmt.Errorf("baseline: %w", err)
		}
		s, err := subject(ctx, r.Duration)
		if err != nil {
			return err
		}
		all.merge(s)
		bare, ours, ratios = append(bare, b.Rate()), append(ours, s.Rate()), append(ratios, s.Rate()/b.Rate())
		r.say("round %d of %d: %.0f/s against %.0f/s, ratio %.3f, p99 %.2f ms", n+1, r.Rounds, s.Rate(), b.Rate(), s.Rate()/b.Rate(), s.Quantile(0.99))
	}
	r.result.Ratio, r.result.RPS, r.result.BaselineRPS = median(ratios), median(ours), median(bare)
	r.result.P50, r.result.P99 = all.Quantile(0.50), all.Quantile(0.99)
	return nil
}

func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	if len(s) == 0 {
		return 0
	}
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
