package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tributary/tributary/server"
)

// A key is announced, then sealed under; nothing secret is printed.
func TestR2_KeysAreRotatedByCommand(t *testing.T) {
	t.Parallel()
	at := place(t)
	code, stdout, stderr := command(with(at, "init", "--merchant", "Acme", "--email", "owner@acme.example", "--json")...)
	if code != 0 {
		t.Fatal(stdout, stderr)
	}
	file := filepath.Join(at[1], server.KeyFileName)
	if code, stdout, stderr := command("keys", "rotate", "--data-dir", at[1]); code != 0 || !strings.HasPrefix(stdout, "key 2 is used from ") {
		t.Fatal(code, stdout, stderr)
	}
	if code, _, stderr := command("keys", "rotate", "--lead", "1s", "--data-dir", at[1]); code != 1 || !strings.Contains(stderr, "--lead") {
		t.Error(code, stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, _ = command("keys", "list", "--data-dir", at[1])
	if lines := strings.Split(stdout, "\n"); code != 0 || len(lines) != 4 || !strings.Contains(lines[1], "seals and signs, makes look-up hashes") || !strings.HasPrefix(lines[2], "2 ") || strings.Contains(lines[2], "seals") {
		t.Error(stdout)
	}
	for entry := range strings.FieldsSeq(string(text)) {
		if _, digits, _ := strings.Cut(entry, ":"); len(digits) >= 64 && strings.Contains(stdout, digits[:16]) {
			t.Error("a key is printed")
		}
	}
	if code, stdout, stderr := command(with(at, "keys", "reseal")...); code != 0 || !strings.Contains(stdout, "under key 1") {
		t.Error(code, stdout, stderr)
	}
}

func TestTokensAreRotatedByCommand(t *testing.T) {
	t.Parallel()
	at := place(t)
	if code, stdout, stderr := command(with(at, "init", "--merchant", "Acme", "--email", "owner@acme.example", "--json")...); code != 0 {
		t.Fatal(stdout, stderr)
	}
	_, stdout, stderr := command(with(at, "token", "create", "--name", "crm", "--scope", "link:read", "--address", "192.0.2.0/24")...)
	id, secret, _ := strings.Cut(strings.TrimSpace(stdout), "\n")
	if !strings.HasPrefix(id, "tok_") {
		t.Fatal(stdout, stderr)
	}
	code, stdout, stderr := command(with(at, "token", "rotate", id, "--overlap", "1h")...)
	again, next, _ := strings.Cut(strings.TrimSpace(stdout), "\n")
	if code != 0 || again != id || next == secret || !strings.HasPrefix(next, "trb_live_") {
		t.Error(code, stdout, stderr)
	}
}
