package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A demo is not set up on top of data: who had one killed is told how to go on with it.
func TestADemoTakesNoFolderWithData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := demoCmd{DataDir: dir}
	if got, _, err := c.folder(); got != dir || err != nil {
		t.Fatal(got, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tributary.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.folder(); err == nil || !strings.Contains(err.Error(), "serve --data-dir "+dir) {
		t.Error(err)
	}
}
