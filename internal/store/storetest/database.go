package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	_ "github.com/lib/pq" // creates and drops test databases

	"github.com/tributary/tributary/internal/store"
)

// migrated names a database of the test's own with this build's schema: a copy
// of one that was migrated once, which is much cheaper than the migrations.
func migrated(t testing.TB) string {
	t.Helper()
	if server := os.Getenv("TRIBUTARY_TEST_POSTGRES"); server != "" {
		template, err := postgresTemplate(server)
		if err != nil {
			t.Fatal(err)
		}
		return postgres(t, server, template)
	}
	file, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tributary.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// sqliteTemplate is a migrated file, made once per process.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tributary-template")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(url string) error {
	s, err := store.Open(context.Background(), store.Config{URL: url})
	if err != nil {
		return err
	}
	return errors.Join(s.Migrate(context.Background()), s.Close())
}

// templateLock keeps test binaries that start together from making one template twice.
const templateLock = 0x7472_6962_7465_7374

var (
	templates   sync.Mutex
	templateFor = map[string]string{}
)

// postgresTemplate is a migrated database on the server, kept for all tests of
// builds with this schema.
func postgresTemplate(server string) (string, error) {
	templates.Lock()
	defer templates.Unlock()
	if name := templateFor[server]; name != "" {
		return name, nil
	}
	name := "tributary_template_" + store.SchemaHash("postgres")[:16]
	if err := makeTemplate(server, name); err != nil {
		return "", err
	}
	templateFor[server] = name
	return name, nil
}

func makeTemplate(server, name string) error {
	admin, err := sql.Open("postgres", server)
	if err != nil {
		return err
	}
	defer admin.Close()
	admin.SetMaxOpenConns(1) // the lock is the connection's
	if _, err := admin.Exec(`SELECT pg_advisory_lock($1)`, templateLock); err != nil {
		return err
	}
	var made bool
	if err := admin.QueryRow(`SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&made); err != nil || made {
		return err
	}
	// It gets its name when it is complete: another process may look meanwhile.
	draft := name + "_draft"
	for _, step := range []func() error{
		execute(admin, `DROP DATABASE IF EXISTS `+draft+` WITH (FORCE)`),
		execute(admin, `CREATE DATABASE `+draft),
		func() error { return migrate(at(server, draft)) },
		execute(admin, `ALTER DATABASE `+draft+` RENAME TO `+name),
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func execute(db *sql.DB, statement string) func() error {
	return func() error {
		_, err := db.Exec(statement)
		return err
	}
}

// at is the address of another database on the server.
func at(server, database string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server // which the next to open it will refuse
	}
	u.Path = "/" + database
	return u.String()
}

// postgres makes a database that ends with the test.
func postgres(t testing.TB, server, template string) string {
	t.Helper()
	raw := make([]byte, 8)
	_, _ = rand.Read(raw)
	name := "test_" + hex.EncodeToString(raw)
	admin, err := sql.Open("postgres", server)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec(`CREATE DATABASE ` + name + ` TEMPLATE ` + template); err != nil { // #nosec G701 -- both names are our own hexadecimal
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = admin.Exec(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`)
		_ = admin.Close()
	})
	return at(server, name)
}
