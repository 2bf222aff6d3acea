package store

import (
	"context"
	"database/sql"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/intercept"
	"github.com/tributary/tributary/internal/id"
)

// What the tests of this package need from inside it.

// WallRule is what the tests know about the wall's rule of one entity.
type WallRule struct {
	Prefix   id.Prefix
	Merchant string
}

// WallRules are the wall's rules.
func WallRules() map[string]WallRule {
	out := map[string]WallRule{}
	for entity, r := range rules {
		out[entity] = WallRule{r.prefix, r.merchant}
	}
	return out
}

// Tables are the tables as the migrations make them.
func Tables(dialect string) ([]*schema.Table, error) { return tables(dialect) }

// Unfiltered is the client without the wall, to show that the wall is needed.
func (s *Store) Unfiltered() *ent.Client { return s.door }

// Unwalled is a client without interceptor and hook on the viewers' pool: what is
// left of the wall is the database's.
func (s *Store) Unwalled() *ent.Client {
	return ent.NewClient(ent.Driver(entsql.OpenDB(s.dialect, s.read)))
}

// ViewersPool is where viewers' statements run.
func (s *Store) ViewersPool() *sql.DB { return s.write }

// Unfiltered is the client in this transaction with the given parts of the wall.
func (tx *Tx) Unfiltered(interceptor, hook bool) *ent.Client {
	c := ent.NewClient(ent.Driver(txDriver{entsql.NewDriver(tx.store.dialect, entsql.Conn{ExecQuerier: tx.raw})}))
	if interceptor {
		c.Intercept(intercept.TraverseFunc(wallRead))
	}
	if hook {
		c.Use(wallWrite)
	}
	return c
}

// Place looks once for events without a place, without being elected.
func (s *Store) Place(ctx context.Context, xid string) (placed int, next string, err error) {
	conn, err := s.doorWrite.Conn(ctx)
	if err != nil {
		return 0, "", err
	}
	defer conn.Close()
	return place(ctx, conn, xid)
}

// StartBound is where an elected sequencer would begin, and whether it had to
// sweep the journal for it.
func (s *Store) StartBound(ctx context.Context) (xid string, swept bool, err error) {
	conn, err := s.doorWrite.Conn(ctx)
	if err != nil {
		return "", false, err
	}
	defer conn.Close()
	b, err := startBound(ctx, conn)
	return b.xid, b.moved, err
}

// Sweep looks for the oldest unplaced event in pages.
func (s *Store) Sweep(ctx context.Context, page int) (string, error) {
	conn, err := s.doorWrite.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return sweep(ctx, conn, page)
}

// SequencerLock is the lock that elects the sequencer.
const SequencerLock = sequencerLock

// Raw is the command's transaction.
func (tx *Tx) Raw() *sql.Tx { return tx.raw }

// FlushReplies writes the answers that wait.
func (s *Store) FlushReplies(ctx context.Context) error { return s.flushReplies(ctx) }

// Respell is the SQLite spelling of placeholders.
func (s *Store) Respell(query string) string { return s.rebind(query) }

// SealedColumns are table.column of all that Reseal looks at.
func SealedColumns() (all []string) {
	for _, one := range sealedColumns {
		all = append(all, one.table+"."+one.column)
	}
	return all
}

// LearnNow is one look of Learn.
func (s *Store) LearnNow(ctx context.Context) error { return s.learn(ctx) }

// InLine is how many commands wait for SQLite's one writer.
func (s *Store) InLine() int {
	s.line.mu.Lock()
	defer s.line.mu.Unlock()
	return len(s.line.waiting)
}

// ShareLong lets commands share a transaction for longer than is good for their
// callers, so that a test has the time to bring them together.
func (s *Store) ShareLong(d time.Duration) {
	s.line.mu.Lock()
	defer s.line.mu.Unlock()
	s.line.longest = d
}
