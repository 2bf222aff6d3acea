package store

import "database/sql"

// PoolStats counts the writer's connections, for metrics.
func (s *Store) PoolStats() sql.DBStats { return s.write.Stats() }
