package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// BoardMetric is what a leaderboard goes by, the greatest first.
type BoardMetric string

// The metrics. Amounts are of the board's currency.
const (
	BoardClicks      BoardMetric = "CLICKS"
	BoardConversions BoardMetric = "CONVERSIONS"
	BoardRevenue     BoardMetric = "REVENUE"
	BoardCommission  BoardMetric = "COMMISSION"
)

// LeaderboardInput is what a leaderboard is asked for.
type LeaderboardInput struct {
	ProgramID string
	BoardDays
	By       BoardMetric
	Currency string // only amounts of it, and conversions in it; needed to go by an amount
	Top      int    // how many places are told, from 1 to 100
}

// Leaderboard is who was best in some days.
type Leaderboard struct {
	ProgramID string
	From, To  time.Time // first instant, and first instant after
	TimeZone  string    // the merchant's
	At        time.Time // when it was read
	Rows      []LeaderboardRow
	Further   *int  // how many more affiliates have a place; not told to an affiliate
	Number    int64 // the same for all who are told this board, and for no other of this server

	seq int64 // the rollups had counted up to it
}

// LeaderboardRow is an affiliate's place.
type LeaderboardRow struct {
	Place       int // one more than how many have more
	AffiliateID string
	Clicks      int64 // payable
	Conversions int64 // accepted
	currency    money.Currency
	revenue     int64 // in minor units
	commission  int64
}

// Revenue is sales less what was given back; nil on a board without a currency.
func (r LeaderboardRow) Revenue() *string { return r.decimal(r.revenue) }

// Commission is pending and approved; nil on a board without a currency.
func (r LeaderboardRow) Commission() *string { return r.decimal(r.commission) }

func (r LeaderboardRow) decimal(minor int64) *string {
	if r.currency == "" {
		return nil
	}
	text := money.Of(minor, r.currency).Decimal()
	return &text
}

// score is what a row is placed by.
func (r LeaderboardRow) score(by BoardMetric) int64 {
	switch by {
	case BoardClicks:
		return r.Clicks
	case BoardRevenue:
		return r.revenue
	case BoardCommission:
		return r.commission
	}
	return r.Conversions
}

// leaders is the question of a leaderboard.
type leaders struct {
	board
	by       BoardMetric
	currency string
	top      int
}

const maxPlaces = 100

// Leaderboard reads who was best. An affiliate gets its own row alone, with its place
// among all. Errors: Invalid at period, from, to, top or currency; NotFound at programId.
func (s *Service) Leaderboard(ctx context.Context, in LeaderboardInput) (Leaderboard, error) {
	q, err := s.leadersOf(ctx, in)
	if err != nil {
		return Leaderboard{}, err
	}
	return s.lead(ctx, q)
}

// LeaderboardLive gives the board now and again after each change, at most once a
// second, until ctx ends or the server stops. Errors: those of Leaderboard.
func (s *Service) LeaderboardLive(ctx context.Context, in LeaderboardInput) (<-chan Leaderboard, error) {
	q, err := s.leadersOf(ctx, in)
	if err != nil {
		return nil, err
	}
	return s.leaders.join(ctx, q), nil
}

func (s *Service) leadersOf(ctx context.Context, in LeaderboardInput) (leaders, error) {
	if in.Top < 1 || in.Top > maxPlaces {
		return leaders{}, problem.At(problem.Invalid, "top", "is from 1 to %d", maxPlaces)
	}
	if (in.By == BoardRevenue || in.By == BoardCommission) && in.Currency == "" {
		return leaders{}, problem.At(problem.Invalid, "currency", "says which amounts to go by: those of different currencies cannot be compared")
	}
	b, err := s.boarded(ctx, Filter{ProgramID: in.ProgramID}, in.BoardDays, "")
	return leaders{b, in.By, in.Currency, in.Top}, err
}

// lead reads a board. Everybody's numbers are read for an affiliate too, which is told
// of them by its place alone.
func (s *Service) lead(ctx context.Context, q leaders) (Leaderboard, error) {
	r, err := s.begin(ctx, q.board)
	if err != nil {
		return Leaderboard{}, err
	}
	all := q.board
	all.affiliate = ""
	sums, err := s.rollUpsOf(ctx, all, r, Input{Basis: BasisConversion, Dimensions: []Dimension{ByAffiliate}, Currency: q.currency})
	if err != nil {
		return Leaderboard{}, err
	}
	l := Leaderboard{ProgramID: q.program, From: r.bounds[0], To: r.bounds[1], TimeZone: r.timeZone, At: r.at, seq: r.seq}
	l.tell(q, ranked(sums, q))
	return l, nil
}

// ranked are all affiliates that have a place, the best first: who has none of what
// the board goes by has none.
func ranked(sums *breakdown, q leaders) (rows []LeaderboardRow) {
	for at, n := range sums.cells {
		f := n.money[q.currency]
		row := LeaderboardRow{
			AffiliateID: at.group[0], Clicks: n.counts[ofClicks], Conversions: n.counts[ofConversions],
			currency: money.Currency(q.currency), revenue: f[ofSales] - f[ofRefunded], commission: f[ofPending] + f[ofApproved],
		}
		if row.AffiliateID != "" && row.score(q.by) > 0 {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b LeaderboardRow) int {
		return cmp.Or(cmp.Compare(b.score(q.by), a.score(q.by)), cmp.Compare(a.AffiliateID, b.AffiliateID))
	})
	for i := range rows {
		rows[i].Place = i + 1
		if i > 0 && rows[i].score(q.by) == rows[i-1].score(q.by) {
			rows[i].Place = rows[i-1].Place
		}
	}
	return rows
}

// tell keeps of all places those that the viewer is to see.
func (l *Leaderboard) tell(q leaders, all []LeaderboardRow) {
	if q.affiliate != "" {
		l.Rows = slices.DeleteFunc(all, func(r LeaderboardRow) bool { return r.AffiliateID != q.affiliate })
		return
	}
	l.Rows = all[:min(q.top, len(all))]
	further := len(all) - len(l.Rows)
	l.Further = &further
}

func (l Leaderboard) same(o Leaderboard) bool {
	return l.From.Equal(o.From) && l.To.Equal(o.To) && slices.Equal(l.Rows, o.Rows) &&
		(l.Further == nil || *l.Further == *o.Further)
}

func (l Leaderboard) numbered(n int64) Leaderboard {
	l.Number = n
	return l
}

func (l Leaderboard) read() (seq int64, at time.Time) { return l.seq, l.At }
