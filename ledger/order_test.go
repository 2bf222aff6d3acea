package ledger

import (
	"database/sql"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

// Go and SQL spell the first id after a millisecond alike, and ids made in that
// millisecond and the next lie on either side of it.
func TestFirstIDAfterAMillisecond(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	for _, ms := range []int64{-1, 0, 1, 30, 31, 32, 1023, 1024, 1<<32 - 1, 1_772_445_600_000, 1_795_334_402_340, 1<<48 - 3} {
		var spelled string
		if err := each(trust.With(t.Context(), trust.System("")), s.Read, `SELECT `+firstAfterSQL("CAST($1 AS bigint)"), []any{ms}, func(rows *sql.Rows) error {
			return rows.Scan(&spelled)
		}); err != nil {
			t.Fatal(err)
		}
		first := firstAfter(ms)
		if first != spelled+"0000000000000000" {
			t.Errorf("%d: %s in Go, %s in SQL", ms, first, spelled)
		}
		after := id.New(id.Entry, time.UnixMilli(ms+1))
		if after < first || after < spelled {
			t.Errorf("%d: %s lies before %s", ms, after, first)
		}
		if ms < 0 {
			continue
		}
		if at := id.New(id.Entry, time.UnixMilli(ms)); at >= first || at >= spelled {
			t.Errorf("%d: %s lies after %s", ms, at, first)
		}
	}
}
