package report

import (
	"context"
	"errors"
	"time"

	"github.com/tributary/tributary/internal/store"
)

// Events tells what happens after a cursor, from the beginning of what is kept
// without one: every event once and in order, until ctx ends or the server
// stops. A reader may be as slow as it likes: it is not waited for, and gets what
// it has missed from the journal. Errors: those of EventFeed.
func (s *Service) Events(ctx context.Context, after string, types []string) (*Reader, error) {
	c, seq, err := s.open(ctx, after, types)
	if err != nil {
		return nil, err
	}
	return &Reader{service: s, choice: c, last: seq}, nil
}

// Reader is one reader's way through the journal. It belongs to one goroutine and
// has none of its own.
type Reader struct {
	service *Service
	choice  choice
	last    int64 // place of the last event looked at
	sub     *store.Subscription
	keep    func() bool   // stops ctx from closing sub
	behind  bool          // what was placed before sub began is still to be read
	over    bool          // sub has ended
	batch   []store.Event // what came and was not looked at yet; shared, never written to
}

// tailBuffer is how many batches may wait for a reader before it is sent back to
// the journal.
const tailBuffer = 32

// Next waits for the next event that the reader wants, which others read too;
// more says that another is here already. It ends, with nil, when ctx does or the
// server stops.
func (r *Reader) Next(ctx context.Context) (e *store.Event, more bool) {
	for !r.wanted() {
		if !r.fetch(ctx) {
			return nil, false
		}
	}
	e, r.batch = &r.batch[0], r.batch[1:]
	r.last = e.Seq
	return e, r.here()
}

// here reports whether the next event that the reader wants has come, and does
// not wait for it.
func (r *Reader) here() bool {
	for !r.wanted() {
		if r.behind || r.over {
			return false
		}
		select {
		case batch, open := <-r.sub.C:
			r.batch, r.over = batch, !open
		default:
			return false
		}
	}
	return true
}

// Tell gives an event the form in which this reader's feed tells it.
func (r *Reader) Tell(e *store.Event) *Event {
	told := r.service.told(*e)
	return &told
}

// wanted drops what the reader does not want or has met, and reports whether
// anything is left.
func (r *Reader) wanted() bool {
	for i := range r.batch {
		if e := &r.batch[i]; e.Seq > r.last && r.choice.wants(e) {
			r.batch = r.batch[i:]
			return true
		}
	}
	if n := len(r.batch); n > 0 {
		r.last, r.batch = max(r.last, r.batch[n-1].Seq), nil
	}
	return false
}

// fetch waits for more: from the journal, then from the tail, and back whenever
// the reader falls behind. It subscribes before it reads: what is placed while it
// reads arrives by both ways, and the second time is known by its place.
func (r *Reader) fetch(ctx context.Context) bool {
	if r.sub == nil {
		r.sub, r.behind = r.service.store.SubscribeTo(r.choice.viewer.MerchantID, tailBuffer, r.choice.wants), true
		r.keep = context.AfterFunc(ctx, r.sub.Close)
	}
	switch {
	case r.behind:
		return r.journal(ctx)
	case r.over:
		return r.again(ctx)
	}
	select {
	case <-ctx.Done():
		return false
	case batch, open := <-r.sub.C:
		r.batch, r.over = batch, !open
		return true
	}
}

// again begins anew after a subscription that ended, unless the server stops.
func (r *Reader) again(ctx context.Context) bool {
	err := r.sub.Err()
	r.keep()
	if r.sub, r.over = nil, false; err == nil || ctx.Err() != nil {
		return false
	}
	return errors.Is(err, store.ErrSlow) || pause(ctx, retryPause) == nil
}

// retryPause is how long a journal that could not be read is left alone.
const retryPause = 500 * time.Millisecond

// journal reads what is placed already. Trouble of the database is waited out:
// the reader loses nothing by it. It fails only when ctx ends.
func (r *Reader) journal(ctx context.Context) bool {
	events, err := r.service.store.Events(ctx, r.choice.viewer.MerchantID, r.last, scanStep)
	switch {
	case ctx.Err() != nil:
		return false
	case err != nil:
		r.service.store.Log().Warn("a feed could not be read; it goes on from where it was", "error", err)
		return pause(ctx, retryPause) == nil
	}
	r.batch, r.behind = events, len(events) == scanStep
	return true
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
