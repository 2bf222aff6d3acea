package server

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/sim"
	"github.com/tributary/tributary/internal/store/storetest"
)

// behindGate is a server's configuration whose database can be shut away; the
// gate is nil on SQLite, whose file cannot.
func behindGate(t *testing.T) (Config, *gate) {
	t.Helper()
	cfg := testConfig(t, &logBook{})
	if !cfg.Postgres() {
		return cfg, nil
	}
	return cfg, openGate(t, &cfg)
}

// R8: a server that is started while the database is away sends visitors on and
// keeps their clicks, says that it is not ready, and does everything else once
// the database is back. Shown to fail: with reached.only taken out of staff the
// API answers without the database (200 and 401 instead of 503), and
// without MayBeOut New refuses to start.
func TestR8_AServerStartsWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	cfg, gate := behindGate(t)
	first := serve(t, func(c *Config) { *c = cfg })
	world, err := sim.Build(t.Context(), first.URL(), sim.Plan{Merchant: "Acme", Email: "owner@acme.example", Password: "correct horse battery", Currency: "USD", Percent: "10", Affiliates: []string{"Ann"}})
	if err != nil {
		t.Fatal(err)
	}
	first.stop(t)
	if gate != nil {
		gate.shut()
	}
	again := serve(t, func(c *Config) { *c = cfg })
	path := world.Affiliates[0].LinkPath
	if gate != nil {
		away(t, again, path)
		gate.open()
	} else if got := again.send(t, "GET", path, "", "User-Agent", browser); got.StatusCode != 302 {
		t.Fatalf("a link: %d", got.StatusCode)
	}
	eventually(t, patience, "ready", func() bool { return again.send(t, "GET", "/readyz", "").StatusCode == 200 })
	eventually(t, patience, "the click is stored", func() bool { return again.rooms.track.Stats().Stored == 1 })
	if got := again.send(t, "POST", "/graphql", `{"query":"{ links(first: 1) { totalCount } }"}`, "Content-Type", "application/json", "Authorization", "Bearer "+world.APIToken); got.StatusCode != 200 || !strings.Contains(got.text, `"totalCount":1`) {
		t.Errorf("the API: %d %s", got.StatusCode, got.text)
	}
}

const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// away is what a server without its database does.
func away(t *testing.T, r *running, path string) {
	t.Helper()
	got := r.send(t, "GET", path, "", "User-Agent", browser)
	if got.StatusCode != 302 || !strings.Contains(got.Header.Get("Location"), "trb_click=") || got.Header.Get("Tributary-Click") != "" {
		t.Errorf("a link: %d %v", got.StatusCode, got.Header)
	}
	if got := r.send(t, "GET", "/readyz", ""); got.StatusCode != 503 || !strings.Contains(got.text, errUnreached.Message) {
		t.Errorf("readiness: %d %s", got.StatusCode, got.text)
	}
	if got := r.send(t, "GET", "/healthz", ""); got.StatusCode != 200 {
		t.Errorf("liveness: %d", got.StatusCode)
	}
	for _, at := range []string{"/graphql", "/import", "/hooks/itg_1"} {
		got := r.send(t, "POST", at, `{"query":"{ viewer { kind } }"}`, "Content-Type", "application/json")
		if got.StatusCode != 503 || !strings.Contains(got.text, `"UNAVAILABLE"`) || got.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", at, got.StatusCode, got.text)
		}
	}
}

// R8: the schema is made when the database comes, by a server that was started
// before it.
func TestR8_TheSchemaIsMadeWhenTheDatabaseComes(t *testing.T) {
	t.Parallel()
	cfg, gate := behindGate(t)
	if gate != nil {
		gate.shut()
	}
	r := serve(t, func(c *Config) { *c = cfg })
	if gate != nil {
		if err := r.reached.check(t.Context()); err == nil {
			t.Error("a database out of reach counts as reached")
		}
		gate.open()
	}
	eventually(t, patience, "ready", func() bool { return r.send(t, "GET", "/readyz", "").StatusCode == 200 })
}

// A database that turns out to be sealed with other keys ends a server that was
// started without it, as it keeps one from starting that was started with it.
func TestAServerEndsWhenTheDatabaseThatComesIsNotItsOwn(t *testing.T) {
	t.Parallel()
	cfg, gate := behindGate(t)
	serve(t, func(c *Config) { *c = cfg }).stop(t)
	cfg.KeyFile = filepath.Join(t.TempDir(), "other")
	if _, err := seal.LoadOrCreate(cfg.KeyFile); err != nil {
		t.Fatal(err)
	}
	if gate != nil {
		gate.shut()
	}
	p, err := New(t.Context(), cfg)
	if gate != nil && err == nil {
		ctx, quit := context.WithTimeout(t.Context(), patience)
		defer quit()
		time.AfterFunc(50*time.Millisecond, gate.open)
		err = p.Run(ctx)
	}
	if err == nil || !strings.Contains(err.Error(), "other master keys") {
		t.Errorf("it ended with %v", err)
	}
}

// A server can be told to stop while it waits for its database.
func TestAServerStopsWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	cfg, gate := behindGate(t)
	if gate != nil {
		gate.shut()
	}
	r := serve(t, func(c *Config) { *c = cfg })
	if got := r.send(t, "GET", "/healthz", ""); got.StatusCode != 200 {
		t.Errorf("liveness: %d", got.StatusCode)
	}
	r.stop(t)
}

// What will not mend by waiting is said at once: here a database that is not there.
func TestADatabaseThatRefusesUsKeepsTheServerFromStarting(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t, &logBook{})
	if cfg.Postgres() {
		cfg.DatabaseURL = strings.Replace(storetest.URL(t), "?", "_none?", 1)
	} else {
		cfg.DatabaseURL = "sqlite:" + cfg.DataDir // a folder
	}
	if p, err := New(t.Context(), cfg); err == nil {
		_ = p.close(t.Context())
		t.Error("it started")
	}
}
