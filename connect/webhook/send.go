package webhook

import (
	"context"
	"sync"
	"time"

	"github.com/tributary/tributary/internal/store"
)

const (
	// lease is when another server takes up a delivery whose sender was lost. It is
	// longer than a try can take, with what it takes to write down what came of it.
	lease = 45 * time.Second
	// lookPause is how often the sender looks without being woken.
	lookPause   = 500 * time.Millisecond
	claimAtOnce = 256
	gatherAt    = 256
	gatherPause = 5 * time.Millisecond
	lastWords   = 3 * time.Second // for what is under way when the server ends
)

// sender sends what is due, on one server.
type sender struct {
	*Service
	desk    *desk
	results chan store.SettledDelivery // tries that have ended
	settled chan []store.SettledDelivery
	trying  sync.WaitGroup
}

// Send sends what is due until ctx ends. Each server runs it once; what one has
// claimed the others leave alone. Tries that are under way at the end are broken off
// after a few seconds and made again by whoever comes next.
func (s *Service) Send(ctx context.Context) error {
	work := &sender{Service: s, desk: newDesk(s.limits), results: make(chan store.SettledDelivery, s.limits.InAll), settled: make(chan []store.SettledDelivery, 1)}
	tries, breakOff := context.WithCancel(context.WithoutCancel(ctx))
	defer breakOff()
	writing := make(chan struct{})
	go func() {
		defer close(writing)
		work.write(ctx)
	}()
	err := work.run(ctx, tries)
	stop := time.AfterFunc(lastWords, breakOff)
	work.trying.Wait()
	stop.Stop()
	close(work.results)
	for range work.settled { //nolint:revive // the writer is let go until it has written everything
	}
	<-writing
	return err
}

// run claims and begins, and hears what was written.
func (w *sender) run(ctx, tries context.Context) error {
	look := time.NewTimer(0)
	defer look.Stop()
	for {
		again := false
		select {
		case <-ctx.Done():
			return nil
		case done := <-w.settled:
			w.release(done)
		case <-w.wake:
		case <-look.C:
		}
		for ctx.Err() == nil && w.desk.free() > 0 {
			n, err := w.claim(ctx, tries)
			if err != nil {
				w.store.Log().Warn("webhooks could not be claimed", "error", err)
			}
			if err != nil || n == 0 {
				break
			}
			again = true
			w.hear()
		}
		look.Reset(pauseOf(again))
	}
}

// pauseOf is short after something was sent: there may be more.
func pauseOf(again bool) time.Duration {
	if again {
		return gatherPause
	}
	return lookPause
}

// hear takes what was written meanwhile, without waiting.
func (w *sender) hear() {
	for {
		select {
		case done := <-w.settled:
			w.release(done)
		default:
			return
		}
	}
}

func (w *sender) release(done []store.SettledDelivery) {
	for _, d := range done {
		w.desk.end(d.Endpoint, d.Status == delivered)
	}
}

// claim begins the tries of what is due and there is room for.
func (w *sender) claim(ctx, tries context.Context) (int, error) {
	if due, err := w.store.DoorWebhooksDue(ctx); err != nil || !due {
		return 0, err
	}
	planned := map[string]int{} // of merchants, in this claim
	claimed, err := w.store.DoorClaimWebhooks(ctx, store.Claim{
		Most: min(w.desk.free(), claimAtOnce), Lease: lease, Busy: w.desk.busy(),
		Begin: func() { clear(planned) },
		Room: func(e *store.ClaimedEndpoint) int {
			return min(w.desk.room(e), w.limits.Merchant-w.desk.merchant[e.MerchantID]-planned[e.MerchantID])
		},
		Took: func(e *store.ClaimedEndpoint, n int) { planned[e.MerchantID] += n },
	})
	for _, d := range claimed {
		w.desk.begin(d.Endpoint)
		w.trying.Go(func() { w.results <- w.try(tries, d) })
	}
	return len(claimed), err
}

// write writes down what came of tries, many in one transaction, until there are no
// more. What cannot be written is tried again: until then its places stay taken, so
// that nothing is sent that could not be remembered.
func (w *sender) write(ctx context.Context) {
	defer close(w.settled)
	for first := range w.results {
		group := w.gather(first)
		for pause := gatherPause; ; pause = min(2*pause, time.Second) {
			err := w.settle(ctx, group)
			if err == nil {
				break
			}
			w.store.Log().Warn("what came of webhooks could not be written", "error", err)
			if ctx.Err() != nil { // their leases end, and they are sent again
				break
			}
			time.Sleep(pause)
		}
		w.settled <- group
	}
}

// gather takes what ends at about the same time.
func (w *sender) gather(first store.SettledDelivery) []store.SettledDelivery {
	group := []store.SettledDelivery{first}
	wait := time.NewTimer(gatherPause)
	defer wait.Stop()
	for len(group) < gatherAt {
		select {
		case one, more := <-w.results:
			if !more {
				return group
			}
			group = append(group, one)
		case <-wait.C:
			return group
		}
	}
	return group
}
