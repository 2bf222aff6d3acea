package store

import (
	"context"
	"strings"
	"sync/atomic"
	"time"
)

// A PostgreSQL connection keeps the plan by which it checks a foreign key until its table
// is counted, which the database does once a minute. In a new house the plan is that of
// an empty table, where one index is as good as another: a key (merchant_id, id) is then
// looked up by an index that only begins with the merchant, all of whose rows are read,
// and each order costs more than the one before. So young tables are counted as they
// grow, each time they have doubled, and connections plan anew.
const (
	learnEvery = 2 * time.Second
	learnPages = 10_000 // of 8 KiB; the database's own counting is soon enough for larger ones
)

// doubled finds the tables that have grown to twice what was counted.
const doubled = `SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
	AND relpages < $1 AND pg_relation_size(oid) > 2 * greatest(relpages, 1) * current_setting('block_size')::bigint`

// Learn counts PostgreSQL's young tables until ctx ends. Each server
// runs it; what one of them counts the others leave.
func (s *Store) Learn(ctx context.Context) error {
	if !s.Postgres() {
		<-ctx.Done()
		return nil
	}
	var grown atomic.Bool
	s.OnCommit(func() { grown.Store(true) })
	for sleep(ctx, learnEvery) == nil {
		if !grown.Swap(false) {
			continue
		}
		if err := s.learn(ctx); err != nil && ctx.Err() == nil {
			grown.Store(true)
			s.Log().Debug("tables were not counted", "error", err)
		}
	}
	return nil
}

func (s *Store) learn(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	rows, err := s.doorWrite.QueryContext(bounded, doubled, learnPages)
	if err != nil {
		return err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil || len(names) == 0 {
		return err
	}
	_, err = s.doorWrite.ExecContext(bounded, "ANALYZE (SKIP_LOCKED) "+strings.Join(names, ", "))
	return err
}
