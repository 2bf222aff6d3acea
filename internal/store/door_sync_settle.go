package store

import (
	"context"
	"strconv"
	"time"

	"github.com/tributary/tributary/internal/id"
)

func itoa(n int) string { return strconv.Itoa(n) }

func firstOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// SettledItem is what became of a record.
type SettledItem struct {
	DueItem
	RemoteID string    // "" when it was refused
	Refused  string    // why, as a code
	NextAt   time.Time // when one that was refused is tried again; zero for never
}

// SettledLink is what became of a link: made, or tried again at NextAt.
type SettledLink struct {
	DueLink
	NextAt time.Time // zero when it is made, or can never be
}

// SettledFeed is what became of a turn.
type SettledFeed struct {
	Items    []SettledItem
	Links    []SettledLink
	Prepared int
	Worked   bool      // a call worked, after the last that failed
	Failed   bool      // a call failed
	Problem  string    // why
	PauseTo  time.Time // it is not called before; zero when it may be
}

// DoorSettleFeed writes what became of a turn and gives the integration free. A turn
// whose lease has ended and that another server has taken up since is left out: that
// server writes the same records again, as they stand.
func (s *Store) DoorSettleFeed(ctx context.Context, f *ClaimedFeed, done SettledFeed) error {
	_, err := Run(house(ctx), s, Command{Name: "sync.settle", Quiet: true}, func(ctx context.Context, tx *Tx) (int, error) {
		failures, worked, failed := `failures`, any(nil), any(nil)
		if done.Worked {
			failures, worked = `0`, tx.now
		}
		if done.Failed {
			failures, failed = failures+` + 1`, tx.now
		}
		mine, err := tx.Exec(ctx, `UPDATE sync_feeds SET lease_until = NULL, prepared = $3, problem = $4, paused_until = $5, failures = `+failures+`,
			worked_at = coalesce($6, worked_at), failed_at = coalesce($7, failed_at) WHERE id = $1 AND turn = $2`,
			f.ID, f.Turn, done.Prepared, done.Problem, timeOrNil(done.PauseTo), worked, failed)
		if err != nil {
			return 0, err
		}
		if n, err := mine.RowsAffected(); err != nil || n == 0 {
			return 0, err
		}
		if err := tx.settleItems(ctx, f, done.Items); err != nil {
			return 0, err
		}
		for _, l := range done.Links {
			if _, err := tx.Exec(ctx, `UPDATE sync_items SET link_at = $2 WHERE id = $1`, l.ID, timeOrNil(l.NextAt)); err != nil {
				return 0, err
			}
		}
		return 0, tx.feedDueAgain(ctx, f)
	})
	return err
}

// feedDueAgain says when there is something to write again.
func (tx *Tx) feedDueAgain(ctx context.Context, f *ClaimedFeed) error {
	_, err := tx.Exec(ctx, `UPDATE sync_feeds SET due_at = (SELECT min(t) FROM (
		SELECT min(next_at) AS t FROM sync_items WHERE integration_id = $2 AND next_at IS NOT NULL
		UNION ALL SELECT min(link_at) FROM sync_items WHERE integration_id = $2 AND link_at IS NOT NULL) x) WHERE id = $1`, f.ID, f.IntegrationID)
	if err != nil {
		return err
	}
	// Who has more to write than one turn takes stands behind those who wait.
	_, err = tx.Exec(ctx, `UPDATE sync_feeds SET due_at = $2 WHERE id = $1 AND due_at < $2`, f.ID, tx.now)
	return err
}

// settleItems writes what became of records. One that has changed meanwhile is
// written again.
func (tx *Tx) settleItems(ctx context.Context, f *ClaimedFeed, all []SettledItem) error {
	log := insert{into: `sync_transfers (id, merchant_id, created_at, item_id, changed, refused, lag_ms)`, width: 7}
	for _, d := range all {
		log.args = append(log.args, tx.ID(id.Transfer), f.MerchantID, tx.now, d.ID, d.Changed, d.Refused, tx.now.Sub(d.Since).Milliseconds())
		var err error
		if d.Refused == "" {
			_, err = tx.Exec(ctx, `UPDATE sync_items SET sent = $2, sent_at = $3, remote_id = $4, reason = '', tries = 0,
				status = CASE WHEN changed = $2 THEN 'SENT' ELSE 'PENDING' END, since = CASE WHEN changed = $2 THEN NULL WHEN since > $3 THEN since ELSE $3 END, next_at = CASE WHEN changed = $2 THEN NULL ELSE next_at END
				WHERE id = $1`, d.ID, d.Changed, tx.now, d.RemoteID)
		} else {
			status := "FAILED"
			if d.NextAt.IsZero() {
				status = "DEAD"
			}
			_, err = tx.Exec(ctx, `UPDATE sync_items SET status = $3, tries = tries + 1, next_at = $4, reason = $5 WHERE id = $1 AND changed = $2`,
				d.ID, d.Changed, status, timeOrNil(d.NextAt), d.Refused)
		}
		if err != nil {
			return err
		}
	}
	return tx.insertSome(ctx, log)
}

// transfersFor is how long it is kept what was written when.
const transfersFor = 30 * 24 * time.Hour

// ForgetTransfers deletes up to limit notes of what was written more than thirty days
// ago, and reports how many. It is global because time runs out for all merchants
// alike.
func (s *Store) ForgetTransfers(ctx context.Context, limit int) (int, error) {
	return Run(house(ctx), s, Command{Name: "sync.forget", Quiet: true}, func(ctx context.Context, tx *Tx) (int, error) {
		done, err := tx.Exec(ctx, `DELETE FROM sync_transfers WHERE id IN (SELECT id FROM sync_transfers WHERE id < $1 ORDER BY id LIMIT $2)`, id.First(id.Transfer, tx.now.Add(-transfersFor)), limit)
		if err != nil {
			return 0, err
		}
		n, err := done.RowsAffected()
		return int(n), err
	})
}
