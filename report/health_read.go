package report

import (
	"context"
	"time"

	"github.com/tributary/tributary/internal/money"
)

// one reads a single row into where it belongs; none leaves it as it is.
func (s *Service) one(ctx context.Context, into []any, query string, args ...any) error {
	rows, err := s.store.Read(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// first reads the instant of a single row; nil for none.
func (s *Service) first(ctx context.Context, query string, args ...any) (*time.Time, error) {
	var at *time.Time
	err := s.one(ctx, []any{&at}, query, args...)
	return at, err
}

// converted counts payable clicks of the days from which an accepted conversion came.
func (s *Service) converted(ctx context.Context, b board, h *ProgramHealth) error {
	return s.one(ctx, []any{&h.ClicksConverted}, `SELECT count(DISTINCT l.id) FROM conversions c
		JOIN clicks l ON l.merchant_id = c.merchant_id AND l.id = c.click_id
		WHERE c.merchant_id = $1 AND c.program_id = $2 AND c.occurred_at >= $3 AND c.rating IN ('RATED', 'NO_CREDIT')
		AND l.program_id = $2 AND l.payable AND l.clicked_at >= $3 AND l.clicked_at < $4`, b.merchant, b.program, h.From.UTC(), h.To.UTC())
}

// waiting reads which commission waits for approval.
func (s *Service) waiting(ctx context.Context, b board, h *ProgramHealth) (err error) {
	const from = ` FROM commissions WHERE merchant_id = $1 AND program_id = $2 AND status = 'PENDING' AND superseded_at IS NULL`
	if err = s.one(ctx, []any{&h.CommissionsWaiting}, `SELECT count(*)`+from, b.merchant, b.program); err != nil {
		return err
	}
	h.CommissionsWaitingSince, err = s.first(ctx, `SELECT earned_at`+from+` ORDER BY earned_at LIMIT 1`, b.merchant, b.program)
	return err
}

// payouts reads those that are on their way, and those that ended in the days.
func (s *Service) payouts(ctx context.Context, b board, h *ProgramHealth) error {
	rows, err := s.store.Read(ctx, `SELECT currency, status, count(*), CAST(sum(amount_minor) AS bigint) FROM payouts
		WHERE merchant_id = $1 AND (status IN ('RESERVED', 'APPROVED') OR status IN ('SETTLED', 'FAILED', 'RETURNED') AND settled_at >= $2 AND settled_at < $3)
		GROUP BY currency, status ORDER BY currency, status`, b.merchant, h.From.UTC(), h.To.UTC())
	if err != nil {
		return err
	}
	defer rows.Close()
	h.Payouts = []HealthPayouts{}
	for rows.Next() {
		var currency, status string
		var n, minor int64
		if err := rows.Scan(&currency, &status, &n, &minor); err != nil {
			return err
		}
		if last := len(h.Payouts) - 1; last < 0 || string(h.Payouts[last].Currency) != currency {
			h.Payouts = append(h.Payouts, HealthPayouts{Currency: money.Currency(currency)})
		}
		h.Payouts[len(h.Payouts)-1].add(status, n, minor)
	}
	return rows.Err()
}

func (p *HealthPayouts) add(status string, n, minor int64) {
	switch status {
	case "SETTLED":
		p.Settled, p.settledM = p.Settled+n, p.settledM+minor
	case "FAILED", "RETURNED":
		p.Failed, p.failedM = p.Failed+n, p.failedM+minor
	default:
		p.Due, p.dueMinor = p.Due+n, p.dueMinor+minor
	}
}

// syncs reads what is not written yet to the program's integrations.
func (s *Service) syncs(ctx context.Context, b board, h *ProgramHealth) (err error) {
	const of = ` WHERE i.merchant_id = $1 AND i.program_id = $2 AND i.status = 'ACTIVE'`
	const items = ` FROM integrations i JOIN sync_items t ON t.merchant_id = i.merchant_id AND t.integration_id = i.id` + of
	if err = s.one(ctx, []any{&h.SyncPending, &h.SyncDead}, `SELECT count(CASE WHEN t.status <> 'DEAD' THEN 1 END), count(CASE WHEN t.status = 'DEAD' THEN 1 END)`+
		items+` AND t.status IN ('PENDING', 'FAILED', 'DEAD')`, b.merchant, b.program); err != nil {
		return err
	}
	if err = s.one(ctx, []any{&h.SyncFailing}, `SELECT count(*) FROM integrations i JOIN sync_feeds f ON f.merchant_id = i.merchant_id AND f.integration_id = i.id`+
		of+` AND f.failures > 0`, b.merchant, b.program); err != nil {
		return err
	}
	h.SyncOldestSince, err = s.first(ctx, `SELECT t.since`+items+` AND t.status IN ('PENDING', 'FAILED') AND t.since IS NOT NULL ORDER BY t.since LIMIT 1`, b.merchant, b.program)
	return err
}

// behind reads when the first event was written that the rollups have not counted.
func (s *Service) behind(ctx context.Context, b board, h *ProgramHealth) error {
	after, err := s.store.Cursor(ctx, rollupName)
	if err != nil {
		return err
	}
	events, err := s.store.Events(ctx, b.merchant, after, 1)
	if err == nil && len(events) > 0 {
		h.ReportsBehind = &events[0].At
	}
	return err
}
