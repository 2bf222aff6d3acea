package report

import (
	"context"
	"errors"
	"time"

	"github.com/tributary/tributary/internal/store"
)

// Events tells what happens after a cursor, from the beginning of what is kept
// without one: every event once and in order, until ctx ends or the server
// stops; then the channel is closed. A reader may be as slow as it likes: it is
// not waited for, and gets what it has missed from the journal. Errors: those of
// EventFeed.
func (s *Service) Events(ctx context.Context, after string, types []string) (<-chan *Event, error) {
	c, seq, err := s.open(ctx, after, types)
	if err != nil {
		return nil, err
	}
	st := &stream{service: s, choice: c, last: seq, out: make(chan *Event)}
	go st.run(ctx)
	return st.out, nil
}

// stream is one reader's way through the journal.
type stream struct {
	service *Service
	choice  choice
	last    int64 // place of the last event looked at
	out     chan *Event
}

// tailBuffer is how many batches may wait for a reader before it is sent back to
// the journal.
const tailBuffer = 32

// run goes from the journal to the tail, and back whenever the reader falls
// behind. It subscribes before it reads: what is placed while it reads arrives
// by both ways, and the second time is known by its place.
func (st *stream) run(ctx context.Context) {
	defer close(st.out)
	for {
		sub := st.service.store.Subscribe(st.choice.viewer.MerchantID, tailBuffer)
		err := st.journal(ctx)
		if err == nil {
			err = st.tail(ctx, sub)
		}
		sub.Close()
		if err == nil || ctx.Err() != nil { // the server or the reader stops
			return
		}
		if !errors.Is(err, store.ErrSlow) && pause(ctx, retryPause) != nil {
			return
		}
	}
}

// retryPause is how long a journal that could not be read is left alone.
const retryPause = 500 * time.Millisecond

// journal tells everything placed until now. Trouble of the database is waited
// out: the reader loses nothing by it. It fails only when ctx ends.
func (st *stream) journal(ctx context.Context) error {
	for {
		events, err := st.service.store.Events(ctx, st.choice.viewer.MerchantID, st.last, scanStep)
		if err == nil {
			err = st.tell(ctx, events)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			st.service.store.Log().Warn("a feed could not be read; it goes on from where it was", "error", err)
			if err := pause(ctx, retryPause); err != nil {
				return err
			}
		case len(events) < scanStep:
			return nil
		}
	}
}

// tail tells what arrives, until the subscription ends: with nil when the server
// stops.
func (st *stream) tail(ctx context.Context, sub *store.Subscription) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case batch, open := <-sub.C:
			if !open {
				return sub.Err()
			}
			if err := st.tell(ctx, batch); err != nil {
				return err
			}
		}
	}
}

// tell hands over what the reader wants of events it has not met.
func (st *stream) tell(ctx context.Context, events []store.Event) error {
	for _, e := range events {
		if e.Seq <= st.last {
			continue
		}
		if st.choice.wants(e) {
			one := st.service.told(e)
			select {
			case <-ctx.Done():
				return ctx.Err()
			case st.out <- &one:
			}
		}
		st.last = e.Seq
	}
	return nil
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
