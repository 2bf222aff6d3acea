package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

func TestStatementsStayPreparedWithinABound(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := pooled(t, storetest.URL(t), 1)
	ctx, _ := storetest.Merchant(t, s)
	prepared := func() int { return one[int](t, s, `SELECT count(*) FROM pg_prepared_statements`) }
	for n := range 3 {
		if _, err := makeGroup(ctx, s, fmt.Sprint("warm", n)); err != nil {
			t.Fatal(err)
		}
	}
	warm := prepared()
	for n := range 20 {
		if _, err := makeGroup(ctx, s, fmt.Sprint("again", n)); err != nil {
			t.Fatal(err)
		}
	}
	if again := prepared(); warm < 3 || again != warm {
		t.Errorf("%d statements prepared, after the same commands %d", warm, again)
	}
	for n := range 400 {
		one[int](t, s, fmt.Sprintf(`SELECT $1::int + %d`, n), 1)
	}
	if many := prepared(); many < 200 || many > 256 {
		t.Errorf("%d statements prepared after 400 more", many)
	}
}

// Rows are read while the same statement runs again, and while so many others
// run that it is dropped: neither takes the rows away.
func TestRowsOutliveTheirStatementsNextUse(t *testing.T) {
	t.Parallel()
	onlyOn(t, false) // PostgreSQL reads one result at a time on a connection
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	const query = `SELECT n FROM (SELECT 1 AS n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) WHERE n > $1 ORDER BY n`
	err := run(ctx, s, func(ctx context.Context, tx *store.Tx) error {
		outer, err := tx.Query(ctx, query, 0)
		if err != nil {
			return err
		}
		defer outer.Close()
		var got, n int
		for outer.Next() {
			if err := outer.Scan(&n); err != nil {
				return err
			}
			got = 10*got + n
			var inner int
			if err := tx.QueryRow(ctx, query, n-1).Scan(&inner); err != nil || inner != n {
				t.Errorf("inner: %d, want %d: %v", inner, n, err)
			}
			for i := range 300 {
				if err := tx.QueryRow(ctx, fmt.Sprintf(`SELECT $1 + %d`, 1000*n+i), 1).Scan(&inner); err != nil {
					return err
				}
			}
		}
		if got != 1234 {
			t.Errorf("read %d", got)
		}
		return outer.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPlaceholdersAreRespelled(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	for query, want := range map[string]string{
		`SELECT 1`:                        `SELECT 1`,
		`a = $1 AND b = $2`:               `a = ? AND b = ?`,
		`a = $2 AND b = $1`:               `a = ?2 AND b = ?1`,
		`a = $1 OR b = $1`:                `a = ?1 OR b = ?1`,
		`($1,$2,$3,$4,$5,$6,$7,$8,$9,$10`: `(?,?,?,?,?,?,?,?,?,?`,
		`cost = '$' || $1`:                `cost = '$' || ?`,
		`$12`:                             `?12`,
		`$`:                               `$`,
	} {
		if s.Postgres() {
			want = query
		}
		if got := s.Respell(query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}
