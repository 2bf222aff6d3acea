package earn_test

import (
	"flag"
	"os"
	"testing"

	"github.com/tributary/tributary/internal/draws"
)

// TestMain says how many random stories a property is shown by.
func TestMain(m *testing.M) {
	_ = draws.Checks(100)
	flag.Parse()
	os.Exit(m.Run())
}
