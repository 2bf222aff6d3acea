package pay_test

import (
	"flag"
	"os"
	"testing"

	"github.com/tributary/tributary/internal/draws"
)

// TestMain runs fewer rounds of property tests than rapid would: each is a
// merchant with some fifty commands on a real database. -rapid.checks asks for
// more.
func TestMain(m *testing.M) {
	_ = draws.Pin()
	_ = flag.Set("rapid.checks", "20")
	flag.Parse()
	os.Exit(m.Run())
}
