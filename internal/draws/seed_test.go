package draws_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/internal/draws"
)

// What comes once in some thousand cases is waited for, with any seed.
func TestExploreWaitsForWhatIsRare(t *testing.T) {
	if err := draws.Pin(); err != nil {
		t.Fatal(err)
	}
	seen, cases := map[string]int{}, map[uint64]int{}
	draws.Explore(t, seen, func(t *rapid.T) {
		n := rapid.Custom(func(t *rapid.T) uint64 { return rapid.Uint64Range(0, 1<<40).Draw(t, "n") }).Draw(t, "n")
		cases[n]++
		if len(cases) > 250 { // more different cases than three rounds tell
			seen["rare"]++
		}
	}, "rare")
}

func TestASeedIsTheTestsOwn(t *testing.T) {
	t.Setenv("TRIBUTARY_SEED", "a")
	if first := draws.Seed(t, 0); first != draws.Seed(t, 0) || first == draws.Seed(t, 1) {
		t.Errorf("%d, then %d, and %d for the second run", first, draws.Seed(t, 0), draws.Seed(t, 1))
	}
	here := draws.Seed(t, 0)
	t.Run("another test", func(t *testing.T) {
		if draws.Seed(t, 0) == here {
			t.Error("two tests draw the same")
		}
	})
	t.Setenv("TRIBUTARY_SEED", "b")
	if draws.Seed(t, 0) == here {
		t.Error("another seed draws the same")
	}
}
