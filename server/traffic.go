package server

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

// traffic counts what is under way, so that the end of the server can wait for
// it, and knows whether the end has begun.
//
// Requests and streams are counted apart because they end differently: a
// request is waited for, a stream (subscription, long upload) is told to end
// and then waited for.
type traffic struct {
	draining          atomic.Bool
	requests, streams atomic.Int64
	left              chan struct{} // a token: something ended since the end began

	ending context.Context // ends when streams must
	end    context.CancelFunc
}

func newTraffic() *traffic {
	t := &traffic{left: make(chan struct{}, 1)}
	t.ending, t.end = context.WithCancel(context.Background())
	return t
}

func (t *traffic) leave(count *atomic.Int64) {
	count.Add(-1)
	if !t.draining.Load() {
		return
	}
	select {
	case t.left <- struct{}{}:
	default:
	}
}

// visit is one request in the count; gone says that it was taken out early.
type visit struct{ gone bool }

type visitKey struct{}

// counted counts a request. While the server drains, answers close their
// connection: a client that sends its next request just as the server closes an
// idle connection would see that request fail.
func (t *traffic) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{}
		t.requests.Add(1)
		defer t.out(v)
		if t.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
	})
}

// out takes a request out of the count, once. Only its handler calls it.
func (t *traffic) out(v *visit) {
	if !v.gone {
		v.gone = true
		t.leave(&t.requests)
	}
}

// lasts makes a stream of a request that lasts: it no longer counts as a request,
// is not cut off by the write timeout, and its context ends when streams must. It
// counts as a stream until done is called, which may be after its handler.
func (t *traffic) lasts(w http.ResponseWriter, r *http.Request) (ctx context.Context, done func()) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // a writer without deadlines has none to take away
	ctx, cancel := context.WithCancel(r.Context())
	stop := context.AfterFunc(t.ending, cancel)
	t.streams.Add(1)
	if v, counted := r.Context().Value(visitKey{}).(*visit); counted {
		t.out(v)
	}
	return ctx, func() {
		stop()
		cancel()
		t.leave(&t.streams)
	}
}

// streamed serves a request that lasts from its beginning.
func (t *traffic) streamed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, done := t.lasts(w, r)
		defer done()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// await returns when nothing of the kind is under way, or with ctx. Only the
// one goroutine that ends the server calls it, after draining was set.
func (t *traffic) await(ctx context.Context, count *atomic.Int64) error {
	for count.Load() > 0 {
		select {
		case <-t.left:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
