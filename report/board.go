package report

import (
	"context"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// boardPause is between two readings of one board: a board reads rollups, which
// follow what happens within about a second.
const boardPause = time.Second

// Period is days that move on with the date, where the merchant is.
type Period string

// The periods. Each ends with today.
const (
	Today      Period = "TODAY"
	Last7Days  Period = "LAST_7_DAYS"
	Last30Days Period = "LAST_30_DAYS"
	ThisMonth  Period = "THIS_MONTH"
	ThisYear   Period = "THIS_YEAR"
)

// BoardDays are the days of a board: a period, or days of its own.
type BoardDays struct {
	Period   Period // empty for days of its own
	From, To string // first and last day, YYYY-MM-DD; empty for a period
}

// check refuses days that are neither or both. Errors: Invalid at period, from or to.
func (d BoardDays) check() error {
	if d.From == "" && d.To == "" {
		if d.Period == "" {
			return problem.At(problem.Invalid, "period", "says which days; or name the first in from and the last in to")
		}
		return nil
	}
	if d.Period != "" {
		return problem.At(problem.Invalid, "period", "names days of its own: leave it out, or leave out from and to")
	}
	return checkPeriod(d.From, d.To)
}

// bounds are the first instant of the days and the first after them, in a zone.
func (d BoardDays) bounds(now time.Time, zone *time.Location) ([]time.Time, error) {
	if d.Period == "" {
		all, err := parseDays(d.From, d.To, zone.String())
		if err != nil {
			return nil, err
		}
		return all.bounds(Whole)
	}
	year, month, day := now.In(zone).Date()
	today := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	first := today
	switch d.Period {
	case Last7Days:
		first = today.AddDate(0, 0, -6)
	case Last30Days:
		first = today.AddDate(0, 0, -29)
	case ThisMonth:
		first = today.AddDate(0, 0, 1-day)
	case ThisYear:
		first = time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	return days{first, today, zone}.bounds(Whole)
}

// board is what every board's question names.
type board struct {
	scope
	BoardDays
	zone string // in which days begin and end; the merchant's when empty
}

// boarded checks what a board is asked for. Errors: those of days and of a filter.
func (s *Service) boarded(ctx context.Context, f Filter, d BoardDays, zone string) (board, error) {
	if err := d.check(); err != nil {
		return board{}, err
	}
	if _, err := placed(zone); err != nil {
		return board{}, err
	}
	sc, err := s.scoped(ctx, f)
	return board{sc, d, zone}, err
}

// concerns reports whether rollups may change by an event: whosever it is, since a
// place among others moves with theirs.
func (b board) concerns(e *store.Event) bool {
	switch kind, _, _ := strings.Cut(e.Type, "."); kind {
	case "clicks", "conversion", "chargeback", "refund", "commission", "payout":
		return b.program == "" || e.ProgramID == "" || e.ProgramID == b.program
	}
	return false
}

// boardRead is what a board's numbers are read with.
type boardRead struct {
	seq      int64 // the rollups had counted up to it before they were read
	at       time.Time
	timeZone string
	bounds   []time.Time
}

// begin takes note of how far the rollups are, before they are read: what is read
// then holds at least that.
func (s *Service) begin(ctx context.Context, b board) (r boardRead, err error) {
	if r.seq, err = s.store.Cursor(ctx, rollupName); err != nil {
		return r, err
	}
	r.at, r.timeZone = s.store.MerchantTimeOf(b.merchant), b.zone
	if b.zone == "" {
		r.timeZone = "UTC"
		zone, err := texts(ctx, s.store.Read, `SELECT time_zone FROM merchants WHERE id = $1`, b.merchant)
		if err != nil {
			return r, err
		}
		if len(zone) == 1 {
			r.timeZone = zone[0]
		}
	}
	r.bounds, err = b.BoardDays.bounds(r.at, zoneOf(r.timeZone))
	return r, err
}

// rollUpsOf sums up what a board asks of its days, of all affiliates when it names none.
func (s *Service) rollUpsOf(ctx context.Context, b board, r boardRead, in Input) (*breakdown, error) {
	if in.Only == nil && b.program != "" {
		in.Only = map[Dimension][]string{ByProgram: {b.program}}
	}
	return s.breakDown(ctx, trust.Viewer{MerchantID: b.merchant, AffiliateID: b.affiliate}, in, r.bounds)
}

// rolled tells the boards that a merchant's rollups have moved here.
func (s *Service) rolled(merchant string) {
	s.leaders.counted(merchant)
	s.funnels.counted(merchant)
	s.healths.counted(merchant)
}
