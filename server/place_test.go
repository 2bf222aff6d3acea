package server

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

// A start without the key file of a used database is refused, and makes no key
// file that the next start would take for the right one.
func TestARefusedStartMakesNoKeyFile(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t, &logBook{}).WithDefaults()
	serve(t, func(c *Config) { *c = cfg }).stop(t)
	aside := cfg.KeyFile + ".aside"
	rename(t, cfg.KeyFile, aside)
	before := names(t, cfg.DataDir)
	p, err := New(t.Context(), cfg)
	if err == nil {
		_ = p.close(t.Context())
	}
	refusesKeyless(t, "serve", err)
	_, err = cfg.OpenMigrated(t.Context(), cfg.Log)
	refusesKeyless(t, "init", err)
	if after := names(t, cfg.DataDir); after != before {
		t.Errorf("the folder held\n%s and holds\n%s", before, after)
	}
	rename(t, aside, cfg.KeyFile)
	serve(t, func(c *Config) { *c = cfg })
}

func refusesKeyless(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), "there is no key file at") {
		t.Errorf("%s: %v", what, err)
	}
}

// A database is bound to the keys of whoever writes in it first, init included.
func TestADatabaseIsBoundByInitToo(t *testing.T) {
	t.Parallel()
	place := testConfig(t, &logBook{}).WithDefaults().Place
	for i, want := range []problem.Code{"", problem.Unavailable} {
		s, err := place.OpenMigrated(t.Context(), (&logBook{}).logger())
		if err == nil {
			err = s.Close()
		}
		if i == 0 && err != nil || i > 0 && problem.CodeOf(err) != want {
			t.Errorf("opening %d: %v", i, err)
		}
		place.MasterKeys = "1:" + strings.Repeat("ab", 32)
	}
}

// A key file that goes away under a running server is not made anew: it would be
// another one.
func TestARunningServerMakesNoKeyFile(t *testing.T) {
	t.Parallel()
	r := serve(t)
	if err := os.Remove(r.cfg.KeyFile); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "the missing file is reported", func() bool { return strings.Contains(r.log.String(), "the key file is not used") })
	if _, err := os.Stat(r.cfg.KeyFile); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the key file: %v", err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// names lists a folder without the files that SQLite makes and removes as it is used.
func names(t *testing.T, folder string) (all string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "-wal") && !strings.HasSuffix(e.Name(), "-shm") {
			all += e.Name() + "\n"
		}
	}
	return all
}
