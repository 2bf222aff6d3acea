package store

import (
	"context"
	"database/sql"
	"encoding/json"
)

// The checks of VerifyAudit.
const (
	checkAudited = "audit.commands"
	checkAudit   = "audit.records"
)

// VerifyAudit checks that the audit is whole: each keyed command that was done has
// its row, written with it, and what each row says has changed can be read. Keys
// are kept for thirty days, so it is the last month of commands that is proved.
func (s *Store) VerifyAudit(ctx context.Context, progress func(check string, done int64)) ([]Finding, error) {
	if progress == nil {
		progress = func(string, int64) {}
	}
	ctx = house(ctx)
	v := &verifier{store: s, progress: progress}
	for _, check := range []func(context.Context) error{v.audited, v.records} {
		if err := check(ctx); err != nil {
			return v.findings, present(overdue(ctx, err))
		}
	}
	return v.findings[:min(len(v.findings), findingsLimit)], nil
}

// audited walks the idempotency records. A command's one instant is that of both.
func (v *verifier) audited(ctx context.Context) error {
	return v.pages(ctx, checkAudited, `SELECT i.id, i.command, (SELECT count(*) FROM audit_records a
		WHERE a.merchant_id = i.merchant_id AND a.created_at = i.created_at AND a.actor_id = i.principal_id AND a.action = i.command)
		FROM idempotency_records i WHERE i.id > $1 ORDER BY i.id LIMIT $2`, "",
		func(rows *sql.Rows) (any, error) {
			var record, command string
			var n int
			if err := rows.Scan(&record, &command, &n); err != nil {
				return nil, err
			}
			if n == 0 {
				v.find(checkAudited, record, "%s was done and is in no audit row", command)
			}
			return record, nil
		})
}

func (v *verifier) records(ctx context.Context) error {
	return v.pages(ctx, checkAudit, `SELECT id, changes FROM audit_records WHERE id > $1 ORDER BY id LIMIT $2`, "",
		func(rows *sql.Rows) (any, error) {
			var record string
			var changes []byte
			if err := rows.Scan(&record, &changes); err != nil {
				return nil, err
			}
			if told := map[string]string{}; json.Unmarshal(changes, &told) != nil {
				v.find(checkAudit, record, "what it says has changed cannot be read")
			}
			return record, nil
		})
}
