package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
)

// keyLife is how long a key is remembered.
const keyLife = 30 * 24 * time.Hour

// Key is a client's idempotency key with what it was sent for. Its scope is
// (merchant, principal, command, value).
type Key struct {
	Value       string
	Fingerprint [32]byte // SHA-256 of the canonical input without the key
	Selection   [32]byte // hash of the normalised selection the client asked for
	Recall      *Recall  // filled by Run; may be nil
}

// Recall tells the edge what Run did with the key.
type Recall struct {
	RecordID string // the record stored or found
	Repeated bool   // the command had been done before and was not run
	Reply    []byte // the stored answer, when it answers the same selection
}

type keyKey struct{}

// WithKey makes the next command in ctx idempotent.
func WithKey(ctx context.Context, k Key) context.Context { return context.WithValue(ctx, keyKey{}, k) }

func keyIn(ctx context.Context) (Key, bool) {
	k, ok := ctx.Value(keyKey{}).(Key)
	return k, ok && k.Value != ""
}

// recall answers a repeat from its record. It reports done when it did, and
// fails with KeyReused for another input and InFlight for a command that is
// running now.
//
// On PostgreSQL the lock is tried, not awaited: sixty callers with one key
// would otherwise hold sixty connections until the first is done.
func (tx *Tx) recall(ctx context.Context, k Key, out any) (done bool, err error) {
	if err := tx.lockKey(ctx, k); err != nil {
		return false, err
	}
	var rec struct {
		id                                     string
		fingerprint, outcome, selection, reply []byte
	}
	err = tx.QueryRow(ctx, `SELECT id, fingerprint, outcome, selection_hash, reply FROM idempotency_records
		WHERE merchant_id = $1 AND principal_id = $2 AND command = $3 AND key = $4`,
		tx.viewer.MerchantID, tx.viewer.PrincipalID, tx.command.Name, k.Value,
	).Scan(&rec.id, &rec.fingerprint, &rec.outcome, &rec.selection, &rec.reply)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !bytes.Equal(rec.fingerprint, k.Fingerprint[:]) {
		return false, problem.At(problem.KeyReused, "input.idempotencyKey", "this key was used with another input")
	}
	if k.Recall != nil {
		*k.Recall = Recall{RecordID: rec.id, Repeated: true, Reply: tx.store.replies.find(rec.id, k.Selection)}
		if k.Recall.Reply == nil && bytes.Equal(rec.selection, k.Selection[:]) {
			k.Recall.Reply = rec.reply
		}
	}
	return true, json.Unmarshal(rec.outcome, out)
}

func (tx *Tx) lockKey(ctx context.Context, k Key) error {
	if !tx.store.Postgres() {
		return nil // the one writer is the lock
	}
	var free bool
	err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, k.lock(tx)).Scan(&free)
	if err == nil && !free {
		err = &problem.Error{Code: problem.InFlight, Message: "a request with this key is being worked on", Field: []string{"input", "idempotencyKey"}, RetryAfter: time.Second}
	}
	return err
}

func (k Key) lock(tx *Tx) int64 {
	return lockNumber("idempotency", tx.viewer.MerchantID, tx.viewer.PrincipalID, tx.command.Name, k.Value)
}

// lockNumber turns what a lock stands for into the number that PostgreSQL knows
// it by.
func lockNumber(parts ...string) int64 {
	h := sha256.New()
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		h.Write([]byte(part))
	}
	return int64(binary.BigEndian.Uint64(h.Sum(nil)))
}

// remember is the record of the outcome, for the command's own transaction: a
// crash between effect and answer leaves both or neither.
func (tx *Tx) remember(k Key, out any) ([]insert, error) {
	outcome, err := json.Marshal(out)
	rid := tx.ID(id.Idempotency)
	if k.Recall != nil {
		tx.AfterCommit(func() { *k.Recall = Recall{RecordID: rid} })
	}
	return []insert{{
		into: `idempotency_records (id, merchant_id, created_at, principal_id, command, key, fingerprint, outcome, expires_at)`, width: 9,
		args: []any{rid, tx.viewer.MerchantID, tx.now, tx.viewer.PrincipalID, tx.command.Name, k.Value, k.Fingerprint[:], outcome, tx.now.Add(keyLife)},
	}}, err
}
