package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/seal"
)

// Config says which database to open and what commands need from outside.
type Config struct {
	URL      string           // "" or "sqlite:PATH" for SQLite, "postgres://…" for PostgreSQL
	DataDir  string           // folder of the SQLite file when URL is empty
	Clock    func() time.Time // where instants come from; time.Now when nil
	Keys     *seal.Keyring    // seals personal values and cursors
	Log      *slog.Logger     // slog.Default() when nil
	MaxConns int              // PostgreSQL pool of viewers, 32 when zero; the house's own has half as many
	Watch    Watch            // sees every statement; nobody does when nil
	MayBeOut bool             // Open succeeds on a PostgreSQL that is out of reach for now
}

// Store is an open database with its wall, journal and command path.
type Store struct {
	cfg           Config
	boot          string
	dialect       string
	path          string      // of the SQLite file
	write         *sql.DB     // SQLite: the one writer; PostgreSQL: the viewers' pool
	read          *sql.DB     // SQLite: readers that cannot write; PostgreSQL: the viewers' pool
	doorWrite     *sql.DB     // write for doors and the house's own work; PostgreSQL: a pool that meets every row
	doorRead      *sql.DB     // read for the same
	client        *ent.Client // for reading, outside commands
	inside        *ent.Client // what each command's client is made from
	door          *ent.Client // for the doors: no wall
	tail          tail
	replies       replies
	followers     followers
	denials       denials
	clocks        clocks
	unplaced      chan struct{} // wakes the sequencer
	writers       chan struct{} // places for commands under way; nil on SQLite
	line          line          // for SQLite's one writer
	lastSequenced atomic.Int64
	keys          atomic.Pointer[seal.Keyring] // replaced by a rotation
	mu            sync.Mutex
	commit        []func()
}

// Open connects; it does not migrate. It fails when the URL names no known
// database or the database does not answer; with MayBeOut it then succeeds all
// the same if the trouble may pass, and connects when it is used.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	s := &Store{cfg: cfg, boot: rand.Text()}
	s.keys.Store(cfg.Keys)
	if err := s.connect(); err != nil {
		return nil, err
	}
	ping, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := errors.Join(s.doorWrite.PingContext(ping), s.doorRead.PingContext(ping))
	if err != nil && !(cfg.MayBeOut && s.Out(err)) {
		return nil, errors.Join(fmt.Errorf("database does not answer: %w", err), s.Close())
	}
	reading := ent.Driver(entsql.OpenDB(s.dialect, s.read))
	s.client = walled(ent.NewClient(reading), refuseWrites)
	s.inside = walled(ent.NewClient(reading), wallWrite)
	s.door = ent.NewClient(ent.Driver(entsql.OpenDB(s.dialect, s.doorRead)))
	s.tail.wake, s.replies.signal, s.unplaced = make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{}, 1)
	s.denials.aside = make(chan aside, denialsAside)
	return s, nil
}

func (c Config) withDefaults() Config {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.MaxConns == 0 {
		c.MaxConns = 32
	}
	return c
}

func (s *Store) connect() (err error) {
	url := s.cfg.URL
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return s.connectPostgres(url)
	}
	path, ok := strings.CutPrefix(url, "sqlite:")
	if url != "" && !ok {
		return fmt.Errorf("database URL must begin with sqlite: or postgres://")
	}
	if path == "" {
		path = filepath.Join(s.cfg.DataDir, "tributary.db")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	s.dialect, s.path = dialect.SQLite, path
	s.write, s.read, err = openSQLite(path, s.cfg.Watch)
	s.doorWrite, s.doorRead = s.write, s.read
	return err
}

// connectPostgres opens the viewers' pool and the house's, which is not behind
// row-level security.
func (s *Store) connectPostgres(url string) (err error) {
	s.dialect = dialect.Postgres
	if s.doorWrite, err = openPostgres(url, max(1, s.cfg.MaxConns/2), s.cfg.Watch, false); err != nil {
		return err
	}
	s.write, err = openPostgres(url, s.cfg.MaxConns, s.cfg.Watch, true)
	s.read, s.doorRead = s.write, s.doorWrite
	s.writers = make(chan struct{}, max(1, s.cfg.MaxConns/2))
	return err
}

// Close closes all connections. Commands under way fail.
func (s *Store) Close() error {
	other := s.read
	if s.Postgres() {
		other = s.doorWrite
	}
	return errors.Join(other.Close(), s.write.Close())
}

// Client reads behind the wall: without a viewer in the context every query
// fails; with one it sees that viewer's rows only. It cannot write.
func (s *Store) Client() *ent.Client { return s.client }

// Now is the server's clock, UTC to the microsecond, as rows keep it.
func (s *Store) Now() time.Time { return s.cfg.Clock().UTC().Truncate(time.Microsecond) }

// Boot names this opening of the store among all there ever were.
func (s *Store) Boot() string { return s.boot }

// Keys seals personal values. Ask each time: a rotation gives another ring.
func (s *Store) Keys() *seal.Keyring { return s.keys.Load() }

// Log is where background work reports.
func (s *Store) Log() *slog.Logger { return s.cfg.Log }

// Dialect is "sqlite3" or "postgres".
func (s *Store) Dialect() string { return s.dialect }

// Postgres reports whether the rows are on PostgreSQL.
func (s *Store) Postgres() bool { return s.dialect == dialect.Postgres }

// Ready fails when the database does not answer a query.
func (s *Store) Ready(ctx context.Context) error {
	var one int
	return s.doorRead.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// DB lends the house's own writing pool to the job queue, which keeps tables of
// its own on the same database. Nothing else may use it.
func (s *Store) DB() *sql.DB { return s.doorWrite }

// OnCommit adds a function that runs after every commit that emitted events. It
// must not block.
func (s *Store) OnCommit(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commit = append(s.commit, fn)
}

func (s *Store) committed() {
	s.Wake()
	s.mu.Lock()
	hooks := s.commit
	s.mu.Unlock()
	for _, fn := range hooks {
		fn()
	}
}
