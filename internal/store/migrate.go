package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"

	atlas "ariga.io/atlas/sql/schema"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/tributary/tributary/internal/problem"
)

// Migrations are versioned SQL files per dialect: append-only, each with a
// human name. What ent cannot express (triggers, partitions) stands in files of
// its own.
//
//go:embed migrations
var migrations embed.FS

// Migrate brings the database up to this build's schema, one server at a time.
// It refuses a database that is newer than the build.
func (s *Store) Migrate(ctx context.Context) error {
	p, err := s.migrator()
	if err != nil {
		return err
	}
	if err := s.refuseNewer(ctx, p); err != nil {
		return err
	}
	made, err := p.Up(ctx)
	if err != nil {
		return err
	}
	if len(made) > 0 && !s.Postgres() {
		if err := s.teachPlans(ctx); err != nil {
			return err
		}
	}
	return s.Guard(ctx)
}

// Migrated fails unless the database has exactly this build's schema.
func (s *Store) Migrated(ctx context.Context) error {
	p, err := s.migrator()
	if err != nil {
		return err
	}
	there, err := s.made(ctx)
	if err != nil {
		return err
	}
	if !there { // asking for the version would make its table
		return problem.New(problem.Unavailable, "the database needs `tributary migrate`")
	}
	if err := s.refuseNewer(ctx, p); err != nil {
		return err
	}
	pending, err := p.HasPending(ctx)
	if err == nil && pending {
		err = problem.New(problem.Unavailable, "the database needs `tributary migrate`")
	}
	return err
}

// made reports whether the database has tables of ours.
func (s *Store) made(ctx context.Context) (bool, error) {
	query := `SELECT count(*) FROM sqlite_schema WHERE name = 'merchants'`
	if s.Postgres() {
		query = `SELECT count(to_regclass('merchants'))`
	}
	var n int
	err := s.doorRead.QueryRowContext(ctx, query).Scan(&n)
	return n > 0, present(err)
}

func (s *Store) refuseNewer(ctx context.Context, p *goose.Provider) error {
	current, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	sources := p.ListSources()
	if newest := sources[len(sources)-1].Version; current > newest {
		return problem.New(problem.Unavailable, "the database is at version %d, newer than this build's %d: use a newer tributary", current, newest)
	}
	return nil
}

// SchemaHash names what this build's migrations make on a dialect: two builds
// with one hash have one schema.
func SchemaHash(dialect string) string {
	h := sha256.New()
	_ = fs.WalkDir(migrations, "migrations/"+dialect, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := migrations.ReadFile(path)
		fmt.Fprintf(h, "%s %d ", path, len(text))
		h.Write(text)
		return err
	})
	return hex.EncodeToString(h.Sum(nil))
}

func (s *Store) migrator() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations/"+s.dialect)
	if err != nil {
		return nil, err
	}
	opts := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if !s.Postgres() {
		return goose.NewProvider(goose.DialectSQLite3, s.doorWrite, files, opts...)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, s.doorWrite, files, append(opts, goose.WithSessionLocker(locker))...)
}

// Drift is the SQL that would turn the database into what the entities say:
// empty when they agree. Triggers, partitions and checks are invisible to it;
// the golden manifest covers them.
func (s *Store) Drift(ctx context.Context) (string, error) {
	want, err := tables(s.dialect)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	drv := &schema.WriteDriver{Driver: entsql.OpenDB(s.dialect, s.doorWrite), Writer: &out}
	m, err := schema.NewMigrate(drv, schema.WithDropIndex(true), schema.WithDropColumn(true), schema.WithDiffHook(ignoreUnsaid))
	if err != nil {
		return "", err
	}
	if err := m.Create(ctx, want...); err != nil {
		return "", err
	}
	return out.String(), nil
}

// ignoreUnsaid takes out of the current state what entities cannot say.
func ignoreUnsaid(next schema.Differ) schema.Differ {
	return schema.DiffFunc(func(current, desired *atlas.Schema) ([]atlas.Change, error) {
		for _, t := range current.Tables {
			kept := t.Attrs[:0]
			for _, a := range t.Attrs {
				if !unsaid(a) {
					kept = append(kept, a)
				}
			}
			t.Attrs = kept
			ignoreXid(t)
		}
		return next.Diff(current, desired)
	})
}
