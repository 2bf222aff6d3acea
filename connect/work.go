package connect

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

const (
	// workLease is when another server takes up a message whose worker was lost. It is
	// longer than a try can take.
	workLease = 45 * time.Second
	// workPatience is how long a try may take.
	workPatience = 20 * time.Second
	// workLook is how often is looked without being woken.
	workLook = 500 * time.Millisecond
	// workers is how many messages one server works on at once.
	workers = 8
	// mostLost is how often the worker of a message may be lost before the message
	// is taken for the cause.
	mostLost = 20
	// lastWork is how long what is under way may take when the server ends.
	lastWork = 3 * time.Second

	reasonFailed = "FAILED: it was tried as often as it may be"
	reasonLost   = "LOST: whoever worked on it was lost, again and again"
	reasonAgain  = "AGAIN: it failed and will be tried again"
)

// workPauses lie between the tries of a message that fails. What comes after it of
// the same subject waits as long, so they end within half a day.
var workPauses = []time.Duration{
	time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
}

// Work does what stored messages ask for until ctx ends. Each server runs it once;
// what one has claimed the others leave alone, and of one subject one message is
// worked on at a time, in the order in which they came.
func (s *Service) Work(ctx context.Context) error {
	tries, breakOff := context.WithCancel(context.WithoutCancel(ctx))
	defer breakOff()
	var under sync.WaitGroup
	free := make(chan struct{}, workers)
	look := time.NewTimer(0)
	defer look.Stop()
	for turn := ""; ; {
		select {
		case <-ctx.Done():
			stop := time.AfterFunc(lastWork, breakOff)
			defer stop.Stop()
			under.Wait()
			return nil
		case <-s.wake:
		case <-look.C:
		}
		claimed, next, err := s.claim(ctx, workers-len(free), turn)
		if err != nil && ctx.Err() == nil {
			s.store.Log().Warn("webhooks could not be claimed", "error", err)
		}
		turn = next
		for _, r := range claimed {
			free <- struct{}{}
			under.Go(func() {
				s.workOn(tries, r)
				<-free
				s.nudge() // the next of its subject, or of another, may begin
			})
		}
		look.Reset(workLook)
	}
}

// WorkOff works on all that is due now, one message after the other, and says how
// many there were.
func (s *Service) WorkOff(ctx context.Context) (done int, err error) {
	for {
		claimed, _, err := s.claim(ctx, workers, "")
		if err != nil || len(claimed) == 0 {
			return done, err
		}
		for _, r := range claimed {
			s.workOn(ctx, r)
		}
		done += len(claimed)
	}
}

// claim takes messages for as many workers as are free, by turns of the integrations:
// each has its share, whoever sends most. It gives the integration that was last.
func (s *Service) claim(ctx context.Context, free int, turn string) ([]store.ClaimedReceipt, string, error) {
	if free == 0 {
		return nil, turn, nil
	}
	due, err := s.store.DoorReceiptsDue(ctx)
	if err != nil || len(due) == 0 {
		return nil, turn, err
	}
	slices.Sort(due)
	from, _ := slices.BinarySearch(due, turn+"\x00")
	due = slices.Concat(due[from:], due[:from])
	claimed, err := s.store.DoorClaimReceipts(ctx, due, max(1, free/len(due)), free, workLease)
	if len(claimed) > 0 {
		turn = due[min(len(due), free)-1]
	}
	return claimed, turn, err
}

// workOn does what a message asks for and writes down what became of it. Its effect
// is there before: a crash in between repeats it, and the effect is known by its key.
func (s *Service) workOn(ctx context.Context, r store.ClaimedReceipt) {
	ctx, cancel := context.WithTimeout(ctx, workPatience)
	defer cancel()
	var orderID string
	row, err := s.store.DoorIntegration(ctx, r.IntegrationID)
	v := verdict{}
	switch {
	case r.Tries-r.Failures > mostLost:
		v = verdict{status: webhookreceipt.StatusDEAD, reason: reasonLost}
	case err == nil:
		ctx = trust.With(ctx, asShop(row))
		v, orderID, err = s.carefully(ctx, row, r)
	}
	done := store.SettledReceipt{ClaimedReceipt: r, Status: string(v.status), Reason: clean(v.reason, maxReason), WaitsFor: v.waitsFor, Forget: v.status == webhookreceipt.StatusDUPLICATE}
	if err != nil {
		done = s.failed(r, err)
		s.store.Log().WarnContext(ctx, "a webhook failed", "receipt", r.ID, "integration", r.IntegrationID, "status", done.Status, "error", err)
	}
	if _, err := s.store.DoorSettleReceipt(ctx, done); err != nil {
		s.store.Log().WarnContext(ctx, "what became of a webhook was not written down; it is taken up again", "receipt", r.ID, "error", err)
		return
	}
	if row != nil {
		s.release(ctx, row, append(v.names, orderID)...)
	}
}

// failed says when a message is tried again. The database's own trouble does not
// count: the message has no part in it.
func (s *Service) failed(r store.ClaimedReceipt, cause error) store.SettledReceipt {
	out := store.SettledReceipt{ClaimedReceipt: r, Status: string(webhookreceipt.StatusRECEIVED), Reason: reasonAgain, Failed: !store.Infrastructure(cause)}
	switch {
	case !out.Failed:
		out.NextAt = s.store.Now().Add(jittered(workPauses[0]))
	case r.Failures < len(workPauses):
		out.NextAt = s.store.Now().Add(jittered(workPauses[r.Failures]))
	default:
		out.Status, out.Reason = string(webhookreceipt.StatusDEAD), reasonFailed
	}
	return out
}

// jittered keeps what failed together from coming back together.
func jittered(d time.Duration) time.Duration {
	return d / 1000 * time.Duration(drawn())
}

// drawn is how many thousandths of a pause are kept.
func drawn() int { return 800 + rand.IntN(401) } // #nosec G404 -- a pause, not a secret

// carefully does what a message asks for; a fault of ours in it is an error like
// any other, and takes nothing else with it.
func (s *Service) carefully(ctx context.Context, row *ent.Integration, r store.ClaimedReceipt) (v verdict, orderID string, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("connect: working on a webhook panicked: %v", fault)
		}
	}()
	provider := s.providers[string(row.Provider)]
	if provider == nil {
		return v, "", errors.New("connect: nobody knows the provider")
	}
	raw, err := s.store.Keys().Open(r.Body, bodyPlace(r.MerchantID, r.ID))
	if err != nil {
		return v, "", err
	}
	msg, err := provider.Message(r.Topic, raw)
	if err != nil {
		return refusal(err), "", nil
	}
	twice, err := s.known(ctx, row.ID, msg.Key, r.ID)
	if err != nil || twice {
		return verdict{status: webhookreceipt.StatusDUPLICATE}, "", err
	}
	if msg, err = s.completed(ctx, row, r, raw, msg); err != nil {
		return v, "", err
	}
	v, err = s.apply(ctx, row, msg)
	return v, msg.OrderID, err
}
