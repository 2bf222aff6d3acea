package report_test

import (
	"flag"
	"testing"

	"go.uber.org/goleak"

	"github.com/tributary/tributary/internal/draws"
)

// TestMain fails the package when a watch or a stream outlives its reader, and
// runs fewer rounds of property tests than rapid would: each is a merchant with
// some fifty commands on a real database. -rapid.checks asks for more.
func TestMain(m *testing.M) {
	_ = draws.Pin()
	_ = flag.Set("rapid.checks", "12")
	flag.Parse()
	goleak.VerifyTestMain(m)
}
