package bench

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tributary/tributary/internal/sim"
)

// visitors is how many different browsers and addresses the load pretends to be.
const visitors = 4096

// clicks measures durable redirects against a bare handler that answers the
// same status, headers and Location to the same requests.
func clicks(ctx context.Context, r *run) error {
	world, srv, err := r.world(ctx, 8)
	if err != nil {
		return err
	}
	bare, err := r.start(nil, "bench-baseline", "redirect")
	if err != nil {
		return err
	}
	requests := clickRequests(world)
	var answered atomic.Int64
	to := func(addr string, perSec float64, counted bool) half {
		return func(ctx context.Context, d time.Duration) (Stats, error) {
			s, err := Load{Addr: addr, Conns: r.Conns, Want: 302, PerSec: perSec, Next: func(conn, n int, buf []byte) []byte {
				return append(buf, requests[(conn*977+n)%len(requests)]...)
			}}.Run(ctx, d)
			if counted {
				answered.Add(int64(len(s.Latencies)))
			}
			return s, err
		}
	}
	if err := r.rounds(ctx, to(bare.addr, 0, false), to(srv.addr, 0, true)); err != nil {
		return err
	}
	calm, err := to(srv.addr, r.result.RPS/2, true)(ctx, r.Duration)
	if err != nil {
		return err
	}
	r.note("full load: p50 %.2f ms, p99 %.2f ms; half load (%.0f/s): p50 %.2f ms, p99 %.2f ms", r.result.P50, r.result.P99, calm.Rate(), calm.Quantile(0.5), calm.Quantile(0.99))
	r.result.P50, r.result.P99, r.result.RSS = calm.Quantile(0.5), calm.Quantile(0.99), srv.rss()
	return r.clicksKept(ctx, world, answered.Load())
}

func clickRequests(w *sim.World) [][]byte {
	out := make([][]byte, visitors)
	for i := range out {
		a := w.Affiliates[i%len(w.Affiliates)]
		out[i] = fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:1%02d.0) Gecko/20100101 Firefox/1%02d.0\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\nX-Forwarded-For: 198.51.%d.%d\r\n\r\n",
			a.LinkPath, i%60, i%60, i/250, i%250)
	}
	return out
}

// clicksKept waits for the stream to drain and compares: every 302 is a stored
// click or counted as unrecorded, and none was unrecorded.
func (r *run) clicksKept(ctx context.Context, w *sim.World, answered int64) error {
	deadline := time.Now().Add(2 * time.Minute)
	began := time.Now()
	var stored int64
	for {
		var out struct{ Clicks struct{ TotalCount int64 } }
		if err := w.Client.Do(ctx, `{ clicks(first: 0) { totalCount } }`, nil, &out); err != nil {
			return err
		}
		stored = out.Clicks.TotalCount
		if stored >= answered || time.Now().After(deadline) {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	unrecorded, err := r.metric(ctx, w, `tributary_redirects_total{outcome="unrecorded"`)
	if err != nil {
		return err
	}
	r.note("302 answered %d = stored %d + unrecorded %.0f; rows drained %d ms after the load", answered, stored, unrecorded, time.Since(began).Milliseconds())
	r.result.Lost, r.result.Doubled = max(0, answered-stored), max(0, stored-answered)
	return nil
}

// metric sums a counter from /metrics.
func (r *run) metric(ctx context.Context, w *sim.World, name string) (sum float64, err error) {
	_, text, err := w.Client.Send(ctx, "GET", "/metrics", "", nil, nil)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, name) {
			var v float64
			if _, err := fmt.Sscan(line[strings.LastIndexByte(line, ' ')+1:], &v); err == nil {
				sum += v
			}
		}
	}
	return sum, nil
}

// world starts the subject and sets a merchant up in it.
func (r *run) world(ctx context.Context, affiliates int) (*sim.World, *child, error) {
	srv, err := r.subject(ctx)
	if err != nil {
		return nil, nil, err
	}
	p := sim.Plan{Merchant: "Bench", Email: fmt.Sprintf("bench-%d@bench.example", time.Now().UnixNano()), Password: "bench password 1", Currency: "USD", Percent: "10", HoldDays: 30}
	for i := range affiliates {
		p.Affiliates = append(p.Affiliates, fmt.Sprintf("Partner %d of %d", i+1, time.Now().UnixNano()))
	}
	for range r.Levels {
		p.Levels = append(p.Levels, "1")
	}
	r.say("setting a merchant with %d affiliates up", affiliates)
	w, err := sim.Build(ctx, "http://"+srv.addr, p)
	return w, srv, err
}
