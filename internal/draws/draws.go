// Package draws says how many random cases a test draws.
//
// It means: a property is shown by many cases, and the same many under the race
// detector show no more of it and take ten times as long: a race is in the access, not
// in the amount. What meets a database is drawn in full on SQLite, and in part on
// PostgreSQL and under the race detector. TRIBUTARY_LONG draws everything everywhere,
// TRIBUTARY_SEED the same every time.
//
// It owns these proportions, the seeds, and how long a rare case is waited for. It
// refuses to be used by anything but tests.
package draws

import (
	"errors"
	"flag"
	"os"
	"strconv"
)

// Cases is how many of n cases of pure rules are drawn.
func Cases(n int) int {
	if raced && !long() {
		return part(n, 10)
	}
	return n
}

// Stories is how many of n stories that meet a database are told.
func Stories(n int) int {
	if (raced || os.Getenv("TRIBUTARY_TEST_POSTGRES") != "") && !long() {
		return part(n, 3)
	}
	return n
}

// Checks has rapid check n stories for each of a package's properties, unless
// -rapid.checks asks for another number, from the seed of [Pin]. TestMain calls it.
func Checks(n int) error {
	return errors.Join(Pin(), flag.Set("rapid.checks", strconv.Itoa(Stories(n))))
}

func long() bool { return os.Getenv("TRIBUTARY_LONG") != "" }

func part(n, of int) int { return max(1, n/of) }
