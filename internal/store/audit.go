package store

import (
	"context"
	"encoding/json"

	"github.com/tributary/tributary/internal/id"
)

type requestKey struct{}

// WithRequest puts the request's id into ctx, for audit rows and logs.
func WithRequest(ctx context.Context, requestID string) context.Context {
	return context.WithValue(ctx, requestKey{}, requestID)
}

// RequestID is the request's id, or empty.
func RequestID(ctx context.Context) string {
	rid, _ := ctx.Value(requestKey{}).(string)
	return rid
}

// Outcomes of audit rows.
const (
	outcomeDone   = "DONE"
	outcomeDenied = "DENIED"
)

// audit is the command's one row: who did what to which row, and what that
// changed.
func (tx *Tx) audit(ctx context.Context) (insert, error) {
	changes, err := json.Marshal(tx.changed())
	outcome := outcomeDone
	if tx.command.denied {
		outcome = outcomeDenied
	}
	return insert{
		into: `audit_records (id, merchant_id, created_at, actor_id, actor_kind, action, subject_id, request_id, outcome, changes)`, width: 10,
		args: []any{tx.ID(id.Audit), tx.viewer.MerchantID, tx.now, tx.viewer.PrincipalID, string(tx.viewer.Kind),
			tx.command.Name, tx.subject, RequestID(ctx), outcome, string(changes)},
	}, err
}
