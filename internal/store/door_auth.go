package store

import (
	"context"
	"database/sql"
	"slices"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/onetimecode"
	"github.com/tributary/tributary/ent/session"
	"github.com/tributary/tributary/ent/user"
)

// DoorFamily finds the first session of a log-in, whose id all sessions that
// descend from it name. Global, because a family may reach over merchants and
// the token that names it is what tells the merchant.
func (s *Store) DoorFamily(ctx context.Context, id string) (*ent.Session, error) {
	return found(s.door.Session.Get(ctx, id))
}

// DoorEmails gives the addresses of people, by id: a user belongs to no merchant,
// and the caller has read who is a member of its own.
func (s *Store) DoorEmails(ctx context.Context, ids []string) (map[string]string, error) {
	emails := make(map[string]string, len(ids))
	for part := range slices.Chunk(ids, 500) {
		rows, err := s.door.User.Query().Where(user.IDIn(part...)).Select(user.FieldID, user.FieldEmail).All(ctx)
		if err != nil {
			return nil, present(err)
		}
		for _, u := range rows {
			emails[u.ID] = u.Email
		}
	}
	return emails, nil
}

// DoorClaim finds the affiliate by the hash of the claim just presented: who
// claims has no session yet, and the claim alone tells the merchant.
func (s *Store) DoorClaim(ctx context.Context, hash []byte) (*ent.Affiliate, error) {
	return found(s.door.Affiliate.Query().Where(affiliate.ClaimHash(hash)).Only(ctx))
}

// DoorCode finds a one-time code by the keyed hash of the secret just presented:
// a code is a person's, and persons belong to no merchant.
func (s *Store) DoorCode(ctx context.Context, hash []byte) (*ent.OneTimeCode, error) {
	return found(s.door.OneTimeCode.Query().Where(onetimecode.Hash(hash)).Only(ctx))
}

// DoorCodeByID finds the code that a letter is to hold.
func (s *Store) DoorCodeByID(ctx context.Context, id string) (*ent.OneTimeCode, error) {
	return found(s.door.OneTimeCode.Get(ctx, id))
}

// DoorSessions finds the sessions by which a person may still come in, the
// newest first: a person's log-ins may reach over several merchants.
func (s *Store) DoorSessions(ctx context.Context, userID string) ([]*ent.Session, error) {
	rows, err := s.door.Session.Query().
		Where(session.UserID(userID), session.EndedAtIsNil(), session.EndReason(""), session.ExpiresAtGT(s.Now())).
		Order(ent.Desc(session.FieldCreatedAt, session.FieldID)).All(ctx)
	return rows, present(err)
}

// DoorFamilies finds the first sessions of log-ins that have not ended.
func (s *Store) DoorFamilies(ctx context.Context, ids []string) ([]*ent.Session, error) {
	rows, err := s.door.Session.Query().Where(session.IDIn(ids...), session.EndReason("")).
		Order(ent.Desc(session.FieldCreatedAt, session.FieldID)).All(ctx)
	return rows, present(err)
}

// LockPerson takes the lock of a person's row until the command ends, and reads
// it. What is decided by password, second factor or state of a person, and what
// changes them, would otherwise pass each other: a log-in with the old password
// would begin a session that the change of it has not ended.
func (tx *Tx) LockPerson(ctx context.Context, userID string) (*ent.User, error) {
	if tx.store.Postgres() {
		if _, err := tx.Exec(ctx, `SELECT id FROM users WHERE id = $1 FOR UPDATE`, userID); err != nil {
			return nil, err
		}
	}
	return found(tx.outside().User.Get(ctx, userID))
}

// outside is a client in this transaction for the doors: no wall.
func (tx *Tx) outside() *ent.Client {
	return tx.store.door.WithDriver(txDriver{entsql.NewDriver(tx.store.dialect, entsql.Conn{ExecQuerier: tx.raw})})
}

// SQL is the command's transaction, for the job queue to leave jobs in.
func (tx *Tx) SQL() *sql.Tx { return tx.raw }
