package report

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// healthEvery is how often a program's health is read while somebody watches, beside
// after each change: how syncs and the followers stand is no event.
const healthEvery = 5 * time.Second

// HealthInput is what a program's health is asked for.
type HealthInput struct {
	ProgramID string
	Period    Period // of the rates, and of what was settled or failed
}

// ProgramHealth is how a program does: rates of some days, and what waits now.
type ProgramHealth struct {
	ProgramID string
	From, To  time.Time // first instant, and first instant after
	TimeZone  string    // the merchant's
	At        time.Time // when it was read
	Amounts   []HealthAmounts
	Payouts   []HealthPayouts // of all programs of the merchant
	Number    int64           // the same for all who are told this, and for no other of this server
	Waiting
	Syncs
	Uptime

	rates
	seq int64 // the rollups had counted up to it
}

// rates are the counts of the days that rates are made of.
type rates struct{ Clicks, ClicksUnique, ClicksConverted, Conversions int64 }

// ClickRate is clicks that were converted of a hundred payable ones, to four digits; nil
// without such clicks.
func (r rates) ClickRate() *string { return quotient(r.ClicksConverted, 100, r.Clicks, 4) }

// ConversionRate is conversions of a hundred unique clicks, as a report's.
func (r rates) ConversionRate() *string { return quotient(r.Conversions, 100, r.ClicksUnique, 4) }

// Waiting is commission that waits for approval.
type Waiting struct {
	CommissionsWaiting      int64
	CommissionsWaitingSince *time.Time // when the oldest of it was earned
}

// Syncs is what is to be written to the program's integrations.
type Syncs struct {
	SyncPending     int64      // records that are not written as they stand
	SyncOldestSince *time.Time // when the first change was made that is not written
	SyncDead        int64      // records that are not tried again by themselves
	SyncFailing     int64      // integrations whose last call failed
}

// Uptime is how the server that answers does.
type Uptime struct {
	ServingSince  time.Time  // when it was started
	ReportsBehind *time.Time // when the first event was written that reports have not counted; nil for none
}

// SyncLatencySeconds is how long the oldest change has waited, in whole seconds; 0 for none.
func (h ProgramHealth) SyncLatencySeconds() int64 { return waited(h.SyncOldestSince, h.At) }

// ReportsLatencySeconds is how far reports are behind, in whole seconds.
func (h ProgramHealth) ReportsLatencySeconds() int64 { return waited(h.ReportsBehind, h.At) }

// UptimeSeconds is how long the server that answers has been serving, in whole seconds.
func (h ProgramHealth) UptimeSeconds() int64 { return waited(&h.ServingSince, h.At) }

func waited(since *time.Time, at time.Time) int64 {
	if since == nil || at.Before(*since) {
		return 0
	}
	return int64(at.Sub(*since) / time.Second)
}

// HealthAmounts are what was sold and given back in one currency.
type HealthAmounts struct {
	Currency        money.Currency
	sales, refunded int64 // in minor units
}

// Sales is the base of accepted conversions.
func (a HealthAmounts) Sales() string { return money.Of(a.sales, a.Currency).Decimal() }

// Refunded is the base given back of them.
func (a HealthAmounts) Refunded() string { return money.Of(a.refunded, a.Currency).Decimal() }

// RefundRate is what was given back of a hundred sold, to four digits; nil without sales.
func (a HealthAmounts) RefundRate() *string { return quotient(a.refunded, 100, a.sales, 4) }

// HealthPayouts are payouts in one currency.
type HealthPayouts struct {
	Currency                    money.Currency
	Due, Settled, Failed        int64 // how many
	dueMinor, settledM, failedM int64 // in minor units
}

// DueAmount is what payouts come to that are reserved or approved, and not settled.
func (p HealthPayouts) DueAmount() string { return money.Of(p.dueMinor, p.Currency).Decimal() }

// SettledAmount is what payouts come to that were settled in the days and stay so.
func (p HealthPayouts) SettledAmount() string { return money.Of(p.settledM, p.Currency).Decimal() }

// FailedAmount is what payouts of the days come to that failed or came back.
func (p HealthPayouts) FailedAmount() string { return money.Of(p.failedM, p.Currency).Decimal() }

// ProgramHealth reads how a program does. Errors: Forbidden for an affiliate; Invalid at
// period; NotFound at programId.
func (s *Service) ProgramHealth(ctx context.Context, in HealthInput) (ProgramHealth, error) {
	b, err := s.healthOf(ctx, in)
	if err != nil {
		return ProgramHealth{}, err
	}
	return s.examine(ctx, b)
}

// ProgramHealthLive gives it now and again when it has changed, until ctx ends or the
// server stops. Errors: those of ProgramHealth.
func (s *Service) ProgramHealthLive(ctx context.Context, in HealthInput) (<-chan ProgramHealth, error) {
	b, err := s.healthOf(ctx, in)
	if err != nil {
		return nil, err
	}
	return s.healths.join(ctx, b), nil
}

func (s *Service) healthOf(ctx context.Context, in HealthInput) (board, error) {
	v, err := viewer(ctx)
	if err != nil {
		return board{}, err
	}
	if v.AffiliateID != "" {
		return board{}, problem.New(problem.Forbidden, "the merchant's numbers are not open to affiliates").Because(trust.ErrForbidden)
	}
	return s.boarded(ctx, Filter{ProgramID: in.ProgramID}, BoardDays{Period: in.Period}, "")
}

// examine reads everything of a program's health.
func (s *Service) examine(ctx context.Context, b board) (ProgramHealth, error) {
	r, err := s.begin(ctx, b)
	if err != nil {
		return ProgramHealth{}, err
	}
	sums, err := s.rollUpsOf(ctx, b, r, Input{Basis: BasisConversion})
	if err != nil {
		return ProgramHealth{}, err
	}
	h := ProgramHealth{ProgramID: b.program, From: r.bounds[0], To: r.bounds[1], TimeZone: r.timeZone, At: r.at, seq: r.seq, Amounts: []HealthAmounts{}}
	h.ServingSince = s.started
	if n := sums.cells[place{}]; n != nil {
		h.rates = rates{Clicks: n.counts[ofClicks], ClicksUnique: n.counts[ofUnique], Conversions: n.counts[ofConversions]}
		for _, c := range slices.Sorted(maps.Keys(n.money)) {
			h.Amounts = append(h.Amounts, HealthAmounts{money.Currency(c), n.money[c][ofSales], n.money[c][ofRefunded]})
		}
	}
	for _, look := range []func(context.Context, board, *ProgramHealth) error{s.converted, s.waiting, s.payouts, s.syncs, s.behind} {
		if err := look(ctx, b, &h); err != nil {
			return ProgramHealth{}, err
		}
	}
	return h, nil
}

func (h ProgramHealth) same(o ProgramHealth) bool {
	return h.From.Equal(o.From) && h.To.Equal(o.To) && h.rates == o.rates && slices.Equal(h.Amounts, o.Amounts) && slices.Equal(h.Payouts, o.Payouts) &&
		h.CommissionsWaiting == o.CommissionsWaiting && sameTime(h.CommissionsWaitingSince, o.CommissionsWaitingSince) &&
		h.SyncPending == o.SyncPending && h.SyncDead == o.SyncDead && h.SyncFailing == o.SyncFailing && sameTime(h.SyncOldestSince, o.SyncOldestSince) &&
		sameTime(h.ReportsBehind, o.ReportsBehind)
}

// sameTime compares instants of which either may not be.
func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

func (h ProgramHealth) numbered(n int64) ProgramHealth {
	h.Number = n
	return h
}

func (h ProgramHealth) read() (seq int64, at time.Time) { return h.seq, h.At }
