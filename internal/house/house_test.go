// Package house holds the checks on the shape of the code itself.
package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/tributary/tributary/"

// floors: an import goes to a lower floor, never sideways; the longest prefix
// of a package's path decides. Packages under one entry form one room.
var floors = map[string]int{
	"internal/money": 0, "internal/problem": 0, "internal/id": 0, "internal/canon": 0, "internal/facts": 0, "internal/seal": 0, "internal/draws": 0, "clients/go": 0, "trust": 0,
	"trust/pace": 1, "internal/form": 1, "internal/reply": 1, "internal/mail": 1, "internal/egress": 1, "track/order": 1, "track/token": 1, "track/agent": 1, "track/attribution": 1, "track/script": 1, "earn/plan": 1, "earn/levels": 1, "rates/ecb": 1, "pay/rail": 1, "internal/sim": 1, "internal/hostile": 1, "graph/contract": 1, "graph/bounds": 1,
	"ent":            2,
	"internal/store": 3, "internal/bus": 3,
	"internal/queue": 4, "internal/allowance": 4,
	"roster": 5, "ledger": 5, "rates": 5, "trust/auth": 5, "trust/audit": 5,
	"track": 6, "roster/notice": 6,
	"earn": 7,
	"pay":  8, "report": 8, "connect": 8,
	"sandbox": 9, "report/export": 9, "connect/shopify": 9, "connect/shopify/shoptest": 1, "connect/stripe": 9, "connect/woocommerce": 9, "connect/woocommerce/woocommercetest": 1, "connect/conformance": 9, "connect/hubspot": 9, "connect/hubspot/hubspottest": 1, "connect/salesforce": 9, "connect/salesforce/salesforcetest": 1, "connect/mapping": 1, "connect/webhook": 9, "connect/importer": 9, "pay/rail/manual": 9, "pay/rail/csvfile": 9,
	"graph":  10,
	"server": 11,
	"cmd":    12, "internal/house": 12,
}

// pure packages compute: no rows, no network, no clock.
var pure = []string{"connect/mapping", "internal/form", "trust/pace", "track/order", "track/token", "track/agent", "track/attribution", "earn/plan", "earn/plan/lint", "earn/levels", "rates/ecb", "graph/contract", "graph/bounds", "internal/money", "internal/canon", "internal/facts", "internal/problem"}

func TestImportsGoDown(t *testing.T) {
	t.Parallel()
	imports(t, func(file, from, to string) {
		a, roomA := floor(from)
		b, roomB := floor(to)
		if a < 0 || b < 0 {
			t.Errorf("%s: %s or %s stands on no floor", file, from, to)
		} else if roomA != roomB && b >= a {
			t.Errorf("%s: %s (floor %d) must not import %s (floor %d)", file, from, a, to, b)
		}
	})
}

func floor(pkg string) (int, string) {
	for p := pkg; p != "."; p = filepath.Dir(p) {
		if n, ok := floors[p]; ok {
			return n, p
		}
	}
	return -1, ""
}

// imports visits each import of our packages in files that are not tests.
func imports(t *testing.T, visit func(file, from, to string)) {
	files(t, func(path string) {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range f.Imports {
			name, _ := strconv.Unquote(one.Path.Value)
			from := filepath.ToSlash(filepath.Dir(strings.TrimPrefix(path, "../../")))
			if to, ours := strings.CutPrefix(name, module); ours {
				visit(path, from, to)
			}
		}
	})
}

func files(t *testing.T, visit func(path string)) {
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && d.Name() != "entc.go" {
			visit(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPurePackagesReadNoClockAndNoRows(t *testing.T) {
	t.Parallel()
	banned := []string{"database/sql", "net/http", "entgo.io/", module + "ent"}
	for _, pkg := range pure {
		paths, _ := filepath.Glob("../../" + pkg + "/*.go")
		if len(paths) == 0 {
			t.Errorf("%s holds no files", pkg)
		}
		for _, path := range paths {
			if !strings.HasSuffix(path, "_test.go") {
				checkPure(t, path, banned)
			}
		}
	}
}
