package report

import (
	"context"
	"errors"
	"time"

	"github.com/tributary/tributary/internal/store"
)

// watch reads the answer to one question for everybody who asks it. It learns from
// the tail which event its numbers lack, and from the follower, or by looking
// again, when they have it.
type watch[Q question, A answer[A]] struct {
	hub     *hub[Q, A]
	asked   Q
	end     context.CancelFunc
	counted chan struct{}
	readers map[chan A]struct{} // under the hub's lock, as are told and last
	told    bool
	last    A

	lacks int64     // place of the last event that concerns the question
	lost  bool      // what it lacks is unknown: events were missed, or went by before it began
	has   int64     // place up to which the last answer counted
	day   time.Time // the quarter of an hour the last answer was read in
	ready time.Time // from when the database may be asked again
	next  time.Time // when it will be; zero when it need not be
	timer *time.Timer
}

const (
	// livePause is between two readings of live totals. A reading that takes long
	// makes any pause longer: watching never takes more than a fifth of a connection.
	livePause = 100 * time.Millisecond
	liveShare = 5
	// dayPause is how often a watch looks whether a day may have begun: in every
	// time zone that happens on a quarter of an hour.
	dayPause = 15 * time.Second
	quarter  = 15 * time.Minute
)

func (w *watch[Q, A]) run(ctx context.Context) {
	defer w.end()
	sub := w.hub.store.SubscribeTo(w.asked.of(), tailBuffer, w.asked.concerns)
	defer func() { sub.Close() }()
	w.lost = true
	w.timer = time.NewTimer(0)
	defer w.timer.Stop()
	days := time.NewTicker(dayPause)
	defer days.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case batch, open := <-sub.C:
			switch {
			case open:
				w.learn(batch)
			case sub.Err() == nil: // the server stops
				w.hub.closeAll(w)
				return
			default:
				sub, w.lost = w.again(ctx, sub), true
				w.look(w.ready)
			}
		case <-w.counted:
			if w.has < w.lacks {
				w.look(w.ready)
			}
		case <-days.C:
			if w.has < w.lacks || !w.hub.store.MerchantTimeOf(w.asked.of()).Truncate(quarter).Equal(w.day) {
				w.look(w.ready)
			}
		case <-w.timer.C:
			w.read(ctx)
		}
	}
}

// again subscribes after a subscription that failed.
func (w *watch[Q, A]) again(ctx context.Context, sub *store.Subscription) *store.Subscription {
	if !errors.Is(sub.Err(), store.ErrSlow) {
		_ = pause(ctx, retryPause)
	}
	return w.hub.store.SubscribeTo(w.asked.of(), tailBuffer, w.asked.concerns)
}

// look makes the database be asked at an instant, or before if it was to be.
func (w *watch[Q, A]) look(at time.Time) {
	if w.next.IsZero() || at.Before(w.next) {
		w.next = at
		w.timer.Reset(time.Until(at))
	}
}

// learn takes note of events that will change the numbers. The follower that
// counts them may be another server's, and then says nothing here.
func (w *watch[Q, A]) learn(batch []store.Event) {
	for i := range batch {
		if w.asked.concerns(&batch[i]) {
			w.lacks = batch[i].Seq
		}
	}
	if w.has < w.lacks {
		w.look(time.Now().Add(w.hub.pause))
	}
}

// read takes an answer and tells it, and looks again while it lacks something.
func (w *watch[Q, A]) read(ctx context.Context) {
	w.next = time.Time{}
	begun := time.Now()
	w.hub.reads.Add(1)
	a, err := w.hub.ask(ctx, w.asked)
	if err == nil && w.lost {
		w.lacks, err = w.hub.store.HeadOf(ctx, w.asked.of())
	}
	w.ready = time.Now().Add(max(w.hub.pause, liveShare*time.Since(begun)))
	if err != nil {
		if ctx.Err() == nil {
			w.hub.store.Log().Warn("live numbers could not be read", "error", err)
			w.look(time.Now().Add(retryPause))
		}
		return
	}
	seq, at := a.read()
	w.lost, w.has, w.day = false, seq, at.Truncate(quarter)
	w.hub.publish(w, a)
	if w.hub.every > 0 {
		w.look(time.Now().Add(w.hub.every))
	}
	if w.has < w.lacks {
		w.look(w.ready)
	}
}
