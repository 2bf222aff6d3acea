package store

import (
	"context"
	"encoding/hex"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/seal"
)

// UseKeys takes over a ring to which a rotation added. One that lacks a key of
// the present ring is refused: what was sealed under it could not be read.
func (s *Store) UseKeys(next *seal.Keyring) error {
	if !next.Covers(s.Keys()) {
		return problem.New(problem.Unavailable, "the new master keys lack one of the present ones, or begin with another")
	}
	s.keys.Store(next)
	return nil
}

// Bound reports whether the database has been used with master keys: a server
// that has none must then be given those, and make none of its own.
func (s *Store) Bound(ctx context.Context) (bool, error) {
	if there, err := s.made(ctx); err != nil || !there {
		return false, err
	}
	var n int
	err := s.doorRead.QueryRowContext(ctx, `SELECT count(*) FROM followers WHERE id = 'keyring'`).Scan(&n)
	return n > 0, present(err)
}

// BindKeys makes sure that the server holds the master keys the database was
// first used with, and remembers them at that first use. With others, sealed
// values could not be read, and click tokens of one server would earn nothing at
// another. What is remembered is a keyed hash: it tells nothing of the keys.
func (s *Store) BindKeys(ctx context.Context) error {
	mark := hex.EncodeToString(s.Keys().Hash("", "keyring", "fingerprint"))
	_, err := s.doorWrite.ExecContext(ctx, s.rebind(`INSERT INTO followers (id, seq, state, moved_at) VALUES ('keyring', 0, $1, $2) ON CONFLICT (id) DO NOTHING`), mark, s.Now())
	if err != nil {
		return present(err)
	}
	var known string
	if err := s.doorWrite.QueryRowContext(ctx, `SELECT state FROM followers WHERE id = 'keyring'`).Scan(&known); err != nil {
		return present(err)
	}
	if known != mark {
		return problem.New(problem.Unavailable, "this database is used with other master keys: give this server the same key file or TRIBUTARY_MASTER_KEYS")
	}
	return nil
}
