package graph

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// owedIDs are the rules of commission, refunds and their traps that the tables show.
func owedIDs() (ids []string) {
	for _, span := range []struct {
		letter   string
		from, to int
	}{{"C", 1, 26}, {"C", 29, 34}, {"E", 1, 10}, {"Q", 1, 45}, {"Q", 50, 50}, {"Q", 56, 63}, {"Q", 73, 74}, {"Q", 80, 80}} {
		for i := span.from; i <= span.to; i++ {
			ids = append(ids, fmt.Sprintf("%s%02d", span.letter, i))
		}
	}
	return ids
}

// Each rule has a row in one of the tables; those that no amount shows name the test
// that does, and those few that are not written yet say so.
func TestC01_EveryRuleHasARow(t *testing.T) {
	t.Parallel()
	told := readStories(t)
	shown, word := map[string]int{}, regexp.MustCompile(`\b[CEQ]\d\d\b`)
	count := func(name string) {
		for _, id := range word.FindAllString(name, -1) {
			shown[id]++
		}
	}
	for _, name := range append(rowNames(t, "testdata/plans.golden.json"), rowNames(t, "testdata/simulations.golden.json")...) {
		count(name)
	}
	for _, s := range told.Rows {
		count(s.Name)
	}
	tests := allTests(t)
	elsewhere := map[string]bool{}
	for _, e := range told.Elsewhere {
		elsewhere[e.ID] = true
		if !tests[e.Test] || e.Why == "" || !strings.Contains(e.Test, e.ID) {
			t.Errorf("%s: there is no test %s of it, or no reason", e.ID, e.Test)
		}
		if shown[e.ID] > 0 {
			t.Errorf("%s has a row by now: it is nothing to show elsewhere", e.ID)
		}
	}
	for _, id := range owedIDs() {
		if shown[id] == 0 && !elsewhere[id] {
			t.Errorf("%s has no row in the tables of graph/testdata", id)
		}
	}
	if len(told.Elsewhere) > 5 {
		t.Errorf("%d rules are shown elsewhere: the list was to be short", len(told.Elsewhere))
	}
}

func rowNames(t *testing.T, path string) (names []string) {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ Name string }
	if err := json.Unmarshal(file, &rows); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		names = append(names, r.Name)
	}
	return names
}

// allTests names the tests of the module.
func allTests(t *testing.T) map[string]bool {
	t.Helper()
	names, head := map[string]bool{}, regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := os.ReadFile(path) // #nosec G304 G122 -- the module's own
		for _, m := range head.FindAllStringSubmatch(string(file), -1) {
			names[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
