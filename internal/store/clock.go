package store

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tributary/tributary/trust"
)

// EventClock says that a sandbox's clock was put forward. Fact ahead_ms: how far
// it is ahead of the server's, in all.
const EventClock = "clock.advanced"

// clocks holds how far the clocks of sandboxes are ahead. A live merchant's is
// not among them: its time is the server's. It is read for every command and
// every click, so reading takes no lock.
type clocks struct {
	mu    sync.Mutex
	ahead atomic.Pointer[map[string]time.Duration]
}

func (c *clocks) of(merchantID string) time.Duration {
	if all := c.ahead.Load(); all != nil {
		return (*all)[merchantID]
	}
	return 0
}

// put takes in how far a clock is ahead. Clocks are put forward only, so of two
// readings the one that is farther is the later.
func (c *clocks) put(merchantID string, ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ahead <= c.of(merchantID) {
		return
	}
	fresh := map[string]time.Duration{}
	if all := c.ahead.Load(); all != nil {
		fresh = maps.Clone(*all)
	}
	fresh[merchantID] = ahead
	c.ahead.Store(&fresh)
}

// MerchantTime is the instant that the merchant's rules go by: the command's,
// and in a sandbox as much later as its clock was put forward. Ids, the order of
// events, credentials and what expires with them go by Now.
func (tx *Tx) MerchantTime() time.Time { return tx.now.Add(tx.ahead) }

// MerchantTime is Now for the rules of the viewer's merchant.
func (s *Store) MerchantTime(ctx context.Context) time.Time {
	v, _ := trust.From(ctx)
	return s.MerchantTimeOf(v.MerchantID)
}

// MerchantTimeOf is Now for a merchant's rules.
func (s *Store) MerchantTimeOf(merchantID string) time.Time {
	return s.Now().Add(s.clocks.of(merchantID))
}

// MerchantsAhead are the sandboxes whose clock was put forward.
func (s *Store) MerchantsAhead() []string {
	all := s.clocks.ahead.Load()
	if all == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(*all))
}

// PutForward makes this server go by a sandbox's new clock. It is called after
// the command that wrote it; other servers learn it from EventClock, as soon as
// they read the journal.
func (s *Store) PutForward(merchantID string, ahead time.Duration) { s.clocks.put(merchantID, ahead) }

// LoadClocks reads all clocks: for a server that starts.
func (s *Store) LoadClocks(ctx context.Context) error {
	rows, err := s.Read(house(ctx), `SELECT id, clock_ahead_ms FROM merchants WHERE clock_ahead_ms > 0`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var merchant string
		var ms int64
		if err := rows.Scan(&merchant, &ms); err != nil {
			return err
		}
		s.clocks.put(merchant, time.Duration(ms)*time.Millisecond)
	}
	return present(rows.Err())
}

// heedClocks takes in what other servers did.
func (s *Store) heedClocks(events []Event) {
	for _, e := range events {
		if e.Type != EventClock {
			continue
		}
		if ms, err := strconv.ParseInt(e.Facts["ahead_ms"], 10, 64); err == nil {
			s.clocks.put(e.MerchantID, time.Duration(ms)*time.Millisecond)
		}
	}
}
