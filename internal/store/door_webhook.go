package store

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// The doors of webhooks serve all merchants at once, as a queue does: whose turn it
// is, is known only from the rows. Locks are taken in the order endpoint → delivery,
// endpoints by id: a claim that held a delivery and waited for its endpoint would
// meet one that holds the endpoint and waits for the delivery.

// ClaimedEndpoint is where claimed deliveries go.
type ClaimedEndpoint struct {
	ID, MerchantID                       string
	URLSealed, SecretSealed, PriorSealed []byte
	PriorUntil, FailingSince             *time.Time
	Ordered                              bool // an event waits for the one before it
	ordering, status                     string
}

// ClaimedDelivery is a delivery that this server is to send.
type ClaimedDelivery struct {
	ID       string
	Type     string
	Sequence int64
	Try      int // counts the tries since it was last asked for anew, this one included
	Number   int // counts all tries, this one included
	MadeAt   time.Time
	Endpoint *ClaimedEndpoint
	Event    *Event // nil for a test
	eventID  string
}

// Claim bounds what is claimed.
type Claim struct {
	Most  int                         // deliveries in all
	Lease time.Duration               // after which another server takes up what was not settled
	Busy  []string                    // endpoints that have enough to do
	Room  func(*ClaimedEndpoint) int  // how many deliveries of an endpoint are wanted
	Took  func(*ClaimedEndpoint, int) // told how many were taken
	Begin func()                      // told that all is taken anew: the command was rolled back
}

// DoorWebhooksDue reports whether there may be something to claim.
func (s *Store) DoorWebhooksDue(ctx context.Context) (due bool, err error) {
	err = s.doorRead.QueryRowContext(ctx, s.rebind(`SELECT EXISTS (SELECT 1 FROM webhook_endpoints WHERE due_at <= $1)`), s.Now()).Scan(&due)
	return due, present(err)
}

// DoorClaimWebhooks takes deliveries that are due, those of the longest waiting
// endpoints first. Of an endpoint that is not enabled it takes none, and marks them
// as skipped.
func (s *Store) DoorClaimWebhooks(ctx context.Context, c Claim) ([]ClaimedDelivery, error) {
	return Run(house(ctx), s, Command{Name: "webhooks.claim", Quiet: true}, func(ctx context.Context, tx *Tx) ([]ClaimedDelivery, error) {
		c.Begin()
		endpoints, err := tx.dueEndpoints(ctx, c.Busy)
		if err != nil {
			return nil, err
		}
		var all []ClaimedDelivery
		for i := range endpoints {
			room := min(c.Room(&endpoints[i]), c.Most-len(all))
			if room <= 0 {
				continue
			}
			some, err := tx.claimFrom(ctx, &endpoints[i], room, c.Lease)
			if err != nil {
				return nil, err
			}
			c.Took(&endpoints[i], len(some))
			all = append(all, some...)
		}
		return all, tx.withEvents(ctx, all)
	})
}

func (tx *Tx) dueEndpoints(ctx context.Context, busy []string) (all []ClaimedEndpoint, err error) {
	query, args := `SELECT id, merchant_id, status, ordering, url_sealed, secret_sealed, prior_secret_sealed, prior_until, failing_since
		FROM webhook_endpoints WHERE due_at <= $1 AND (paused_until IS NULL OR paused_until <= $1)`, []any{tx.now}
	if len(busy) > 0 {
		query += ` AND id NOT IN ` + values(2, 1, len(busy))
		for _, one := range busy {
			args = append(args, one)
		}
	}
	query += ` ORDER BY due_at, id LIMIT 64`
	if tx.store.Postgres() {
		query += ` FOR NO KEY UPDATE SKIP LOCKED` // another server is at it
	}
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e ClaimedEndpoint
		if err := rows.Scan(&e.ID, &e.MerchantID, &e.status, &e.ordering, &e.URLSealed, &e.SecretSealed, &e.PriorSealed, &e.PriorUntil, &e.FailingSince); err != nil {
			return nil, err
		}
		e.Ordered = e.ordering != "NONE"
		all = append(all, e)
	}
	return all, rows.Err()
}

// inTurn spells which deliveries of an endpoint may be sent now, of those that are
// due: all, the first of each subject, or the first.
var inTurn = map[string]string{
	"NONE": ``,
	"ENTITY": ` AND NOT EXISTS (SELECT 1 FROM webhook_deliveries b
		WHERE b.endpoint_id = d.endpoint_id AND b.subject_id = d.subject_id AND b.sequence < d.sequence AND b.next_at IS NOT NULL)`,
	"ENDPOINT": ` AND d.sequence = (SELECT min(b.sequence) FROM webhook_deliveries b WHERE b.endpoint_id = d.endpoint_id AND b.next_at IS NOT NULL)`,
}

// lookAgain is when an endpoint is looked at again in which each event waits for the
// one before: what is due there may have to wait, and says so only when asked.
const lookAgain = time.Second

func (tx *Tx) claimFrom(ctx context.Context, e *ClaimedEndpoint, most int, lease time.Duration) ([]ClaimedDelivery, error) {
	if e.status != "ENABLED" {
		return nil, tx.skip(ctx, e)
	}
	some, err := tx.claim(ctx, e, most, lease)
	if err != nil {
		return nil, err
	}
	switch {
	case e.Ordered:
		_, err = tx.Exec(ctx, `UPDATE webhook_endpoints SET due_at = $2 WHERE id = $1`, e.ID, tx.now.Add(lookAgain))
	case len(some) < most:
		_, err = tx.Exec(ctx, `UPDATE webhook_endpoints SET due_at = (SELECT min(next_at) FROM webhook_deliveries WHERE endpoint_id = $1 AND next_at IS NOT NULL) WHERE id = $1`, e.ID)
	}
	return some, err
}

func (tx *Tx) claim(ctx context.Context, e *ClaimedEndpoint, most int, lease time.Duration) (all []ClaimedDelivery, err error) {
	rows, err := tx.Query(ctx, `UPDATE webhook_deliveries SET next_at = $3, tries = tries + 1 WHERE id IN (
		SELECT d.id FROM webhook_deliveries d WHERE d.endpoint_id = $1 AND d.next_at <= $2`+inTurn[e.ordering]+` ORDER BY d.next_at, d.sequence LIMIT $4)
		RETURNING id, event_id, event_type, sequence, tries - tries_before, tries, created_at`, e.ID, tx.now, tx.now.Add(lease), most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		d := ClaimedDelivery{Endpoint: e}
		if err := rows.Scan(&d.ID, &d.eventID, &d.Type, &d.Sequence, &d.Try, &d.Number, &d.MadeAt); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b ClaimedDelivery) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return all, rows.Err()
}

// skipAtOnce is how many deliveries one claim marks as skipped.
const skipAtOnce = 1000

func (tx *Tx) skip(ctx context.Context, e *ClaimedEndpoint) error {
	done, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET status = 'SKIPPED', next_at = NULL WHERE id IN (
		SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 AND next_at IS NOT NULL LIMIT $2)`, e.ID, skipAtOnce)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == skipAtOnce {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE webhook_endpoints SET due_at = NULL WHERE id = $1`, e.ID)
	return err
}

// withEvents reads what the deliveries are about.
func (tx *Tx) withEvents(ctx context.Context, all []ClaimedDelivery) error {
	var ids []any
	for _, d := range all {
		if d.eventID != "" {
			ids = append(ids, d.eventID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	events, err := readEvents(ctx, tx.Query, `WHERE e.id IN `+values(1, 1, len(ids)), ids...)
	if err != nil {
		return err
	}
	known := make(map[string]*Event, len(events))
	for i := range events {
		known[events[i].ID] = &events[i]
	}
	for i := range all {
		all[i].Event = known[all[i].eventID]
	}
	return nil
}
