package store

import (
	"context"
	"encoding/json"
	"time"
)

// The doors of renewals write what a server does by itself between two calls to a
// provider. They count no version: who edits an integration meanwhile has no
// conflict with them. number is that of the credentials that were read: nothing is
// written over others.

// DoorRenewing takes the right to renew the credentials of an integration until a
// time, and reports whether it was there to take.
func (s *Store) DoorRenewing(ctx context.Context, integrationID string, number int, until time.Time) (bool, error) {
	return s.renewal(ctx, `UPDATE integrations SET renewing_until = $4
		WHERE merchant_id = $1 AND id = $2 AND credentials_number = $3 AND (renewing_until IS NULL OR renewing_until <= $5)`, integrationID, number, until, s.Now())
}

// Renewed are credentials that a provider has given in the place of others.
type Renewed struct {
	Sealed []byte
	Until  time.Time // zero when they do not end by themselves
	Scopes []string
}

// DoorRenewed writes new credentials, and reports whether those they replace were
// still there.
func (s *Store) DoorRenewed(ctx context.Context, integrationID string, number int, r Renewed) (bool, error) {
	scopes, err := json.Marshal(r.Scopes)
	if err != nil {
		return false, err
	}
	return s.renewal(ctx, `UPDATE integrations SET credentials_sealed = $4, credentials_until = $5, scopes = $6, credentials_number = credentials_number + 1, renewing_until = NULL, problem = ''
		WHERE merchant_id = $1 AND id = $2 AND credentials_number = $3`, integrationID, number, r.Sealed, timeOrNil(r.Until), string(scopes))
}

// DoorNotRenewed lets others try, and writes down why it failed.
func (s *Store) DoorNotRenewed(ctx context.Context, integrationID string, number int, why string) error {
	_, err := s.renewal(ctx, `UPDATE integrations SET renewing_until = NULL, problem = $4
		WHERE merchant_id = $1 AND id = $2 AND credentials_number = $3`, integrationID, number, why)
	return err
}

func (s *Store) renewal(ctx context.Context, query, integrationID string, number int, args ...any) (bool, error) {
	return Run(ctx, s, Command{Name: "integrationRenew", Subject: integrationID, Quiet: true}, func(ctx context.Context, tx *Tx) (bool, error) {
		done, err := tx.Exec(ctx, query, append([]any{tx.MerchantID(), integrationID, number}, args...)...)
		if err != nil {
			return false, err
		}
		n, err := done.RowsAffected()
		return n == 1, err
	})
}
