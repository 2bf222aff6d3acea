package auth

import (
	"context"
	"sync"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/apitoken"
	"github.com/tributary/tributary/internal/store"
)

// useEvery is the most often that a token's last use is written.
const useEvery = time.Minute

// useLimit bounds the tokens remembered; with more, some last uses are written
// late.
const useLimit = 4096

// use collects when tokens were used, to be written beside the requests.
type use struct {
	mu      sync.Mutex
	waiting map[string]used // by token
	written map[string]time.Time
	signal  chan struct{}
}

type used struct {
	merchant string
	at       time.Time
}

// note remembers a use, unless one within the minute is known. It does not wait.
func (u *use) note(row *ent.ApiToken, now time.Time) {
	if row.LastUsedAt != nil && now.Sub(*row.LastUsedAt) < useEvery {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if last, ok := u.written[row.ID]; (ok && now.Sub(last) < useEvery) || len(u.waiting) >= useLimit {
		return
	}
	if u.waiting == nil {
		u.waiting = map[string]used{}
	}
	u.waiting[row.ID] = used{row.MerchantID, now}
	select {
	case u.signal <- struct{}{}:
	default:
	}
}

// take hands out what waits and remembers it as written.
func (u *use) take() map[string]used {
	u.mu.Lock()
	defer u.mu.Unlock()
	batch := u.waiting
	u.waiting = nil
	if len(u.written) >= useLimit || u.written == nil {
		u.written = map[string]time.Time{}
	}
	for token, one := range batch {
		u.written[token] = one.at
	}
	return batch
}

// RecordUse writes tokens' last uses, at most one a minute for each, until ctx
// ends. Each server runs it once; what is still waiting when it ends is lost.
func (s *Service) RecordUse(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.use.signal:
		}
		for token, one := range s.use.take() {
			if err := s.recordUse(ctx, token, one); err != nil && ctx.Err() == nil {
				s.store.Log().Warn("a token's last use was not written", "token", token, "error", err)
			}
		}
	}
}

// recordUse writes one; another server's write of the same minute stands.
func (s *Service) recordUse(ctx context.Context, token string, one used) error {
	_, err := store.Run(as(ctx, one.merchant), s.store, store.Command{Name: "tokenUsed", Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return tx.Ent().ApiToken.Update().Where(apitoken.ID(token),
			apitoken.Or(apitoken.LastUsedAtIsNil(), apitoken.LastUsedAtLTE(one.at.Add(-useEvery)))).
			SetLastUsedAt(one.at).Save(ctx)
	})
	return err
}
