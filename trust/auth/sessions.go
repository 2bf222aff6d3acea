package auth

import (
	"context"
	"slices"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/session"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// OpenSession is a log-in that goes on.
type OpenSession struct {
	ID          string // the family
	MerchantID  string // where the person entered
	CreatedAt   time.Time
	RefreshedAt time.Time // of the last refresh or switch
	ExpiresAt   time.Time // when it ends unless refreshed
	Current     bool      // the one who asks
}

// Sessions lists the viewer's log-ins, the newest first. Errors:
// Unauthenticated.
func (s *Service) Sessions(ctx context.Context) ([]OpenSession, error) {
	v, _, err := s.family(ctx)
	if err != nil {
		return nil, err
	}
	last, roots, err := s.openFamilies(ctx, v.PrincipalID)
	all := make([]OpenSession, len(roots))
	for i, r := range roots {
		row := last[r.ID]
		all[i] = OpenSession{r.ID, r.MerchantID, r.CreatedAt, row.CreatedAt, row.ExpiresAt, r.ID == v.SessionID}
	}
	return all, err
}

// openFamilies finds the families by which a person may still come in: each
// one's root, and its newest session.
func (s *Service) openFamilies(ctx context.Context, userID string) (last map[string]*ent.Session, roots []*ent.Session, err error) {
	rows, err := s.store.DoorSessions(ctx, userID)
	if err != nil {
		return nil, nil, err
	}
	last = map[string]*ent.Session{}
	var ids []string
	for _, row := range rows {
		if last[row.Family] == nil {
			last[row.Family] = row
			ids = append(ids, row.Family)
		}
	}
	roots, err = s.store.DoorFamilies(ctx, ids)
	return last, roots, err
}

// SessionEnd ends one of the viewer's log-ins, the present one too. Ending it
// twice is the same as once. Errors: NotFound at id.
func (s *Service) SessionEnd(ctx context.Context, familyID string) error {
	v, _, err := s.family(ctx)
	if err != nil {
		return err
	}
	root, err := s.store.DoorFamily(ctx, familyID)
	if absent(err) || err == nil && (root.UserID != v.PrincipalID || root.Family != root.ID) {
		return problem.At(problem.NotFound, "id", "the session was not found")
	}
	if err != nil {
		return err
	}
	return s.concerning(ctx, "sessionEnd", v.PrincipalID, func(ctx context.Context, tx *store.Tx, _ *ent.User) error {
		return end(ctx, tx, root, loggedOut)
	})
}

// LogOutEverywhere ends all log-ins of the viewer and says how many there were.
func (s *Service) LogOutEverywhere(ctx context.Context) (ended int, err error) {
	v, _, err := s.family(ctx)
	if err != nil {
		return 0, err
	}
	err = s.concerning(ctx, "logOutEverywhere", v.PrincipalID, func(ctx context.Context, tx *store.Tx, u *ent.User) error {
		ended, err = s.endAll(ctx, tx, u.ID, loggedOut, "")
		return err
	})
	return ended, err
}

// endAll ends a person's families but one. The caller holds the person's lock,
// so that no log-in begins one meanwhile; what refreshes or switches meanwhile
// adds to a family that is over.
func (s *Service) endAll(ctx context.Context, tx *store.Tx, userID, reason, but string) (int, error) {
	_, roots, err := s.openFamilies(ctx, userID)
	if err != nil {
		return 0, err
	}
	at := map[string][]string{}
	for _, r := range roots {
		if r.ID != but {
			at[r.MerchantID] = append(at[r.MerchantID], r.ID)
		}
	}
	ended := 0
	for merchantID, ids := range at {
		for some := range slices.Chunk(ids, 500) {
			n, err := tx.Ent().Session.Update().Where(session.IDIn(some...), session.EndReason("")).
				SetEndReason(reason).SetEndedAt(tx.Now()).Save(as(ctx, merchantID))
			if err != nil {
				return 0, err
			}
			ended += n
		}
	}
	return ended, nil
}
