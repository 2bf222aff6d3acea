package main

import (
	"bytes"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/sim"
	"github.com/tributary/tributary/server"
)

// The drill: a backup is taken while the market buys, the server is lost, and
// what was acknowledged before the backup began is all there, once, on another
// folder. The database of this drill is SQLite; PostgreSQL's own tools make its
// copies, and what we add to them has its own test below.
func TestBackupDrill(t *testing.T) {
	t.Parallel()
	dir, backup := t.TempDir(), filepath.Join(t.TempDir(), "backup")
	srv := startServer(t, dir, "")
	w, err := sim.Build(t.Context(), srv.base, sim.Plan{
		Merchant: "Drill", Email: "owner@drill.example", Password: "correct horse battery", Currency: "USD", Percent: "10", Affiliates: []string{"Ada"},
	})
	if err != nil {
		t.Fatal(err)
	}
	l := &load{world: w}
	stop := l.start(t.Context())
	for l.clicks.Load() < 300 || l.orders.Load() < 100 {
		time.Sleep(10 * time.Millisecond) // between two looks at the load
	}
	l.mu.Lock()
	before := &load{world: w, clickIDs: slices.Clone(l.clickIDs), orderIDs: slices.Clone(l.orderIDs)}
	l.mu.Unlock()
	unrecorded := figure(t, srv.base, `tributary_redirects_total{outcome="unrecorded"}`)
	told := tributary(t, "backup", "--to", backup, "--data-dir", dir)
	t.Log(strings.TrimSpace(told))
	stop()
	before.tried = maps.Clone(l.tried)
	srv.kill()

	elsewhere := filepath.Join(t.TempDir(), "restored")
	tributary(t, "restore", "--from", backup, "--data-dir", elsewhere)
	if code, _, stderr := command("restore", "--from", backup, "--data-dir", elsewhere); code != 1 || !strings.Contains(stderr, "is not empty") {
		t.Errorf("a second restore: %d %s", code, stderr)
	}
	again := startAt(t, elsewhere, "", strings.TrimPrefix(srv.base, "http://"))
	if w.Client.Token, err = w.LogIn(t.Context(), w.Email, w.Password); err != nil {
		t.Fatal(err) // the restored keys open the restored database
	}
	before.storedBut(t, unrecorded)
	before.clickIDs = nil // looked at
	before.check(t)
	again.verify(t)
}

// storedBut waits until the acknowledged clicks are rows, but for as many as the
// stream had refused: on a machine too busy to sync in time, a visitor is sent
// on with a click that is counted as unrecorded and may never arrive.
func (l *load) storedBut(t *testing.T, unrecorded int) {
	t.Helper()
	missing := l.clickIDs
	for deadline := time.Now().Add(time.Minute); len(missing) > unrecorded; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d acknowledged clicks are lost and %d were unrecorded", len(missing), len(l.clickIDs), unrecorded)
		}
		var still []string
		for chunk := range chunks(missing, 100) {
			still = append(still, l.missingClicks(t, chunk)...)
		}
		missing = still
	}
	t.Logf("%d clicks acknowledged before the backup; %d missing, %d unrecorded", len(l.clickIDs), len(missing), unrecorded)
}

// figure reads one of the server's metrics.
func figure(t *testing.T, base, name string) int {
	t.Helper()
	_, text, err := sim.New(base, "").Send(t.Context(), http.MethodGet, "/metrics", "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, name+" "); found {
			n, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				t.Fatal(err)
			}
			return int(n)
		}
	}
	t.Fatalf("there is no figure %s", name)
	return 0
}

func tributary(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, stderr.String())
	}
	return stdout.String()
}

// With the rows on PostgreSQL a backup holds all that a dump of the database
// does not, and says that the dump is to be made.
func TestBackupHoldsWhatADumpDoesNot(t *testing.T) {
	t.Parallel()
	dir, backup := t.TempDir(), filepath.Join(t.TempDir(), "backup")
	at := []string{"--data-dir", dir}
	if url := databaseURL(t); url != "" {
		at = append(at, "--database-url", url)
	}
	if code, _, stderr := command(with(at, "init", "--merchant", "Acme", "--email", "owner@acme.example")...); code != 0 {
		t.Fatal(stderr)
	}
	code, _, stderr := command(with(at, "backup", "--to", backup)...)
	if code != 0 || strings.Contains(stderr, "PostgreSQL") != (len(at) > 2) {
		t.Fatalf("backup: %d %s", code, stderr)
	}
	m, err := readManifest(backup)
	if err != nil {
		t.Fatal(err)
	}
	has := func(path string) bool {
		return slices.ContainsFunc(m.Files, func(f backedFile) bool { return f.Path == path })
	}
	if !has(server.KeyFileName) || has(server.DatabaseFile) != (len(at) == 2) {
		t.Errorf("the backup holds %+v", m.Files)
	}
	info, err := os.Stat(filepath.Join(backup, server.KeyFileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copied keys are open to others: %v %v", info, err)
	}
}

func TestRestoreRefusesWhatIsNotWhatWasBackedUp(t *testing.T) {
	t.Parallel()
	dir, backup := t.TempDir(), filepath.Join(t.TempDir(), "backup")
	for _, args := range [][]string{
		{"init", "--merchant", "Acme", "--email", "owner@acme.example", "--data-dir", dir},
		{"backup", "--to", backup, "--data-dir", dir},
	} {
		if code, _, stderr := command(args...); code != 0 {
			t.Fatal(stderr)
		}
	}
	path := filepath.Join(backup, server.DatabaseFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "new")
	code, _, stderr := command("restore", "--from", backup, "--data-dir", to)
	if code != 1 || !strings.Contains(stderr, "is not what was backed up") {
		t.Errorf("one bit: %d %s", code, stderr)
	}
	if inside, _ := os.ReadDir(to); len(inside) != 0 {
		t.Errorf("files were restored all the same: %v", inside)
	}
	manifest := filepath.Join(backup, manifestFile)
	if err := os.WriteFile(manifest, []byte(`{"files":[]}`), 0o600); err != nil { // as on PostgreSQL, which pg_dump backs up
		t.Fatal(err)
	}
	if code, _, stderr := command("restore", "--from", backup, "--data-dir", to); code != 1 || !strings.Contains(stderr, "--database-url") {
		t.Errorf("a backup without a database: %d %s", code, stderr)
	}
	if err := os.WriteFile(manifest, []byte(`{"files":[{"path":"../../etc/passwd","bytes":1,"sha256":""}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := command("restore", "--from", backup, "--data-dir", to); code != 1 || !strings.Contains(stderr, "outside the backup") {
		t.Errorf("a path that leads out: %d %s", code, stderr)
	}
}
