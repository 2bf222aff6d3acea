package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// Tx is a command's transaction: one instant, one viewer, rows behind the wall.
type Tx struct {
	store   *Store
	raw     *sql.Tx
	command Command
	viewer  trust.Viewer
	now     time.Time
	ahead   time.Duration // of the merchant's clock
	client  *ent.Client
	said
	changes map[string]string
	saves   int
	kept    string // a savepoint whose work stands and that was not released yet
	made    int    // rows, as far as the audit looks at them
}

// said is what the command has said so far, beside its rows.
type said struct {
	events  []Event
	subject string
	after   []func()
	edits   []edit
}

type txKey struct{}

func withTx(ctx context.Context, tx *Tx) context.Context { return context.WithValue(ctx, txKey{}, tx) }

// txIn is the command's transaction, or not there outside one.
func txIn(ctx context.Context) (*Tx, bool) {
	tx, ok := ctx.Value(txKey{}).(*Tx)
	return tx, ok
}

func (s *Store) newTx(raw *sql.Tx, c Command, v trust.Viewer) *Tx {
	return &Tx{store: s, raw: raw, command: c, viewer: v, now: s.Now(), ahead: s.clocks.of(v.MerchantID), said: said{subject: c.Subject}}
}

// Ent is the client inside this transaction, behind the wall of the context's
// viewer. It is made when it is first asked for.
func (tx *Tx) Ent() *ent.Client {
	if tx.client == nil {
		tx.client = tx.store.inside.WithDriver(txDriver{entsql.NewDriver(tx.store.dialect, entsql.Conn{ExecQuerier: tx.raw})})
	}
	return tx.client
}

// Now is the one instant of the command by the server's clock, UTC to the
// microsecond: of ids, credentials and their ends. Rules go by MerchantTime.
func (tx *Tx) Now() time.Time { return tx.now }

// Viewer is who runs the command.
func (tx *Tx) Viewer() trust.Viewer { return tx.viewer }

// MerchantID is whose rows the command writes.
func (tx *Tx) MerchantID() string { return tx.viewer.MerchantID }

// Store is where the command runs.
func (tx *Tx) Store() *Store { return tx.store }

// ID makes an id at the command's instant.
func (tx *Tx) ID(p id.Prefix) string { return id.New(p, tx.now) }

// Note adds to the audit row: what the command is done to, and what no column
// tells. Changed columns are recorded by themselves, before and after; personal
// values and secrets are left out, of notes by the caller.
func (tx *Tx) Note(subject string, changes map[string]string) {
	if subject != "" {
		tx.subject = subject
	}
	if tx.changes == nil {
		tx.changes = map[string]string{}
	}
	maps.Copy(tx.changes, changes)
}

// AfterCommit runs fn once the command is committed; never when it is not.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

// Lock takes the rows' locks in id order on PostgreSQL. Two commands that lock
// the same two rows in different orders would each wait for the other; the one
// order prevents it. The locks leave keys alone: a row that refers to another holds
// a share of that one's key, and two orders of one program that each locked the key
// too would wait for each other. SQLite has one writer, and nothing to lock.
func (tx *Tx) Lock(ctx context.Context, table string, ids ...string) error {
	if !tx.store.Postgres() || len(ids) == 0 {
		return nil
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	marks, args := make([]string, len(ids)), []any{tx.MerchantID()}
	for i, one := range ids {
		marks[i] = fmt.Sprintf("$%d", i+2)
		args = append(args, one)
	}
	rows, err := tx.Query(ctx, `SELECT id FROM `+table+` WHERE merchant_id = $1 AND id IN (`+strings.Join(marks, ",")+`) ORDER BY id FOR NO KEY UPDATE`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() { //nolint:revive // the rows are read to take their locks
	}
	return rows.Err()
}

// Hold keeps the merchant's other commands that hold the same name waiting until
// this one has ended: for what no row stands for, such as the shape of a tree.
// SQLite has one writer, and nothing to hold. It comes before any row's lock, so
// that nobody who waits for it keeps a row from the one that has it.
func (tx *Tx) Hold(ctx context.Context, name string) error {
	if !tx.store.Postgres() {
		return nil
	}
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, lockNumber("hold", tx.MerchantID(), name))
	return err
}

// Exec is the raw door for ledger, report and the click writer: $1-style
// placeholders on both dialects; the query must name merchant_id itself.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return tx.raw.ExecContext(ctx, tx.store.rebind(query), args...)
}

// Query is Exec for rows.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return tx.raw.QueryContext(ctx, tx.store.rebind(query), args...)
}

// QueryRow is Exec for one row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return tx.raw.QueryRowContext(ctx, tx.store.rebind(query), args...)
}

// Prepare prepares a statement in the transaction, such as a COPY.
func (tx *Tx) Prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	return tx.raw.PrepareContext(ctx, tx.store.rebind(query))
}

// Savepoint runs fn so that its failure takes back fn's work alone: rows,
// events, notes and what was to run after the commit. It returns fn's error, or
// the database's when it fails on the way back: the command is then lost.
func (tx *Tx) Savepoint(ctx context.Context, fn func(context.Context) error) error {
	if err := tx.release(ctx); err != nil {
		return err
	}
	tx.saves++
	name := "s" + strconv.Itoa(tx.saves)
	said, changes := tx.said, maps.Clone(tx.changes)
	if _, err := tx.raw.ExecContext(ctx, "SAVEPOINT "+name); err != nil {
		return err
	}
	err := fn(ctx)
	tx.kept = name
	if err == nil {
		return nil
	}
	tx.said, tx.changes = said, changes
	if _, e := tx.raw.ExecContext(ctx, "ROLLBACK TO SAVEPOINT "+name); e != nil {
		return e
	}
	if e := tx.release(ctx); e != nil {
		return e
	}
	return err
}

// release ends the savepoint whose work stands, and those within it, before the
// next begins: the commit ends the last one by itself, which spares a command
// with a single savepoint a round trip.
func (tx *Tx) release(ctx context.Context) error {
	if tx.kept == "" {
		return nil
	}
	_, err := tx.raw.ExecContext(ctx, "RELEASE SAVEPOINT "+tx.kept)
	tx.kept = ""
	return err
}

// Read is the raw door for readers outside commands (report, ledger): the
// query must name merchant_id itself. On PostgreSQL it meets no rows but those
// of the context's viewer; without one it is refused everywhere.
func (s *Store) Read(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if _, known := trust.From(ctx); !known {
		return nil, problem.New(problem.Unauthenticated, "sign in or send a token").Because(trust.ErrUnauthenticated)
	}
	rows, err := s.reader(ctx).QueryContext(ctx, s.rebind(query), args...)
	return rows, present(err)
}
