package draws

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// Pin has rapid draw from TRIBUTARY_SEED, where that is set: who runs the same sources
// with the same seed meets the same cases. TestMain calls it, if not [Checks].
func Pin() error {
	if pinned() == "" {
		return nil
	}
	return flag.Set("rapid.seed", strconv.FormatUint(seed("rapid")|1, 10))
}

// Seed is what the nth random run of a test starts from: any number, or what
// TRIBUTARY_SEED makes of the test's name and n. The test's log has it.
func Seed(t testing.TB, n uint64) uint64 {
	t.Helper()
	s := rand.Uint64() // #nosec G404 -- cases of tests, not secrets
	if pinned() != "" {
		s = seed(fmt.Sprint(t.Name(), n))
	}
	t.Logf("seed %d", s)
	return s
}

func pinned() string { return os.Getenv("TRIBUTARY_SEED") }

func seed(of string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(pinned() + of)) // a hash takes everything
	return h.Sum64()
}

// rounds is how many times as long as usual a rare case is waited for.
const rounds = 20

// Explore checks a property until every wanted thing was met, which the property counts
// in seen: what is rare is waited for, so that no test fails for want of luck.
func Explore(t *testing.T, seen map[string]int, property func(*rapid.T), want ...string) {
	t.Helper()
	Until(t, property, func() []string {
		return slices.DeleteFunc(slices.Clone(want), func(what string) bool { return seen[what] > 0 })
	})
	t.Log(seen)
}

// Until checks a property until nothing is missing, and fails with what still is.
func Until(t *testing.T, property func(*rapid.T), missing func() []string) {
	t.Helper()
	for round := 0; round == 0 || round < rounds && len(missing()) > 0 && !t.Failed(); round++ {
		rapid.Check(t, func(rt *rapid.T) {
			for range round { // a pinned seed would tell the same stories again
				rapid.Uint64().Draw(rt, "round")
			}
			property(rt)
		})
	}
	if m := missing(); len(m) > 0 && !t.Failed() {
		t.Errorf("never met, or too seldom: %q", m)
	}
}
