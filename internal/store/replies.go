package store

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// replyLimit bounds a stored answer.
const replyLimit = 64 << 10

// waitingLimit bounds the answers, in bytes, that wait to be written; what does
// not fit is resolved again from the outcome when its key is repeated.
const waitingLimit = 16 << 20

// replies holds answers between being sent and being stored. They are written
// in groups, after the answer, so that a keyed command costs one transaction.
type replies struct {
	mu      sync.Mutex
	waiting map[string]reply
	size    int
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
	if s.replies.add(recordID, reply{selection, bytes}) {
		nudge(s.replies.signal)
	}
}

// add keeps the first answer of a record.
func (r *replies) add(recordID string, given reply) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, has := r.waiting[recordID]; has || r.size+len(given.bytes) > waitingLimit {
		return false
	}
	if r.waiting == nil {
		r.waiting = map[string]reply{}
	}
	r.waiting[recordID] = given
	r.size += len(given.bytes)
	return true
}

func (r *replies) find(recordID string, selection [32]byte) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if kept, ok := r.waiting[recordID]; ok && kept.selection == selection {
		return kept.bytes
	}
	return nil
}

func (r *replies) group() map[string]reply {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.waiting)
}

func (r *replies) written(group map[string]reply) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range group {
		r.size -= len(r.waiting[id].bytes)
		delete(r.waiting, id)
	}
}

// WriteReplies stores waiting answers until ctx ends, then once more. What could
// not be stored waits and is tried again.
func (s *Store) WriteReplies(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			return s.flushReplies(last)
		case <-s.replies.signal:
		}
		pause := replyPause
		if err := s.flushReplies(ctx); err != nil && ctx.Err() == nil {
			s.Log().Warn("answers of keyed commands were not stored", "error", err)
			nudge(s.replies.signal)
			pause = time.Second
		}
		_ = sleep(ctx, pause)
	}
}

// replyPause lets answers gather.
const replyPause = 50 * time.Millisecond

func (s *Store) flushReplies(ctx context.Context) error {
	group := s.replies.group()
	if len(group) == 0 {
		return nil
	}
	if err := s.writeReplies(ctx, group); err != nil {
		return err
	}
	s.replies.written(group)
	return nil
}

func (s *Store) writeReplies(ctx context.Context, group map[string]reply) error {
	tx, err := s.doorWrite.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer rollback(tx, &err)
	for _, rid := range slices.Sorted(maps.Keys(group)) { // one order: two servers must not wait for each other
		r := group[rid]
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
