package store

import (
	"context"
	"sync"
	"time"
)

// replyLimit bounds a stored answer.
const replyLimit = 64 << 10

// replyQueue bounds the answers that wait to be written; what does not fit is
// resolved again from the outcome when its key is repeated.
const replyQueue = 4096

// replies holds answers between being sent and being stored. They are written
// in groups, after the answer, so that a keyed command costs one transaction.
type replies struct {
	mu      sync.Mutex
	waiting map[string]reply
	signal  chan struct{}
}

type reply struct {
	selection [32]byte
	bytes     []byte
}

// KeepReply stores the bytes that answered a keyed command, for a repeat with
// the same selection. It does not wait.
func (s *Store) KeepReply(recordID string, selection [32]byte, bytes []byte) {
	if recordID == "" || len(bytes) > replyLimit {
		return
	}
	s.replies.mu.Lock()
	defer s.replies.mu.Unlock()
	if s.replies.waiting == nil {
		s.replies.waiting = map[string]reply{}
	}
	if len(s.replies.waiting) >= replyQueue {
		return
	}
	s.replies.waiting[recordID] = reply{selection, bytes}
	select {
	case s.replies.signal <- struct{}{}:
	default:
	}
}

func (r *replies) find(recordID string, selection [32]byte) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if kept, ok := r.waiting[recordID]; ok && kept.selection == selection {
		return kept.bytes
	}
	return nil
}

// WriteReplies stores waiting answers until ctx ends, then once more.
func (s *Store) WriteReplies(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			return s.flushReplies(last)
		case <-s.replies.signal:
		}
		if err := s.flushReplies(ctx); err != nil && ctx.Err() == nil {
			s.Log().Warn("answers of keyed commands were not stored", "error", err)
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			continue
		}
	}
}

func (s *Store) flushReplies(ctx context.Context) error {
	s.replies.mu.Lock()
	group := make(map[string]reply, len(s.replies.waiting))
	for k, v := range s.replies.waiting {
		group[k] = v
	}
	s.replies.mu.Unlock()
	if len(group) == 0 {
		return nil
	}
	err := s.writeReplies(ctx, group)
	s.replies.mu.Lock()
	for k := range group {
		delete(s.replies.waiting, k)
	}
	s.replies.mu.Unlock()
	return err
}

func (s *Store) writeReplies(ctx context.Context, group map[string]reply) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer rollback(tx, &err)
	for rid, r := range group {
		_, err = tx.ExecContext(ctx, s.rebind(`UPDATE idempotency_records SET selection_hash = $1, reply = $2 WHERE id = $3 AND reply IS NULL`), r.selection[:], r.bytes, rid)
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

// sleep waits or ends with ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
