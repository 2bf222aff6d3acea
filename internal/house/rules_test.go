package house

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var named = regexp.MustCompile(`func (?:Test|Fuzz)((?:[A-Z][0-9]{1,3}_)+)`)

// Every rule that a test names has its line in docs/rules.md.
func TestNamedRulesAreDescribed(t *testing.T) {
	t.Parallel()
	rules, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range named.FindAllSubmatch(text, -1) {
			for id := range strings.SplitSeq(strings.Trim(string(m[1]), "_"), "_") {
				if !strings.Contains(string(rules), "\n| "+id+" |") {
					t.Errorf("%s names %s, which docs/rules.md does not describe", path, id)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
