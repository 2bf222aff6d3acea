package script

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestSourceIsTheBuiltFile(t *testing.T) {
	t.Parallel()
	onDisk, err := os.ReadFile("t.js")
	if err != nil {
		t.Fatal(err)
	}
	if Source() != string(onDisk) || len(onDisk) == 0 {
		t.Errorf("embedded %d bytes differ from the %d in t.js", len(Source()), len(onDisk))
	}
}

func TestScriptFitsItsBudgetGzipped(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(Source())); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if packed.Len() > MaxGzipped {
		t.Errorf("t.js is %d bytes gzipped, more than %d", packed.Len(), MaxGzipped)
	}
	if len(Source()) <= packed.Len() {
		t.Errorf("t.js is %d bytes but %d gzipped: not a real script", len(Source()), packed.Len())
	}
}

// The names in Go and in the script are one contract with every shop.
func TestScriptSpeaksTheNamesOfThisPackage(t *testing.T) {
	t.Parallel()
	for _, want := range []string{
		`"` + Name + `"`,
		fmt.Sprintf("[?&]%s=([0-9a-z]{%d})", Name, TokenLength),
	} {
		if !strings.Contains(Source(), want) {
			t.Errorf("t.js does not contain %s", want)
		}
	}
}

func TestScriptNamesNoAddressAndNoModernSyntax(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]*regexp.Regexp{
		"address":   regexp.MustCompile(`https?://`),
		"ES2015":    regexp.MustCompile("=>|`|\\b(?:const|let|class|await|import)\\b"),
		"eval":      regexp.MustCompile(`\beval\b|new Function|innerHTML|document\.write`),
		"non-ASCII": regexp.MustCompile(`[^\x00-\x7f]`),
	} {
		if hit := bad.FindString(Source()); hit != "" {
			t.Errorf("%s in t.js: %q", name, hit)
		}
	}
}
