package queue

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/riverqueue/river/rivermigrate"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// Migrate makes or renews River's tables. The caller keeps two servers from
// migrating at once.
func Migrate(ctx context.Context, s *store.Store) error {
	m, err := migrator(s)
	if err != nil {
		return err
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("queue: migrate: %w", err)
	}
	return s.Guard(ctx)
}

// Migrated fails unless River's tables are this build's.
func Migrated(ctx context.Context, s *store.Store) error {
	m, err := migrator(s)
	if err != nil {
		return err
	}
	result, err := m.Validate(ctx)
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	if !result.OK {
		return problem.New(problem.Unavailable, "the job tables need `tributary migrate`")
	}
	return nil
}

func migrator(s *store.Store) (interface {
	Migrate(context.Context, rivermigrate.Direction, *rivermigrate.MigrateOpts) (*rivermigrate.MigrateResult, error)
	Validate(context.Context) (*rivermigrate.ValidateResult, error)
}, error) {
	return rivermigrate.New(driver(s), &rivermigrate.Config{Logger: slog.New(quiet{s.Log().Handler(), nil})})
}
