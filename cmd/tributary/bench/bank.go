package bench

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	_ "github.com/lib/pq"  // TPC-B on PostgreSQL
	_ "modernc.org/sqlite" // TPC-B on SQLite
)

// Size of the TPC-B bank: a branch has ten tellers and a thousand accounts.
const (
	branches       = 16
	tellersEach    = 10
	accountsEach   = 1000
	bankConns      = 16
	bankStatements = `CREATE TABLE bench_branches (id bigint PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE bench_tellers (id bigint PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE bench_accounts (id bigint PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE bench_history (teller bigint, branch bigint, account bigint, delta bigint, at text);`
)

// bank runs TPC-B's five statements, each transaction durable.
type bank struct {
	db     *sql.DB
	sqlite bool
}

func openBank(ctx context.Context, r *run) (*bank, error) {
	b := &bank{}
	var err error
	if strings.HasPrefix(r.Database, "postgres") {
		b.db, err = sql.Open("postgres", r.Database)
	} else {
		b.sqlite = true
		dir, e := os.MkdirTemp("", "tributary-bank")
		if e != nil {
			return nil, e
		}
		r.cleanup = append(r.cleanup, func() { _ = os.RemoveAll(dir) })
		b.db, err = sql.Open("sqlite", "file:"+filepath.Join(dir, "bank.db")+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	}
	if err != nil {
		return nil, err
	}
	conns := bankConns
	if b.sqlite {
		conns = 1
	}
	b.db.SetMaxOpenConns(conns)
	b.db.SetMaxIdleConns(conns)
	r.cleanup = append(r.cleanup, func() { b.drop(); _ = b.db.Close() })
	r.say("filling the TPC-B tables: %d branches, %d accounts", branches, branches*accountsEach)
	return b, b.fill(ctx)
}

func (b *bank) drop() {
	for _, t := range []string{"branches", "tellers", "accounts", "history"} {
		_, _ = b.db.Exec("DROP TABLE IF EXISTS bench_" + t)
	}
}

func (b *bank) fill(ctx context.Context) error {
	b.drop()
	if _, err := b.db.ExecContext(ctx, bankStatements); err != nil {
		return err
	}
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for table, n := range map[string]int{"branches": branches, "tellers": branches * tellersEach, "accounts": branches * accountsEach} {
		st, err := tx.PrepareContext(ctx, b.spell("INSERT INTO bench_"+table+" (id, balance) VALUES ($1, 0)"))
		if err != nil {
			return err
		}
		for i := range n {
			if _, err := st.ExecContext(ctx, i); err != nil {
				return err
			}
		}
		_ = st.Close()
	}
	return tx.Commit()
}

var dollar = regexp.MustCompile(`\$(\d+)`)

func (b *bank) spell(query string) string {
	if !b.sqlite {
		return query
	}
	return dollar.ReplaceAllString(query, "?$1")
}

// run transacts until d is over.
func (b *bank) run(ctx context.Context, d time.Duration) (Stats, error) {
	st, err := b.prepare(ctx)
	if err != nil {
		return Stats{}, err
	}
	began, until := time.Now(), time.Now().Add(d)
	parts, errs := make([]Stats, bankConns), make([]error, bankConns)
	var wg sync.WaitGroup
	for i := range bankConns {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for time.Now().Before(until) && errs[i] == nil {
				sent := time.Now()
				errs[i] = b.transact(ctx, st)
				parts[i].Latencies = append(parts[i].Latencies, time.Since(sent))
			}
		}()
	}
	wg.Wait()
	var all Stats
	for _, p := range parts {
		all.merge(p)
	}
	all.Took = time.Since(began)
	return all, errors.Join(errs...)
}

func (b *bank) prepare(ctx context.Context) (out [5]*sql.Stmt, err error) {
	for i, q := range []string{
		"UPDATE bench_accounts SET balance = balance + $1 WHERE id = $2",
		"SELECT balance FROM bench_accounts WHERE id = $1",
		"UPDATE bench_tellers SET balance = balance + $1 WHERE id = $2",
		"UPDATE bench_branches SET balance = balance + $1 WHERE id = $2",
		"INSERT INTO bench_history (teller, branch, account, delta, at) VALUES ($1, $2, $3, $4, $5)",
	} {
		if out[i], err = b.db.PrepareContext(ctx, b.spell(q)); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (b *bank) transact(ctx context.Context, st [5]*sql.Stmt) error {
	teller := rand.IntN(branches * tellersEach)                                                             // #nosec G404 -- load
	branch, account, delta := teller/tellersEach, rand.IntN(branches*accountsEach), rand.IntN(10_000)-5_000 // #nosec G404 -- load
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var balance int64
	_, e1 := tx.StmtContext(ctx, st[0]).ExecContext(ctx, delta, account)
	e2 := tx.StmtContext(ctx, st[1]).QueryRowContext(ctx, account).Scan(&balance)
	_, e3 := tx.StmtContext(ctx, st[2]).ExecContext(ctx, delta, teller)
	_, e4 := tx.StmtContext(ctx, st[3]).ExecContext(ctx, delta, branch)
	_, e5 := tx.StmtContext(ctx, st[4]).ExecContext(ctx, teller, branch, account, delta, time.Now().UTC().Format(time.RFC3339Nano))
	if err := errors.Join(e1, e2, e3, e4, e5); err != nil {
		return err
	}
	return tx.Commit()
}
