package problem

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write docs/errors.md")

func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	for code := range traits {
		if a := advices[code]; a.means == "" || a.mend == "" {
			t.Errorf("%s does not say what it means and what to do", code)
		}
	}
	if len(advices) != len(traits) {
		t.Errorf("%d explanations for %d codes", len(advices), len(traits))
	}
}

func TestTheCatalogueIsPublished(t *testing.T) {
	t.Parallel()
	const file = "../../docs/errors.md"
	if *update {
		if err := os.WriteFile(file, []byte(Catalogue()), 0o644); err != nil { // #nosec G306 -- a page of the documentation
			t.Fatal(err)
		}
	}
	published, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(published) != Catalogue() {
		t.Error("the codes changed; run: go test ./internal/problem -run Catalogue -update")
	}
}
