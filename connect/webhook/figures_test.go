package webhook_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/connect/webhook"
	"github.com/tributary/tributary/internal/egress"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// hangs is how long a delivery to an endpoint that does not answer takes.
const hangs = 10 * time.Second

// crowd is a house on the real clock with endpoints that note when they heard.
type crowd struct {
	house
	mu    sync.Mutex
	times []time.Duration // from an event to its message, at endpoints that answer
	n     atomic.Int64
}

// ServeHTTP is an endpoint that answers at once.
func (c *crowd) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	at := c.begun.Load()
	c.mu.Lock()
	c.times = append(c.times, time.Since(time.Unix(0, at)))
	c.mu.Unlock()
	c.n.Add(1)
}

// crowded opens a house whose 100 endpoints answer, but for sick of them, half of
// which hang and half of which fail.
func crowded(t testing.TB, endpoints, sick int, limits webhook.Limits) *crowd {
	t.Helper()
	c := &crowd{house: house{store: storetest.Open(t), begun: new(atomic.Int64)}}
	c.Service = webhook.New(webhook.Config{Store: c.store, Loopback: true, Limits: limits, Client: egress.New(egress.Options{Guard: egress.Guard{Loopback: true}, Timeout: hangs})})
	c.ctx, _ = storetest.Merchant(t, c.store)
	well := httptest.NewServer(c)
	t.Cleanup(well.Close)
	released := make(chan struct{})
	ill := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/fails" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		select {
		case <-released:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(ill.Close)
	t.Cleanup(func() { close(released) })
	for i := range endpoints {
		url := well.URL + "/" + strconv.Itoa(i)
		if i < sick {
			url = ill.URL + []string{"/hangs", "/fails"}[i%2]
		}
		if _, err := c.Create(c.ctx, webhook.EndpointInput{URL: url}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, quit := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, loop := range []func(context.Context) error{
		c.store.Sequence, c.Send, func(ctx context.Context) error { return c.store.Follow(ctx, c.Follower()) },
	} {
		running.Go(func() { _ = loop(ctx) })
	}
	t.Cleanup(func() { quit(); running.Wait() })
	return c
}

// tell makes events happen, and waits until those who answer have heard them.
func (c *crowd) tell(t testing.TB, events, hearers int) {
	t.Helper()
	want := c.n.Load() + int64(events*hearers)
	c.begun.Store(time.Now().UnixNano())
	_, err := store.Run(c.ctx, c.store, store.Command{Name: "test"}, func(_ context.Context, tx *store.Tx) (int, error) {
		for i := range events {
			tx.Emit(store.Event{Type: "commission.approved", Subject: "com_" + strconv.Itoa(i)})
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(2 * patience); c.n.Load() < want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d of %d were heard", c.n.Load(), want)
		}
	}
}

func (c *crowd) p99() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.Sort(c.times)
	return c.times[len(c.times)*99/100]
}

// Of a hundred endpoints one hangs and one fails: the others hear everything, about
// as soon as without them. Without the limit of a window the one that hangs takes
// every place, and the others wait for its time-outs.
func TestR3_OneThatHangsKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	few := webhook.Limits{InAll: 16}
	alone, beside := crowded(t, 98, 0, few), crowded(t, 100, 2, few)
	for range 5 { // in turns, so that the machine is the same for both
		alone.tell(t, 6, 98)
		beside.tell(t, 6, 98)
	}
	a, b := alone.p99(), beside.p99()
	t.Logf("p99 alone %v, beside one that hangs and one that fails %v: %d.%02d times", a, b, b/a, b*100/a%100)
	if b >= a+hangs {
		t.Errorf("the others waited %v: as long as the one that hangs", b)
	}
}

// BenchmarkDeliveries is deliveries a second, from the events' commit until each was
// heard, its outcome written by then or soon after.
func BenchmarkDeliveries(b *testing.B) {
	c := crowded(b, 10, 0, webhook.Limits{})
	c.tell(b, 10, 10)
	b.ResetTimer()
	n := 0
	for b.Loop() {
		c.tell(b, 200, 10)
		n += 2000
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "deliveries/s")
}
