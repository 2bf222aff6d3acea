package report

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/tributary/tributary/internal/store"
)

// LiveStats are totals that move: a snapshot of today and of all time.
type LiveStats struct {
	Cursor string     // the last event counted in; the feed goes on from here
	At     time.Time  // when these totals were read
	Today  []StatsRow // by currency; today is where each program keeps its books
	Total  []StatsRow // by currency
	Number int64      // the same for all who are told this snapshot, and for no other of this server
	seq    int64      // what Cursor seals
}

// Live gives the totals now and again after each change, until ctx ends or the
// server stops; then the channel is closed. Changes are gathered: a reader gets
// the latest totals, ten times a second at most, and never an older one after a
// newer. All who watch the same share one reader of the database. Errors: those
// of a filter.
func (s *Service) Live(ctx context.Context, f Filter) (<-chan LiveStats, error) {
	sc, err := s.scoped(ctx, f)
	if err != nil {
		return nil, err
	}
	return s.hub.join(ctx, sc), nil
}

// same reports whether two snapshots have the same numbers.
func (l LiveStats) same(o LiveStats) bool {
	return slices.Equal(l.Today, o.Today) && slices.Equal(l.Total, o.Total)
}

func (l LiveStats) numbered(n int64) LiveStats {
	l.Number = n
	return l
}

func (l LiveStats) read() (seq int64, at time.Time) { return l.seq, l.At }

func (s scope) of() string { return s.merchant }

// concerns reports whether an event changes the totals of a scope.
func (s scope) concerns(e *store.Event) bool {
	_, counts := rules[e.Type]
	return counts && s.covers(*e)
}

// snapshot reads totals and the follower's cursor in one statement: what the
// cursor has passed is in the totals, and nothing else is.
func (s *Service) snapshot(ctx context.Context, sc scope) (LiveStats, error) {
	now := s.store.MerchantTimeOf(sc.merchant)
	args := []any{sc.merchant}
	rows, err := s.store.Read(ctx, `SELECT f.seq, coalesce(s.zone, ''), coalesce(s.day, ''), coalesce(s.currency, ''), `+each("coalesce(s.%, 0)")+`
		FROM (SELECT coalesce(max(seq), 0) AS seq FROM followers WHERE id = `+bind(&args, followerName)+`) f LEFT JOIN (
			SELECT coalesce(p.time_zone, m.time_zone) AS zone, CASE WHEN t.day >= `+bind(&args, dayIn(now.AddDate(0, 0, -1), nil))+` THEN t.day ELSE '' END AS day,
				t.currency, `+each("CAST(sum(t.%) AS bigint) AS %")+`
			FROM tallies t JOIN merchants m ON m.id = t.merchant_id
				LEFT JOIN programs p ON p.merchant_id = t.merchant_id AND p.id = t.program_id
			WHERE `+sc.where(&args)+` GROUP BY 1, 2, 3
		) s ON 1 = 1`, args...)
	if err != nil {
		return LiveStats{}, err
	}
	defer rows.Close()
	live := LiveStats{At: now}
	if err := live.gather(rows, now); err != nil {
		return LiveStats{}, err
	}
	live.Cursor = s.store.Keys().SealCursor(epoch, sc.merchant, live.seq)
	return live, nil
}

// gather adds up the rows of a snapshot: sums by zone, recent day and currency.
func (l *LiveStats) gather(rows *sql.Rows, now time.Time) error {
	today, total := map[string]sums{}, map[string]sums{}
	for rows.Next() {
		var zone, day, currency string
		var sum sums
		if err := rows.Scan(append([]any{&l.seq, &zone, &day, &currency}, sum.pointers()...)...); err != nil {
			return err
		}
		if zone == "" {
			continue // there are no tallies, only the cursor
		}
		sum.addTo(total, currency)
		if day == dayIn(now, zoneOf(zone)) {
			sum.addTo(today, currency)
		}
	}
	l.Today, l.Total = rowsOf(today), rowsOf(total)
	return rows.Err()
}

func (s sums) addTo(byCurrency map[string]sums, currency string) {
	s.add(byCurrency[currency])
	byCurrency[currency] = s
}
