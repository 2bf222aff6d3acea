package report

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

// StatsInput names a period, and narrows the numbers.
type StatsInput struct {
	Filter
	From, To string // first and last day, YYYY-MM-DD, by the books of each program
}

// Stats are the numbers of a period.
type Stats struct {
	Days   []StatsRow // by day and currency; days on which nothing happened are not there
	Totals []StatsRow // of all days together, by currency
}

// maxDays is how long a period may be: two years and a leap day.
const maxDays = 731

// Stats adds up the tallies of a period. Errors: Invalid at from or to; those of
// a filter.
func (s *Service) Stats(ctx context.Context, in StatsInput) (Stats, error) {
	if err := checkPeriod(in.From, in.To); err != nil {
		return Stats{}, err
	}
	sc, err := s.scoped(ctx, in.Filter)
	if err != nil {
		return Stats{}, err
	}
	days, err := s.days(ctx, sc, in.From, in.To)
	return Stats{Days: days, Totals: totals(days)}, err
}

func checkPeriod(from, to string) error {
	first, err := time.Parse(time.DateOnly, from)
	if err != nil {
		return problem.At(problem.Invalid, "from", "is no day, such as 2026-03-02")
	}
	last, err := time.Parse(time.DateOnly, to)
	if err != nil {
		return problem.At(problem.Invalid, "to", "is no day, such as 2026-03-02")
	}
	if days := int(last.Sub(first).Hours()/24) + 1; days < 1 || days > maxDays {
		return problem.At(problem.Invalid, "to", "must be from the first day on, and at most %d days", maxDays)
	}
	return nil
}

func (s *Service) days(ctx context.Context, sc scope, from, to string) ([]StatsRow, error) {
	args := []any{sc.merchant}
	rows, err := s.store.Read(ctx, `SELECT t.day, t.currency, `+each("CAST(sum(t.%) AS bigint)")+` FROM tallies t
		WHERE `+sc.where(&args)+` AND t.day >= `+bind(&args, from)+` AND t.day <= `+bind(&args, to)+`
		GROUP BY t.day, t.currency ORDER BY t.day, t.currency`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var days []StatsRow
	for rows.Next() {
		var day, currency string
		var sum sums
		if err := rows.Scan(append([]any{&day, &currency}, sum.pointers()...)...); err != nil {
			return nil, err
		}
		days = append(days, rowOf(day, currency, sum))
	}
	return days, rows.Err()
}

// totals adds rows up by currency.
func totals(days []StatsRow) []StatsRow {
	byCurrency := map[string]sums{}
	for _, d := range days {
		sum := byCurrency[d.Currency]
		sum.add(d.sums)
		byCurrency[d.Currency] = sum
	}
	return rowsOf(byCurrency)
}

func rowsOf(byCurrency map[string]sums) []StatsRow {
	out := make([]StatsRow, 0, len(byCurrency))
	for _, c := range slices.SortedFunc(maps.Keys(byCurrency), cmp.Compare[string]) {
		out = append(out, rowOf("", c, byCurrency[c]))
	}
	return out
}
