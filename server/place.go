package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
)

// Place is where the data live: what every command needs to know.
type Place struct {
	// DataDir holds database, stream, snapshot and key file.
	DataDir string `env:"TRIBUTARY_DATA_DIR" default:"./data" placeholder:"DIR" help:"Folder of database, stream, snapshot and key file. Default: ./data."`
	// DatabaseURL names another database; empty is SQLite in DataDir.
	DatabaseURL string `name:"database-url" env:"TRIBUTARY_DATABASE_URL" placeholder:"URL" help:"postgres://… or sqlite:PATH; empty is SQLite in the data folder."`
	// KeyFile holds the master keys; "key" in DataDir when empty. It is made at the
	// first start.
	KeyFile string `env:"TRIBUTARY_KEY_FILE" placeholder:"FILE" help:"Master keys; made on first start. Default: key in the data folder."`
	// MasterKeys are the keys themselves, for places without a disk of their own;
	// KeyFile is then not read. Only the environment gives them: a flag would show
	// in the list of processes.
	MasterKeys string `kong:"-"`
}

// The names of what lies in the data folder.
const (
	DatabaseFile = "tributary.db"
	StreamFolder = "stream"
	SnapshotFile = "links.snapshot"
	ParkedFolder = "parked"
	KeyFileName  = "key"
	lockFile     = "lock"
)

// masterKeysEnv is read in one place: here.
const masterKeysEnv = "TRIBUTARY_MASTER_KEYS"

// WithDefaults fills what is empty.
func (p Place) WithDefaults() Place {
	if p.DataDir == "" {
		p.DataDir = "./data"
	}
	if p.KeyFile == "" {
		p.KeyFile = filepath.Join(p.DataDir, KeyFileName)
	}
	if p.MasterKeys == "" {
		p.MasterKeys = os.Getenv(masterKeysEnv)
	}
	return p
}

func (p Place) validate() error {
	if p.DatabaseURL == "" {
		return nil
	}
	for _, known := range []string{"sqlite:", "postgres://", "postgresql://"} {
		if strings.HasPrefix(p.DatabaseURL, known) {
			return nil
		}
	}
	return errors.New("--database-url: must begin with sqlite: or postgres:// and name a database") // it may hold a password and is not repeated
}

// Postgres reports whether the rows are on PostgreSQL.
func (p Place) Postgres() bool {
	return p.DatabaseURL != "" && !strings.HasPrefix(p.DatabaseURL, "sqlite:")
}

// Keys reads the master keys as they are used now. It makes no key file.
func (p Place) Keys(now time.Time) (*seal.Keyring, error) { return p.keys(now, seal.Load) }

func (p Place) keys(now time.Time, read func(path string) (*seal.Keyring, error)) (*seal.Keyring, error) {
	if p.MasterKeys != "" {
		keys, err := seal.FromHex(p.MasterKeys)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", masterKeysEnv, err)
		}
		return keys.At(now), nil
	}
	keys, err := read(p.KeyFile)
	if err != nil {
		return nil, err
	}
	return keys.At(now), nil
}

// Open opens the database as it is: it neither makes nor migrates one.
func (p Place) Open(ctx context.Context, log *slog.Logger, clock func() time.Time) (*store.Store, error) {
	return p.open(ctx, store.Config{Log: log, Clock: clock})
}

// open fills in where the database is, and its keys.
func (p Place) open(ctx context.Context, cfg store.Config) (_ *store.Store, err error) {
	p = p.WithDefaults()
	if err := p.validate(); err != nil {
		return nil, err
	}
	if err := p.answers(ctx, cfg); err != nil {
		return nil, err
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Keys, err = p.keys(cfg.Clock(), seal.LoadOrCreate); err != nil {
		return nil, err
	}
	cfg.URL, cfg.DataDir = p.DatabaseURL, p.DataDir
	return store.Open(ctx, cfg)
}

// OpenExisting opens a database for a command that only looks: it makes neither
// folder nor database nor key, and refuses where there is none.
func (p Place) OpenExisting(ctx context.Context, log *slog.Logger) (*store.Store, error) {
	p = p.WithDefaults()
	if err := p.validate(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(p.file()); !p.Postgres() && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database at %s: init or serve makes one", p.file())
	}
	if err := p.answers(ctx, store.Config{Log: log}); err != nil {
		return nil, err
	}
	if p.keyless() {
		return nil, p.noKeys() // the database is there: where neither is, it is named first
	}
	return p.Open(ctx, log, time.Now)
}

// file is where the rows are on SQLite.
func (p Place) file() string {
	if path := strings.TrimPrefix(p.DatabaseURL, "sqlite:"); path != "" {
		return path
	}
	return filepath.Join(p.DataDir, DatabaseFile)
}

// keyless reports whether a start would have to make the key file.
func (p Place) keyless() bool {
	_, err := os.Stat(p.KeyFile)
	return p.MasterKeys == "" && errors.Is(err, fs.ErrNotExist)
}

func (p Place) noKeys() error {
	return fmt.Errorf("there is no key file at %s: give the one that this database is used with", p.KeyFile)
}

// answers fails where a first start would leave a key file behind that nothing is
// used with: when there is no database, and when the one there is has keys.
func (p Place) answers(ctx context.Context, cfg store.Config) error {
	if !p.keyless() {
		return nil
	}
	if _, err := os.Stat(p.file()); !p.Postgres() && errors.Is(err, fs.ErrNotExist) {
		return nil // the start makes it
	}
	s, err := store.Open(ctx, store.Config{URL: p.DatabaseURL, DataDir: p.DataDir, Log: cfg.Log, MayBeOut: cfg.MayBeOut})
	if err != nil {
		return err
	}
	bound, err := s.Bound(ctx)
	if cfg.MayBeOut && s.Out(err) {
		err = nil // a server may be there before its database; a key that is not its own ends it then
	}
	if bound {
		err = p.noKeys()
	}
	return errors.Join(err, s.Close())
}

// Migrate brings the database to this build's schema, the job tables included.
// On SQLite the caller holds the folder's lock; on PostgreSQL the store's own
// lock keeps servers apart, and the job tables are made by statements that can
// be repeated.
func Migrate(ctx context.Context, s *store.Store) error {
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	return queue.Migrate(ctx, s)
}

// Migrated fails unless the database has exactly this build's schema.
func Migrated(ctx context.Context, s *store.Store) error {
	if err := s.Migrated(ctx); err != nil {
		return err
	}
	return queue.Migrated(ctx, s)
}

// OpenMigrated opens a database for a command that works beside a server. A
// fresh one is migrated first, under the folder's lock.
func (p Place) OpenMigrated(ctx context.Context, log *slog.Logger) (*store.Store, error) {
	s, err := p.Open(ctx, log, time.Now)
	if err != nil {
		return nil, err
	}
	err = Migrated(ctx, s)
	if problem.CodeOf(err) == problem.Unavailable {
		err = p.migrateAlone(ctx, s)
	}
	if err == nil {
		err = s.BindKeys(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (p Place) migrateAlone(ctx context.Context, s *store.Store) error {
	unlock, err := p.Lock()
	if err != nil {
		return err
	}
	return errors.Join(Migrate(ctx, s), unlock())
}
