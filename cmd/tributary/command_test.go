package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // spoils a row behind the program's back

	"github.com/tributary/tributary/server"
)

// command runs the program in this process.
func command(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(args, &out, &errs)
	return code, out.String(), errs.String()
}

// place gives the flags that name fresh data.
func place(t *testing.T) []string {
	t.Helper()
	flags := []string{"--data-dir", t.TempDir()}
	if url := databaseURL(t); url != "" {
		flags = append(flags, "--database-url", url)
	}
	return flags
}

func with(first []string, more ...string) []string {
	return append(append([]string{}, more...), first...)
}

func TestFailingCommandSaysOnePlainLine(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "anything"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no command":         {nil, 2, "expected one of"},
		"unknown command":    {[]string{"fly"}, 2, "fly"},
		"unknown flag":       {[]string{"serve", "--fast"}, 2, "--fast"},
		"missing flag":       {[]string{"init", "--email", "a@b.example"}, 2, "--merchant"},
		"bad value":          {[]string{"serve", "--data-dir", t.TempDir(), "--addr", "nowhere", "--cors-origins", "*"}, 1, "--cors-origins"},
		"another database":   {[]string{"migrate", "--database-url", "oracle://x", "--data-dir", t.TempDir()}, 1, "--database-url"},
		"database is away":   {[]string{"verify", "--database-url", "postgres://u:hunter2@127.0.0.1:1/x", "--data-dir", t.TempDir()}, 1, "database does not answer"},
		"no database":        {[]string{"verify", "--data-dir", t.TempDir(), "--database-url", ""}, 1, "there is no database at"},
		"restore into full":  {[]string{"restore", "--from", t.TempDir(), "--data-dir", full}, 1, "is not empty"},
		"restore of nothing": {[]string{"restore", "--from", t.TempDir(), "--data-dir", filepath.Join(t.TempDir(), "new")}, 1, "no finished backup"},
		"backup into full":   {[]string{"backup", "--to", full, "--data-dir", t.TempDir()}, 1, "is not empty"},
	} {
		code, stdout, stderr := command(c.args...)
		if code != c.code || stdout != "" || !strings.HasPrefix(stderr, "tributary: ") || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: code %d\nstdout %q\nstderr %q", name, code, stdout, stderr)
		}
		if strings.Contains(stderr, "hunter2") {
			t.Errorf("%s repeats a password", name)
		}
	}
}

// A command that only looks, or that fails before it begins, leaves nothing behind.
func TestLookingMakesNothing(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"verify": {"verify"}, "tokens": {"token", "list"}, "backup": {"backup", "--to", filepath.Join(t.TempDir(), "b")},
		"init with a bad address":  {"init", "--merchant", "Acme", "--email", "nobody"},
		"init with a bad currency": {"init", "--merchant", "Acme", "--email", "a@b.example", "--currency", "XXX1"},
		"init with no database":    {"init", "--merchant", "Acme", "--email", "a@b.example", "--database-url", "postgres://127.0.0.1:1/x"},
	} {
		dir := filepath.Join(t.TempDir(), "data")
		code, _, stderr := command(append(args, "--data-dir", dir)...)
		if code != 1 || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: code %d, %q", name, code, stderr)
		}
		if left, err := os.ReadDir(dir); err == nil {
			t.Errorf("%s leaves %v", name, left)
		}
	}
}

func TestHelpIsNoFailure(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"token", "create", "--help"}} {
		if code, stdout, stderr := command(args...); code != 0 || stderr != "" || !strings.Contains(stdout, "Usage: tributary") {
			t.Errorf("%v: %d %q %q", args, code, stdout, stderr)
		}
	}
	_, text, _ := command("serve", "--help")
	for _, env := range []string{"ADDR", "DATA_DIR", "DATABASE_URL", "NATS_URL", "PUBLIC_URL", "KEY_FILE", "CORS_ORIGINS", "TRUSTED_PROXIES", "COST_MAXIMUM", "COST_RESTORE"} {
		if !strings.Contains(text, "$TRIBUTARY_"+env) {
			t.Errorf("serve --help does not name $TRIBUTARY_%s", env)
		}
	}
}

func TestSchemaAndVersionPrint(t *testing.T) {
	t.Parallel()
	if code, stdout, _ := command("schema"); code != 0 || !strings.Contains(stdout, "type Mutation") || !strings.Contains(stdout, "conversionRecord(") {
		t.Errorf("schema: %d %.200s", code, stdout)
	}
	if code, stdout, _ := command("version"); code != 0 || !strings.HasPrefix(stdout, "tributary ") || !strings.Contains(stdout, "go1.") {
		t.Errorf("version: %d %s", code, stdout)
	}
}

func TestInitMakesAMerchantThatCanSell(t *testing.T) {
	t.Parallel()
	at := place(t)
	code, stdout, stderr := command(with(at, "init", "--merchant", "Acme", "--email", "owner@acme.example", "--json")...)
	if code != 0 || strings.Count(stdout, "\n") != 1 {
		t.Fatalf("init: %d %q %q", code, stdout, stderr)
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || len(got) != 4 {
		t.Fatalf("%v: %s", err, stdout)
	}
	if !strings.HasPrefix(got["merchantId"], "mer_") || got["email"] != "owner@acme.example" || len(got["password"]) < 20 || !strings.HasPrefix(got["token"], "trb_live_") {
		t.Errorf("init printed %v", got)
	}
	code, stdout, stderr = command(with(at, "init", "--merchant", "Acme", "--email", "owner@acme.example")...)
	if code != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 {
		t.Errorf("the same address again: %d %q %q", code, stdout, stderr)
	}
	if code, _, stderr := command(with(at, "migrate")...); code != 0 {
		t.Errorf("migrate again: %s", stderr)
	}
}

func TestTokensAreMadeListedAndRevoked(t *testing.T) {
	t.Parallel()
	at := place(t)
	if code, _, stderr := command(with(at, "init", "--merchant", "Acme", "--email", "owner@acme.example")...); code != 0 {
		t.Fatal(stderr)
	}
	code, stdout, stderr := command(with(at, "token", "create", "--name", "shop", "--scope", "conversion:write", "--scope", "conversion:read", "--expires", "24h")...)
	lines := strings.Split(stdout, "\n")
	if code != 0 || len(lines) != 3 || !strings.HasPrefix(lines[0], "tok_") || !strings.HasPrefix(lines[1], "trb_live_") {
		t.Fatalf("create: %d %q %q", code, stdout, stderr)
	}
	id, secret := lines[0], lines[1]
	_, stdout, _ = command(with(at, "token", "list")...)
	if !strings.Contains(stdout, id) || !strings.Contains(stdout, "conversion:read,conversion:write") || strings.Contains(stdout, secret) {
		t.Errorf("list: %s", stdout)
	}
	if code, stdout, _ := command(with(at, "token", "create", "--name", "page", "--scope", "application:write", "--publishable", "--origin", "https://shop.example")...); code != 0 || !strings.Contains(stdout, "trb_pub_") {
		t.Errorf("publishable: %d %s", code, stdout)
	}
	if code, _, stderr := command(with(at, "token", "create", "--name", "bad", "--scope", "everything:write")...); code != 1 || !strings.Contains(stderr, "everything:write") {
		t.Errorf("unknown scope: %d %s", code, stderr)
	}
	if code, _, stderr := command(with(at, "token", "revoke", id)...); code != 0 {
		t.Error(stderr)
	}
	if _, stdout, _ = command(with(at, "token", "list")...); !strings.Contains(stdout, "revoked") {
		t.Errorf("list after: %s", stdout)
	}
	if code, _, stderr := command(with(at, "token", "revoke", "tok_nowhere")...); code != 1 || !strings.Contains(stderr, "not found") {
		t.Errorf("revoke nothing: %d %s", code, stderr)
	}
	if code, _, stderr := command(with(at, "token", "list", "--merchant", "mer_nowhere")...); code != 1 || stderr == "" {
		t.Errorf("another merchant: %d %s", code, stderr)
	}
}

// A spoilt record is found and named. Only the file behind the program's back
// can be spoilt this simply, so this stands for SQLite alone.
func TestVerifyNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := []string{"--data-dir", dir}
	if code, _, stderr := command(with(at, "init", "--merchant", "Acme", "--email", "owner@acme.example")...); code != 0 {
		t.Fatal(stderr)
	}
	if code, stdout, stderr := command(with(at, "verify")...); code != 0 || !strings.Contains(stdout, "are right") {
		t.Fatalf("before: %d %s %s", code, stdout, stderr)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, server.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`INSERT INTO ledger_transactions (id, merchant_id, created_at, kind, source_key, subject_id)
		SELECT 'ltx_spoilt', id, created_at, 'ACCRUAL', 'x', 'x' FROM merchants LIMIT 1`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`INSERT INTO idempotency_records (id, merchant_id, created_at, principal_id, command, key, fingerprint, outcome, expires_at)
		SELECT 'idk_spoilt', id, created_at, 'usr_x', 'linkCreate', 'k', zeroblob(32), '{"LinkID":"lnk_01hzzzzzzzzzzzzzzzzzzzzzzz"}', created_at FROM merchants LIMIT 1`)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := command(with(at, "verify")...)
	if code != 1 || !strings.Contains(stdout, "idempotency.effects  idk_spoilt  the outcome names lnk_01hzzzzzzzzzzzzzzzzzzzzzzz") || !strings.Contains(stdout, "audit.commands  idk_spoilt  linkCreate was done and is in no audit row") || !strings.Contains(stderr, "verify found 3 faults, the first in idk_spoilt") {
		t.Errorf("after: %d %q %q", code, stdout, stderr)
	}
	code, stdout, stderr = command(with(at, "verify", "ledger")...)
	if code != 1 || stdout != "ledger.transaction  ltx_spoilt  has 0 sides\n" || !strings.Contains(stderr, "verify found 1 faults, the first in ltx_spoilt") {
		t.Errorf("the ledger alone: %d %q %q", code, stdout, stderr)
	}
}

// The audit leaves as a file, and the export is itself on record.
func TestAuditExport(t *testing.T) {
	t.Parallel()
	at := place(t)
	if code, _, stderr := command(with(at, "init", "--merchant", "Acme", "--email", "owner@acme.example")...); code != 0 {
		t.Fatal(stderr)
	}
	code, stdout, stderr := command(with(at, "audit", "export")...)
	if code != 0 || !strings.HasPrefix(stdout, "id,at,actor_id,") || !strings.Contains(stdout, ",signUp,") || !strings.Contains(stdout, ",apiTokenCreate,") || stderr != "2 records\n" {
		t.Errorf("csv: %d %q %q", code, stdout, stderr)
	}
	code, stdout, stderr = command(with(at, "audit", "export", "--format", "jsonl", "--action", "auditExport", "--outcome", "DONE")...)
	if code != 0 || !strings.Contains(stdout, `"format":"csv"`) || strings.Count(stdout, "\n") != 1 || stderr != "1 records\n" {
		t.Errorf("jsonl: %d %q %q", code, stdout, stderr)
	}
	if code, _, stderr := command(with(at, "audit", "export", "--format", "pdf")...); code != 2 || stderr == "" {
		t.Errorf("pdf: %d %q", code, stderr)
	}
}

// A second server on the same folder is told who is in the way.
func TestSecondServerIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unlock, err := server.Place{DataDir: dir}.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unlock() }()
	code, stdout, stderr := command("serve", "--addr", "127.0.0.1:0", "--data-dir", dir)
	if code != 1 || stdout != "" || !strings.Contains(stderr, "another tributary is using "+dir) || strings.Count(stderr, "\n") != 1 {
		t.Errorf("%d %q %q", code, stdout, stderr)
	}
}

// The defaults of what matters most are in the help.
func TestHelpTellsWhereTheDataAre(t *testing.T) {
	t.Parallel()
	if code, stdout, _ := command("serve", "--help"); code != 0 || !strings.Contains(strings.Join(strings.Fields(stdout), " "), "Default: ./data") {
		t.Errorf("%d %s", code, stdout)
	}
	if code, _, stderr := command(with(place(t), "person", "recovery-codes", "--email", "nobody@example.com")...); code != 1 || strings.Count(stderr, "\n") != 1 {
		t.Errorf("%d %s", code, stderr)
	}
}
