package connect

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

const (
	// syncLease is when another server takes up what a lost one wrote. A turn is
	// broken off before: no two servers write to one integration at a time.
	syncLease    = 60 * time.Second
	syncPatience = 40 * time.Second
	syncLook     = 500 * time.Millisecond
	// syncWriters is how many integrations one server writes to at once, and
	// syncEach how many of one merchant.
	syncWriters = 8
	syncEach    = 4
	// linksATurn is how many deals are linked after a turn's records: records come
	// first, and a link is a call of its own.
	linksATurn = 20
	linkAgain  = 30 * time.Second
	// opens is after how many failures only one record is tried at a time.
	opens = 5
)

// refusedPauses lie between the tries of a record that is refused. Then it is a dead
// letter, until it changes or somebody asks for it.
var refusedPauses = []time.Duration{10 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour}

// failedPauses lie between the calls of an account that fails.
var failedPauses = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}

// withdrawnPause is when an account is called again that did not take the credentials.
const withdrawnPause = 5 * time.Minute

func (s *Service) nudgeSync() {
	select {
	case s.wakeSync <- struct{}{}:
	default:
	}
}

// Sync writes to integrations what has changed, until ctx ends. Each server runs it;
// one integration is written to by one of them at a time.
func (s *Service) Sync(ctx context.Context) error {
	var under sync.WaitGroup
	defer under.Wait()
	look := time.NewTimer(0)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.wakeSync:
		case <-look.C:
		}
		for ctx.Err() == nil {
			feed, err := s.takeFeed(ctx)
			if err != nil && ctx.Err() == nil {
				s.store.Log().Warn("what is to be written could not be claimed", "error", err)
			}
			if err != nil || feed == nil {
				break
			}
			under.Go(func() {
				s.turn(ctx, feed)
				s.busy.leave(feed.MerchantID)
				s.nudgeSync()
			})
		}
		look.Reset(syncLook)
	}
}

// SyncOff writes all that is due now, one integration after the other, and says how
// many turns it took.
func (s *Service) SyncOff(ctx context.Context) (turns int, err error) {
	for {
		feed, err := s.takeFeed(ctx)
		if err != nil || feed == nil {
			return turns, err
		}
		s.turn(ctx, feed)
		s.busy.leave(feed.MerchantID)
		turns++
	}
}

// writing counts the turns under way.
type writing struct {
	mu   sync.Mutex
	all  int
	each map[string]int // by merchant
}

// room says which merchants have enough, and whether anybody may begin.
func (w *writing) room() (enough []string, free bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for merchant, n := range w.each {
		if n >= syncEach {
			enough = append(enough, merchant)
		}
	}
	return enough, w.all < syncWriters
}

func (w *writing) enter(merchant string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.each == nil {
		w.each = map[string]int{}
	}
	w.all++
	w.each[merchant]++
}

func (w *writing) leave(merchant string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all--
	if w.each[merchant]--; w.each[merchant] == 0 {
		delete(w.each, merchant)
	}
}

func (s *Service) takeFeed(ctx context.Context) (*store.ClaimedFeed, error) {
	enough, free := s.busy.room()
	if !free {
		return nil, nil
	}
	feed, err := s.store.DoorClaimFeed(ctx, syncLease, enough)
	if err == nil && feed != nil {
		s.busy.enter(feed.MerchantID)
	}
	return feed, err
}

// turn writes to one integration what is due, a batch of each kind, and writes down
// what became of it. Who has more stands behind the others then.
func (s *Service) turn(ctx context.Context, feed *store.ClaimedFeed) {
	ctx, cancel := context.WithTimeout(ctx, syncPatience)
	defer cancel()
	t := &turning{Service: s, feed: feed, done: store.SettledFeed{Prepared: feed.Prepared}}
	if err := t.carefully(ctx); err != nil {
		t.failed(err)
	}
	if err := s.store.DoorSettleFeed(context.WithoutCancel(ctx), feed, t.done); err != nil {
		s.store.Log().Warn("what was written to an integration was not noted; it is written again", "integration", feed.IntegrationID, "error", err)
		return
	}
	t.born(ctx)
}

// born lets what a CRM has told of records be done that are known by their names there
// from now on.
func (t *turning) born(ctx context.Context) {
	var names []string
	for _, d := range t.done.Items {
		if d.Kind == string(KindCustomer) && d.RemoteID != "" {
			names = append(names, RecordName(d.RemoteID))
		}
	}
	if t.row != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), workPatience)
		defer cancel()
		t.release(trust.With(ctx, asShop(t.row)), t.row, names...)
	}
}

// turning is a turn under way.
type turning struct {
	*Service
	feed *store.ClaimedFeed
	row  *ent.Integration
	dest Destination
	call Call
	c    Credentials
	done store.SettledFeed
}

// carefully takes the turn; a fault of ours in it is an error like any other.
func (t *turning) carefully(ctx context.Context) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("connect: writing to an integration panicked: %v", fault)
		}
	}()
	if t.row, err = t.store.DoorIntegration(ctx, t.feed.IntegrationID); err != nil {
		return err
	}
	dest, is := t.providers[string(t.row.Provider)].(Destination)
	if !is || t.row.Status != integration.StatusACTIVE {
		t.done.PauseTo, t.done.Problem = t.store.Now().Add(failedPauses[5]), "the integration is not active"
		return nil
	}
	ctx = trust.With(ctx, asShop(t.row))
	t.dest = dest
	t.call = t.pacers.of(t.row.ID).paced(t.Service.call(), t.store.Now, dest.Pace)
	if t.c, err = t.Credentials(ctx, t.row.ID); err != nil {
		return err
	}
	if t.feed.Prepared == 0 {
		if err := dest.Prepare(ctx, t.call, t.row.Account, t.c); err != nil {
			return err
		}
		t.done.Prepared, t.done.Worked = 1, true
	}
	for _, k := range dest.Kinds() {
		if err := t.write(ctx, k); err != nil {
			return err
		}
	}
	return t.link(ctx)
}

// failed says what a failure is to the integration. The records are not at fault:
// they are written when it works again.
func (t *turning) failed(cause error) {
	now := t.store.Now()
	if late, is := errors.AsType[Throttled](cause); is {
		t.done.PauseTo = now.Add(late.Wait + late.Wait/10/1000*time.Duration(t.jitter()))
		return
	}
	pause := failedPauses[min(t.feed.Failures, len(failedPauses)-1)]
	if errors.Is(cause, ErrWithdrawn) {
		pause = withdrawnPause
	}
	t.done.Failed, t.done.Problem, t.done.PauseTo = true, clean(says(cause), maxName), now.Add(pause/1000*time.Duration(t.jitter()))
	if _, ours := problem.As(cause); store.Infrastructure(cause) || ours && !errors.Is(cause, ErrWithdrawn) {
		t.done.Problem = ""
	}
	if answered, is := errors.AsType[Answered](cause); is && answered == 400 { // a field may be gone
		t.done.Prepared = 0
	}
	t.store.Log().Warn("writing to an integration failed", "integration", t.feed.IntegrationID, "error", cause)
}
