package store

import (
	"context"
	"database/sql"

	"github.com/tributary/tributary/trust"
)

// PoolStats counts the connections for commands, for metrics.
func (s *Store) PoolStats() sql.DBStats {
	stats := s.write.Stats()
	s.line.mu.Lock()
	stats.WaitCount, stats.WaitDuration = stats.WaitCount+s.line.waits, stats.WaitDuration+s.line.waited
	s.line.mu.Unlock()
	if s.Postgres() {
		house := s.doorWrite.Stats()
		stats.InUse, stats.Idle = stats.InUse+house.InUse, stats.Idle+house.Idle
		stats.WaitCount, stats.WaitDuration = stats.WaitCount+house.WaitCount, stats.WaitDuration+house.WaitDuration
	}
	return stats
}

// house is a context in which the program works for all merchants at once.
func house(ctx context.Context) context.Context { return trust.With(ctx, trust.System("")) }

// forHouse reports whether ctx is the program's own, for no merchant in
// particular. No request comes to such a context: a viewer has a merchant.
func forHouse(ctx context.Context) bool {
	v, known := trust.From(ctx)
	return known && v.Kind == trust.KindSystem && v.MerchantID == ""
}

// writer is the pool of ctx's commands.
func (s *Store) writer(ctx context.Context) *sql.DB {
	if forHouse(ctx) {
		return s.doorWrite
	}
	return s.write
}

// reader is the pool of ctx's queries.
func (s *Store) reader(ctx context.Context) *sql.DB {
	if forHouse(ctx) {
		return s.doorRead
	}
	return s.read
}
