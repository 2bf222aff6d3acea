package track

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/trust"
)

// BenchmarkRedirect compares durable redirects with a bare 302 handler, both by
// HTTP over loopback with the same clients. With writing, rows land in the
// database meanwhile. The ratio of ns/op is what counts; the load generator
// shares the processors here, which flatters neither.
func BenchmarkRedirect(b *testing.B) {
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Location"] = []string{"https://shop.example/p"}
		w.WriteHeader(http.StatusFound)
	})
	b.Run("bare", func(b *testing.B) { load(b, bare, "/r/spring") })
	for _, writing := range []bool{false, true} {
		name := map[bool]string{false: "durable", true: "durable and writing"}[writing]
		b.Run(name, func(b *testing.B) {
			s := setup(b).withBus()
			s.addLink("spring")
			if writing {
				ctx, cancel := context.WithCancel(trust.With(context.Background(), trust.System("")))
				var running sync.WaitGroup
				running.Go(func() { _ = s.WriteClicks(ctx) })
				b.Cleanup(func() { cancel(); running.Wait() })
			}
			load(b, s.Redirect(), "/r/spring")
			if n := s.Stats().Unrecorded; n > 0 {
				b.Errorf("%d clicks were not recorded", n)
			}
		})
	}
}

func load(b *testing.B, h http.Handler, path string) {
	b.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: 512}
	defer transport.CloseIdleConnections()
	b.SetParallelism(128)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		r, err := http.NewRequest(http.MethodGet, server.URL+path, nil)
		if err != nil {
			b.Error(err)
			return
		}
		r.Header.Set("User-Agent", chrome)
		for pb.Next() {
			answer, err := transport.RoundTrip(r)
			if err != nil || answer.StatusCode != http.StatusFound {
				b.Errorf("%v %v", answer, err)
				return
			}
			_ = answer.Body.Close()
		}
	})
}

// BenchmarkJudge is what a click costs beside HTTP and the stream.
func BenchmarkJudge(b *testing.B) {
	s := setup(b)
	s.addLink("spring")
	r := httptest.NewRequest(http.MethodGet, "/r/spring", nil)
	r.Header.Set("User-Agent", chrome)
	r.Header.Set("Referer", "https://blog.example/a")
	l, buf := s.linkAt("spring"), make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		v := s.judge(r, l, s.store.Now())
		buf = v.click.appendTo(buf[:0])
		_ = s.destination(http.Header{}, &v)
	}
}

// BenchmarkWrite is one delivery of 4 096 clicks, forty in each millisecond,
// into the database.
func BenchmarkWrite(b *testing.B) {
	s := setup(b)
	s.addLink("spring")
	for b.Loop() {
		b.StopTimer()
		batch := make([][]byte, 4096)
		for i := range batch {
			batch[i], _ = s.capture("spring")
			if i%40 == 0 {
				s.clock.Advance(time.Millisecond)
			}
		}
		b.StartTimer()
		s.must(s.deliver(batch...))
	}
	b.ReportMetric(4096*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
