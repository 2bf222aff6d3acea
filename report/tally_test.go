package report_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/report"
)

// What each event adds, typed by hand. Rows: day and currency, payable/unpayable
// clicks, conversions, sales, refunded, accrued, approved, paid.
func TestN04_EachEventAddsToItsTally(t *testing.T) {
	t.Parallel()
	m := open(t)
	p := m.program("Shoes", "Asia/Tokyo")
	a := m.affiliate(p)
	sale := func(kind, affiliate, day string, pairs ...string) store.Event {
		return fact(kind, p, affiliate, append([]string{"currency", "USD", "day", day, "base", "10000", "refunded", "0", "rating", "RATED"}, pairs...)...)
	}
	m.say(
		// 100.00 of sales, 10.00 of commission, half of it reversed before and a tenth after approval
		sale("conversion.accepted", a, "2026-03-01"),
		commission("accrued", p, a, 1000),
		sale("refund.recorded", a, "2026-03-01", "amount", "5000"),
		commission("reversed", p, a, 500, "from", "PENDING"),
		commission("approved", p, a, 500),
		commission("reversed", p, a, 50, "from", "APPROVED"),
		// a second commission is rejected, a third adjusted by hand
		commission("accrued", p, a, 77),
		commission("rejected", p, a, 77),
		commission("adjusted", p, a, -3),
		// edited up by 2.50, then cancelled with 52.50 left
		sale("conversion.amended", a, "2026-03-01", "base_delta", "250"),
		sale("conversion.cancelled", a, "2026-03-01", "amount", "5250"),
		// not accepted: waits for its acceptance, with what was refunded until then
		sale("refund.recorded", "", "2026-03-05", "amount", "900", "rating", "UNRATED"),
		sale("conversion.cancelled", "", "2026-03-05", "amount", "900", "rating", "WAITING"),
		sale("conversion.accepted", "", "2026-03-05", "base", "4000", "refunded", "900", "rating", "NO_CREDIT"),
		// nobody's conversion gets credit after all: all of it moves
		sale("conversion.accepted", "", "2026-03-06", "base", "4000", "rating", "NO_CREDIT"),
		sale("conversion.credited", a, "2026-03-06", "base", "4000", "refunded", "0"),
		fact("payout.settled", "", a, "amount", "447", "currency", "USD", "day", "2026-03-09"),
		fact("payout.reserved", "", a, "amount", "447", "currency", "USD", "day", "2026-03-09"), // counts nothing
		fact("weather.changed", p, a, "amount", "1"),                                            // is not known
	)
	m.count()
	want := []string{
		"2026-03-01USD 0/0 1 102.50 102.50 0.00 0.00 0.00", // 100.00 + 2.50; 50.00 + 52.50
		"2026-03-02USD 0/0 0 0.00 0.00 4.47 4.47 0.00",     // 10.00 − 5.00 − 0.50 + 0.77 − 0.77 − 0.03; 5.00 − 0.50 − 0.03
		"2026-03-06USD 0/0 1 40.00 0.00 0.00 0.00 0.00",
		"2026-03-09USD 0/0 0 0.00 0.00 0.00 0.00 4.47",
	}
	if got := spellAll(m.stats(m.as(a), report.Filter{}).Days); !slices.Equal(got, want) {
		t.Errorf("the affiliate's\n%q, want\n%q", got, want)
	}
	want[2] = "2026-03-06USD 0/0 1 40.00 0.00 0.00 0.00 0.00" // moved, not added
	want = slices.Insert(want, 2, "2026-03-05USD 0/0 1 40.00 9.00 0.00 0.00 0.00")
	if got := spellAll(m.stats(m.ctx, report.Filter{}).Days); !slices.Equal(got, want) {
		t.Errorf("the merchant's\n%q, want\n%q", got, want)
	}
	if got := spellAll(m.stats(m.ctx, report.Filter{ProgramID: p}).Totals); !slices.Equal(got, []string{"USD 0/0 3 182.50 111.50 4.47 4.47 0.00"}) {
		t.Errorf("the program's %q", got) // a payout belongs to no program
	}
}

// The day a clock goes back in New York has 25 hours, from 04:00 to 05:00 the
// next day in UTC; a day in Kathmandu begins at a quarter past the hour.
func TestQ69_ClicksFallOnTheProgramsDay(t *testing.T) {
	t.Parallel()
	m := open(t)
	newYork, nepal := m.program("NY", "America/New_York"), m.program("NP", "Asia/Kathmandu")
	a := m.affiliate(newYork, nepal)
	midnight := time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC)
	for h := range 48 { // from 22:00 EDT the day before
		m.clicks(newYork, a, midnight.Add(time.Duration(h-2)*time.Hour))
	}
	m.clicks(nepal, a, time.Date(2026, 11, 1, 18, 14, 59, 0, time.UTC)) // 23:59:59
	m.clicks(nepal, a, time.Date(2026, 11, 1, 18, 15, 0, 0, time.UTC))
	m.count()
	got := spellAll(m.stats(m.ctx, report.Filter{ProgramID: newYork}).Days)
	want := []string{"2026-10-31 2/0 0 0 0 0 0 0", "2026-11-01 25/0 0 0 0 0 0 0", "2026-11-02 21/0 0 0 0 0 0 0"}
	if !slices.Equal(got, want) {
		t.Errorf("New York %q, want %q", got, want)
	}
	got = spellAll(m.stats(m.ctx, report.Filter{ProgramID: nepal}).Days)
	if want := []string{"2026-11-01 1/0 0 0 0 0 0 0", "2026-11-02 1/0 0 0 0 0 0 0"}; !slices.Equal(got, want) {
		t.Errorf("Kathmandu %q, want %q", got, want)
	}
}

func TestUnreadableFactsHoldNothingUp(t *testing.T) {
	t.Parallel()
	m := open(t)
	p := m.program("Shoes", "UTC")
	a := m.affiliate(p)
	m.say(
		commission("accrued", p, a, 100),
		fact("commission.accrued", p, a, "amount", "1.5", "currency", "USD", "day", "2026-03-02"),
		fact("commission.accrued", p, a, "currency", "USD", "day", "2026-03-02"),
		fact("clicks.recorded", p, a, "clicks", "1", "unpayable", "0", "first", "noon"),
		commission("accrued", p, a, 10),
	)
	m.count()
	if got := spellAll(m.stats(m.ctx, report.Filter{}).Totals); !slices.Equal(got, []string{"USD 0/0 0 0.00 0.00 1.10 0.00 0.00"}) {
		t.Errorf("totals %q", got)
	}
}

// A batch that fails half-way leaves nothing, and two servers that count at once
// count every event once.
func TestN04_EveryEventIsCountedOnce(t *testing.T) {
	t.Parallel()
	m := open(t)
	p := m.program("Shoes", "UTC")
	a := m.affiliate(p)
	for range 40 {
		m.say(commission("accrued", p, a, 1), commission("approved", p, a, 1))
	}
	m.place()
	broken := m.Follower()
	broken.Apply = func(ctx context.Context, tx *store.Tx, events []store.Event) error {
		return errors.Join(m.Follower().Apply(ctx, tx, events), errors.New("the power went off"))
	}
	if _, err := m.store.Catch(m.ctx, broken); err == nil {
		t.Fatal("the failure was not told")
	}
	small := m.Follower()
	small.Batch = 7
	var servers sync.WaitGroup
	for range 4 {
		servers.Go(func() {
			for {
				if n, err := m.store.Catch(m.ctx, small); err != nil || n == 0 {
					if err != nil {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	servers.Wait()
	if got := spellAll(m.stats(m.ctx, report.Filter{}).Totals); !slices.Equal(got, []string{"USD 0/0 0 0.00 0.00 0.40 0.40 0.00"}) {
		t.Errorf("totals %q", got)
	}
}
