package house

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// serverTime lists where rooms of rules read the server's clock, and why that is
// right there.
var serverTime = map[string]string{
	"../../track/hosts.go":       "when a host was removed is told, not reckoned with",
	"../../track/lookup.go":      "how long a miss is remembered",
	"../../track/visit.go":       "how long a visitor is remembered",
	"../../track/park.go":        "when a record was put aside",
	"../../track/record.go":      "when a row was changed",
	"../../track/tell.go":        "when it was told is beside when the row was made",
	"../../track/writer_rows.go": "when a click's row was made",
	"../../ledger/account.go":    "when a row was made",
	"../../ledger/checkpoint.go": "ids go by the server's clock",
	"../../ledger/post.go":       "ids go by the server's clock",
	"../../roster/clock.go":      "what the sandbox's clock is ahead of",
	"../../earn/due.go":          "what is due at merchants whose clock is the server's",

	"../../earn/simulate.go":       "when somebody last worked on it",
	"../../earn/simulate_apply.go": "when somebody last worked on it",
	"../../earn/simulate_post.go":  "when somebody last worked on it",
	"../../earn/simulate_work.go":  "when somebody last worked on it",
}

// A rule that reads the server's clock stands still in a sandbox whose clock was
// put forward: rules go by MerchantTime.
func TestN21_RulesGoByTheMerchantsClock(t *testing.T) {
	t.Parallel()
	for _, room := range []string{"roster", "track", "earn", "ledger", "pay"} {
		paths, err := filepath.Glob("../../" + room + "/*.go")
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v", room, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			reads := strings.Contains(string(text), "tx.Now()") || strings.Contains(string(text), "store.Now()")
			if reads && !strings.HasSuffix(path, "_test.go") && serverTime[path] == "" {
				t.Errorf("%s reads the server's clock; use MerchantTime, or say here why not", path)
			}
		}
	}
}
