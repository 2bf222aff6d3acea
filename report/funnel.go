package report

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tributary/tributary/internal/money"
)

// FunnelInput is what a funnel is asked for.
type FunnelInput struct {
	Filter
	BoardDays
	TimeZone string // IANA; the merchant's when empty
}

// Funnel is how much of each stage happened in some days, each at its own date: who
// buys today may have clicked before.
type Funnel struct {
	ProgramID, AffiliateID string    // what it is narrowed to; empty for all
	From, To               time.Time // first instant, and first instant after
	TimeZone               string
	At                     time.Time // when it was read
	Clicks                 int64     // payable, opened in these days
	ClicksUnpayable        int64
	ClicksUnique           int64 // openings by people, repeated ones left out
	Conversions            int64 // accepted ones that happened in these days, leads included
	Leads                  int64
	Approved               int64 // accepted ones whose commission became payable in these days
	Amounts                []FunnelAmounts
	Number                 int64 // the same for all who are told this funnel, and for no other of this server

	seq int64 // the rollups had counted up to it
}

// FunnelAmounts are what the stages come to in one currency.
type FunnelAmounts struct {
	Currency money.Currency

	sales, commission, approved, paid int64 // in minor units
	program                           bool  // of one program, to which no payout belongs
}

// Purchases are conversions that are no leads.
func (f Funnel) Purchases() int64 { return f.Conversions - f.Leads }

// Sales is the base of the conversions.
func (a FunnelAmounts) Sales() string { return a.decimal(a.sales) }

// Commission is what the conversions earned, pending and approved.
func (a FunnelAmounts) Commission() string { return a.decimal(a.commission) }

// Approved is commission that became payable in these days.
func (a FunnelAmounts) Approved() string { return a.decimal(a.approved) }

// Paid is payouts settled in these days; nil for one program, since a payout is of all.
func (a FunnelAmounts) Paid() *string {
	if a.program {
		return nil
	}
	text := a.decimal(a.paid)
	return &text
}

func (a FunnelAmounts) decimal(minor int64) string { return money.Of(minor, a.Currency).Decimal() }

// Funnel reads how far it went. An affiliate gets its own, and an affiliate named that it
// is not is not found. Errors: Invalid at period, from, to or timeZone; NotFound at
// programId or affiliateId.
func (s *Service) Funnel(ctx context.Context, in FunnelInput) (Funnel, error) {
	b, err := s.boarded(ctx, in.Filter, in.BoardDays, in.TimeZone)
	if err != nil {
		return Funnel{}, err
	}
	return s.pour(ctx, b)
}

// FunnelLive gives the funnel now and again after each change, at most once a second,
// until ctx ends or the server stops. Errors: those of Funnel.
func (s *Service) FunnelLive(ctx context.Context, in FunnelInput) (<-chan Funnel, error) {
	b, err := s.boarded(ctx, in.Filter, in.BoardDays, in.TimeZone)
	if err != nil {
		return nil, err
	}
	return s.funnels.join(ctx, b), nil
}

// pour reads a funnel, all its stages in one statement.
func (s *Service) pour(ctx context.Context, b board) (Funnel, error) {
	r, err := s.begin(ctx, b)
	if err != nil {
		return Funnel{}, err
	}
	sums, err := s.rollUpsOf(ctx, b, r, Input{Basis: BasisConversion, Dimensions: []Dimension{byBasis}})
	if err != nil {
		return Funnel{}, err
	}
	f := Funnel{ProgramID: b.program, AffiliateID: b.affiliate, From: r.bounds[0], To: r.bounds[1], TimeZone: r.timeZone, At: r.at, seq: r.seq}
	f.tell(sums)
	return f, nil
}

// tell takes each stage from the date it goes by.
func (f *Funnel) tell(sums *breakdown) {
	byCurrency := map[string]*FunnelAmounts{}
	for at, n := range sums.cells {
		basis := at.group[0]
		switch basis {
		case basisOpened:
			f.Clicks, f.ClicksUnpayable, f.ClicksUnique = n.counts[ofClicks], n.counts[ofUnpayable], n.counts[ofUnique]
		case basisConversion:
			f.Conversions, f.Leads = n.counts[ofConversions], n.counts[ofLeads]
		case basisApproval:
			f.Approved = n.counts[ofConversions]
		}
		for currency, sum := range n.money {
			if byCurrency[currency] == nil {
				byCurrency[currency] = &FunnelAmounts{Currency: money.Currency(currency), program: f.ProgramID != ""}
			}
			byCurrency[currency].add(basis, sum)
		}
	}
	f.Amounts = []FunnelAmounts{}
	for _, currency := range slices.Sorted(maps.Keys(byCurrency)) {
		f.Amounts = append(f.Amounts, *byCurrency[currency])
	}
}

func (a *FunnelAmounts) add(basis string, sum figures) {
	switch basis {
	case basisConversion:
		a.sales, a.commission = sum[ofSales], sum[ofPending]+sum[ofApproved]
	case basisApproval:
		a.approved = sum[ofApproved]
	case basisPayout:
		a.paid = sum[ofPaid]
	}
}

func (f Funnel) same(o Funnel) bool {
	return f.From.Equal(o.From) && f.To.Equal(o.To) && slices.Equal(f.Amounts, o.Amounts) &&
		f.Clicks == o.Clicks && f.ClicksUnpayable == o.ClicksUnpayable && f.ClicksUnique == o.ClicksUnique &&
		f.Conversions == o.Conversions && f.Leads == o.Leads && f.Approved == o.Approved
}

func (f Funnel) numbered(n int64) Funnel {
	f.Number = n
	return f
}

func (f Funnel) read() (seq int64, at time.Time) { return f.seq, f.At }
