package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

func checkPure(t *testing.T, path string, banned []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range f.Imports {
		for _, b := range banned {
			if strings.HasPrefix(strings.Trim(one.Path.Value, `"`), b) {
				t.Errorf("%s imports %s", path, one.Path.Value)
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && s.Sel.Name == "Now" {
				t.Errorf("%s reads the clock", path)
			}
		}
		return true
	})
}

// rawDoors may speak SQL; each of their queries names the merchant.
var rawDoors = []string{
	"../../internal/store/", "../../internal/queue/", "../../ent/", "../../ledger/", "../../report/",
	"../../roster/tree_read.go",  // trees of any depth, in recursive statements
	"../../track/writer",         // rows of clicks, thousands at once
	"../../track/count.go",       // counts the clicks of a day in one statement
	"../../track/find.go",        // tells a row that was there from one that was made
	"../../track/lookups.go",     // what every order looks up, each in one statement
	"../../cmd/tributary/bench/", // baselines, on tables of their own
}

var rawCall = regexp.MustCompile(`tx\.(Exec|Query|QueryRow|Prepare)\(|Store\.Read\(|store\.Read\(|\.DB\(\)|entsql\.|\.SQL\(\)|"database/sql"`)

// The check sees every raw door there is, and not what only looks like one: were
// one of these not found, a room could read past the wall unnoticed.
func TestR2_RawDoorCheckSeesEveryDoor(t *testing.T) {
	t.Parallel()
	for _, door := range []string{
		"tx.Exec(ctx, `DELETE FROM links`)", "tx.Query(ctx, q)", "tx.QueryRow(ctx, q)", "tx.Prepare(ctx, q)",
		"s.store.Read(ctx, q)", "r.Store.Read(ctx, q)", "s.store.DB().Exec(q)", `entsql.OpenDB(d, db)`, `import "database/sql"`,
	} {
		if !rawCall.MatchString(door) {
			t.Errorf("%s is not seen", door)
		}
	}
	for _, plain := range []string{"tx.Ent().Link.Query().All(ctx)", "conn.Read(ctx)", "io.ReadAll(r)"} {
		if rawCall.MatchString(plain) {
			t.Errorf("%s is taken for a raw door", plain)
		}
	}
}

// allMerchants may work for every merchant at once, which row-level security lets
// through.
var allMerchants = []string{"../../internal/store/", "../../track/writer.go"}

func TestFewWorkForAllMerchants(t *testing.T) {
	t.Parallel()
	files(t, func(path string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, door := range allMerchants {
			if strings.HasPrefix(path, door) {
				return
			}
		}
		if strings.Contains(string(text), `System("")`) {
			t.Errorf("%s works for all merchants", path)
		}
	})
}

func TestRawDoorsAreFew(t *testing.T) {
	t.Parallel()
	files(t, func(path string) {
		for _, door := range rawDoors {
			if strings.HasPrefix(path, door) {
				return
			}
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if found := rawCall.Find(text); found != nil {
			t.Errorf("%s speaks SQL past the wall: %s", path, found)
		}
	})
}
