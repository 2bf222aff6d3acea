package report

import (
	"context"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// DateBasis is the date by which a report counts (Q70).
type DateBasis string

// The bases. A click counts for when it was opened, by each of them but BasisPayout.
const (
	BasisClick      DateBasis = basisClick      // when its click was opened; when it happened, of what no click is known of
	BasisConversion DateBasis = basisConversion // when it happened
	BasisApproval   DateBasis = basisApproval   // when its commission became payable; what never did is not counted
	BasisPayout     DateBasis = basisPayout     // when money was sent: payouts alone
)

// Dimension is something a report is broken down by.
type Dimension string

// The dimensions. Of clicks only program, affiliate, link and labels are known.
const (
	ByProgram   Dimension = "PROGRAM"
	ByAffiliate Dimension = "AFFILIATE"
	ByLink      Dimension = "LINK"
	ByCoupon    Dimension = "COUPON"
	ByCountry   Dimension = "COUNTRY"
	ByDevice    Dimension = "DEVICE"
	ByChannel   Dimension = "CHANNEL"
	ByS1        Dimension = "S1"
	ByS2        Dimension = "S2"
	ByS3        Dimension = "S3"
	ByS4        Dimension = "S4"
	ByS5        Dimension = "S5"

	byBasis Dimension = "BASIS" // what a funnel is broken down by: each stage has a date of its own
)

// Input is what a report is asked for.
type Input struct {
	From, To    string // first and last day, YYYY-MM-DD, in the time zone
	Basis       DateBasis
	TimeZone    string // IANA; the merchant's when empty
	Granularity Granularity
	Dimensions  []Dimension            // three at most, each once
	Only        map[Dimension][]string // values that count; any when a dimension is not there
	Top         int                    // how many groups get rows of their own
	Order       Metric                 // by which the top is chosen
	Currency    string                 // only amounts of this currency; needed to order by an amount
	Compare     Compare
}

// Report is the numbers of a period.
type Report struct {
	From, To    time.Time // first instant, and first instant after
	TimeZone    string
	At          time.Time // when it was read
	Complete    bool      // everything that had happened by then is counted in
	Rows        []Row     // the top's, by key and then by period; periods in which nothing happened are not there
	Other       []Row     // of all further keys together, by period
	OtherKeys   int       // how many those are
	Totals      Numbers   // of all keys and periods
	Against     *Numbers  // of the days compared with
	AgainstFrom *time.Time
	AgainstTo   *time.Time
}

// The bounds of a report.
const (
	maxDimensions = 3
	maxTop        = 1000
	maxValues     = 100     // of each filter
	maxGroups     = 200_000 // that are summed up in memory
)

// Report sums up rollups. An affiliate gets its own numbers, whatever it asks for.
// Errors: Invalid at the field that cannot be; NotFound at only for a program or an
// affiliate that is not the viewer's; TooLarge when the breakdown has more groups than a
// server will hold.
func (s *Service) Report(ctx context.Context, in Input) (Report, error) {
	v, err := viewer(ctx)
	if err != nil {
		return Report{}, err
	}
	if in, err = s.settle(ctx, v, in); err != nil {
		return Report{}, err
	}
	d, err := parseDays(in.From, in.To, in.TimeZone)
	if err != nil {
		return Report{}, err
	}
	bounds, err := d.bounds(in.Granularity)
	if err != nil {
		return Report{}, err
	}
	r := Report{From: bounds[0], To: bounds[len(bounds)-1], TimeZone: in.TimeZone, At: s.store.Now()}
	if r.Complete, err = s.rolledUpAll(ctx, v.MerchantID); err != nil {
		return Report{}, err
	}
	now, err := s.breakDown(ctx, v, in, bounds)
	if err != nil {
		return Report{}, err
	}
	var past *breakdown
	if earlier, ok := d.before(in.Compare); ok {
		if past, err = s.breakDownBefore(ctx, v, in, earlier, &r); err != nil {
			return Report{}, err
		}
	}
	r.tell(in, bounds, now, past)
	return r, nil
}

func (s *Service) breakDownBefore(ctx context.Context, v trust.Viewer, in Input, d days, r *Report) (*breakdown, error) {
	bounds, err := d.bounds(in.Granularity)
	if err != nil {
		return nil, err
	}
	r.AgainstFrom, r.AgainstTo = &bounds[0], &bounds[len(bounds)-1]
	return s.breakDown(ctx, v, in, bounds)
}

// rolledUpAll reports whether the rollups have come as far as the merchant's journal.
func (s *Service) rolledUpAll(ctx context.Context, merchant string) (bool, error) {
	head, err := s.store.HeadOf(ctx, merchant)
	if err != nil {
		return false, err
	}
	place, err := s.store.Cursor(ctx, rollupName)
	return place >= head, err
}

// settle fills in what was left out and refuses what cannot be.
func (s *Service) settle(ctx context.Context, v trust.Viewer, in Input) (Input, error) {
	if err := checkBreakdown(in); err != nil {
		return in, err
	}
	if in.TimeZone == "" {
		m, err := s.store.Client().Merchant.Get(ctx, v.MerchantID)
		if err != nil {
			return in, err
		}
		in.TimeZone = m.TimeZone
	}
	return in, s.known(ctx, in.Only)
}

// known refuses programs and affiliates that are not the viewer's to see.
func (s *Service) known(ctx context.Context, only map[Dimension][]string) error {
	for _, program := range only[ByProgram] {
		if _, err := s.scoped(ctx, Filter{ProgramID: program}); err != nil {
			return err
		}
	}
	for _, affiliate := range only[ByAffiliate] {
		if _, err := s.scoped(ctx, Filter{AffiliateID: affiliate}); err != nil {
			return err
		}
	}
	return nil
}

func checkBreakdown(in Input) error {
	seen := map[Dimension]bool{}
	for _, by := range in.Dimensions {
		if seen[by] {
			return problem.At(problem.Invalid, "dimensions", "names %s twice", by)
		}
		seen[by] = true
	}
	for by, values := range in.Only {
		if len(values) == 0 || len(values) > maxValues {
			return problem.At(problem.Invalid, "only", "names from 1 to %d values of %s", maxValues, by)
		}
	}
	if len(in.Dimensions) > maxDimensions {
		return problem.At(problem.Invalid, "dimensions", "are at most %d", maxDimensions)
	}
	if in.Top < 1 || in.Top > maxTop {
		return problem.At(problem.Invalid, "top", "is from 1 to %d", maxTop)
	}
	if in.Order.amount() && in.Currency == "" {
		return problem.At(problem.Invalid, "currency", "says which amounts to order by: those of different currencies cannot be compared")
	}
	return nil
}
