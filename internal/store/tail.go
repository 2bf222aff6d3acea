package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// ErrSlow ends a subscription whose reader did not keep up: it reads the
// journal again from where it was.
var ErrSlow = errors.New("the subscriber did not keep up")

// tail is the server's one reader of new events; it feeds all subscribers.
type tail struct {
	wake      chan struct{}
	expecting atomic.Bool // a delayed wake-up is under way
	mu        sync.Mutex
	subs      map[*Subscription]struct{}
	head      int64 // last place delivered
	on        bool  // head is known
}

// tailPause is how often the journal is looked at without a wake-up: another
// server's events on a PostgreSQL without NATS arrive this late.
const tailPause = 100 * time.Millisecond

// tailBatch bounds one look.
const tailBatch = 1000

// Subscription is a place where new events of one merchant arrive, in order.
type Subscription struct {
	C        <-chan []Event
	c        chan []Event
	merchant string
	wants    func(*Event) bool
	store    *Store
	once     sync.Once
	err      error
}

// Subscribe delivers the merchant's events that are placed from now on, perhaps
// with some placed just before, in order and in batches. With buffer batches
// waiting the subscription is closed with ErrSlow: nobody waits for a slow
// reader. An empty merchant means all, for the server's own use. Batches are
// shared between subscribers: read, never write. Close it when done.
func (s *Store) Subscribe(merchantID string, buffer int) *Subscription {
	return s.SubscribeTo(merchantID, buffer, func(*Event) bool { return true })
}

// SubscribeTo is Subscribe for who wants some events only: batches without any of
// them do not come, and wake nobody. Those that come are whole. wants is asked
// while everybody waits, and must answer at once.
func (s *Store) SubscribeTo(merchantID string, buffer int, wants func(*Event) bool) *Subscription {
	sub := &Subscription{c: make(chan []Event, buffer), merchant: merchantID, wants: wants, store: s}
	sub.C = sub.c
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	s.tail.mu.Lock()
	defer s.tail.mu.Unlock()
	if err := s.beginTail(ctx); err != nil {
		sub.err = err
		sub.once.Do(func() { close(sub.c) })
		return sub
	}
	if s.tail.subs == nil {
		s.tail.subs = map[*Subscription]struct{}{}
	}
	s.tail.subs[sub] = struct{}{}
	return sub
}

// beginTail decides, once, after which place events are new: where the journal
// stands when the first subscriber comes or the tail starts, whichever is
// first. The caller holds the lock.
func (s *Store) beginTail(ctx context.Context) (err error) {
	if s.tail.on {
		return nil
	}
	if s.tail.head, err = s.Head(ctx); err == nil {
		err = s.LoadClocks(ctx) // after the head: no move falls in between
	}
	s.tail.on = err == nil
	return err
}

// Close ends the subscription; C is closed.
func (sub *Subscription) Close() { sub.end(nil) }

// Err is why C was closed: nil after Close or when the server stopped, ErrSlow,
// or what kept the journal from being read at the start.
func (sub *Subscription) Err() error { return sub.err }

func (sub *Subscription) end(err error) {
	sub.once.Do(func() {
		sub.store.tail.mu.Lock()
		defer sub.store.tail.mu.Unlock()
		delete(sub.store.tail.subs, sub)
		sub.err = err
		close(sub.c)
	})
}

// Wake makes the journal be looked at: after a commit here, or when the bus says
// that another server committed. On PostgreSQL the events must be placed first:
// the readers are woken by this server's sequencer, or a little later when
// another server has it.
func (s *Store) Wake() {
	if !s.Postgres() {
		s.wakeReaders()
		return
	}
	nudge(s.unplaced)
	if s.tail.expecting.CompareAndSwap(false, true) {
		time.AfterFunc(2*sequencerPause, func() {
			s.tail.expecting.Store(false)
			s.wakeReaders()
		})
	}
}

func (s *Store) wakeReaders() {
	nudge(s.tail.wake)
	s.followers.nudge()
}

func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Tail feeds subscribers until ctx ends; each server runs it once.
func (s *Store) Tail(ctx context.Context) error {
	defer s.endSubscriptions()
	for ctx.Err() == nil {
		began := time.Now()
		if err := s.drain(ctx); err != nil && ctx.Err() == nil {
			s.Log().Warn("journal could not be read", "error", err)
		}
		s.tailWait(ctx, began)
	}
	return nil
}

// tailWait waits for a wake-up. What comes after a quiet moment is read at once; what
// follows closely gathers, so that a burst costs few reads.
func (s *Store) tailWait(ctx context.Context, began time.Time) {
	t := time.NewTimer(tailPause)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-s.tail.wake:
		_ = sleep(ctx, gatherPause-time.Since(began))
	case <-t.C:
	}
}

// drain delivers everything placed since the last look.
func (s *Store) drain(ctx context.Context) error {
	s.tail.mu.Lock()
	err := s.beginTail(ctx)
	s.tail.mu.Unlock()
	for err == nil {
		var events []Event
		events, err = s.AllEvents(ctx, s.tail.head, tailBatch)
		if len(events) == 0 {
			return err
		}
		s.heedClocks(events)
		s.deliver(events)
		if len(events) < tailBatch {
			return nil
		}
	}
	return err
}

func (s *Store) deliver(events []Event) {
	byMerchant := map[string][]Event{"": events}
	for _, e := range events {
		byMerchant[e.MerchantID] = append(byMerchant[e.MerchantID], e)
	}
	var slow []*Subscription
	s.tail.mu.Lock()
	s.tail.head = events[len(events)-1].Seq
	for sub := range s.tail.subs {
		batch := byMerchant[sub.merchant]
		if !sub.wantsAny(batch) {
			continue
		}
		select {
		case sub.c <- batch:
		default:
			slow = append(slow, sub)
		}
	}
	s.tail.mu.Unlock()
	for _, sub := range slow {
		sub.end(ErrSlow)
	}
}

func (sub *Subscription) wantsAny(batch []Event) bool {
	for i := range batch {
		if sub.wants(&batch[i]) {
			return true
		}
	}
	return false
}

func (s *Store) endSubscriptions() {
	s.tail.mu.Lock()
	var all []*Subscription
	for sub := range s.tail.subs {
		all = append(all, sub)
	}
	s.tail.mu.Unlock()
	for _, sub := range all {
		sub.Close()
	}
}
