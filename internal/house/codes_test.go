package house

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/problem"
)

// spelled finds an error code that is written as text beside the word "code".
var spelled = regexp.MustCompile(`"code"(?:\]\s*=|:)\s*"([A-Z_]+)"`)

// Every code that leaves the system is in the catalogue that clients read.
func TestSpelledCodesAreInTheCatalogue(t *testing.T) {
	t.Parallel()
	catalogue, seen := problem.Catalogue(), 0
	for _, top := range []string{"graph", "server", "connect", "track", "trust"} {
		err := filepath.WalkDir("../../"+top, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range spelled.FindAllSubmatch(text, -1) {
				seen++
				if !strings.Contains(catalogue, "| `"+string(m[1])+"` |") {
					t.Errorf("%s answers %s, which the catalogue does not know", path, m[1])
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen == 0 {
		t.Error("no code was found: the pattern no longer fits how codes are written")
	}
}
