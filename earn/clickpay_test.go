package earn_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/click"
	"github.com/tributary/tributary/ent/clickday"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
)

// cents pays so much for each click, to everybody.
func cents(n int64) plan.Clicks {
	return plan.Clicks{Level: plan.LevelProgram, Amount: money.Of(n, "USD")}
}

// paysClicks is a program whose terms pay for clicks.
func paysClicks(t *testing.T, c ...plan.Clicks) (*market, string) {
	t.Helper()
	return planned(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, HoldDays: 30, AutoApprove: true, Clicks: c})
}

// clicks stores one click of an instant from each of the networks, as the writer of
// clicks does: rows and one event. "" is a visitor who allows no identifiers, "!" a
// click that may not earn.
func (m *market) clicks(affiliateID string, at time.Time, networks ...string) {
	m.t.Helper()
	m.run(func(ctx context.Context, tx *store.Tx) error {
		lost := 0
		for _, n := range networks {
			row := tx.Ent().Click.Create().SetID(id.New(id.Click, at)).SetProgramID(m.program).SetAffiliateID(affiliateID).SetLinkID("lnk_test").
				SetClickedAt(at).SetKind(click.KindHUMAN).SetPayable(n != "!").SetConsent(n != "")
			if n != "" {
				row.SetNetworkHash([]byte(n))
			}
			if n == "!" {
				lost++
			}
			if err := row.Exec(ctx); err != nil {
				return err
			}
		}
		stamp := at.UTC().Format(time.RFC3339Nano)
		tx.Emit(store.Event{Type: track.EventClicks, Subject: affiliateID, ProgramID: m.program, AffiliateID: affiliateID, Facts: map[string]string{
			"clicks": strconv.Itoa(len(networks)), "unpayable": strconv.Itoa(lost), "first": stamp, "last": stamp,
		}})
		return nil
	})
}

// counted reads the journal to its end, and counts the days that are due.
func (m *market) counted() int {
	m.t.Helper()
	for {
		m.place()
		if storetest.Must[int](m.t)(m.store.Catch(m.ctx, m.ClickDays())) == 0 {
			break
		}
	}
	return storetest.Must[int](m.t)(m.PayClicks(m.ctx, 100))
}

// to puts the clock to an instant.
func (m *market) to(at time.Time) { m.clock.Advance(at.Sub(m.store.Now())) }

// The program's clocks are Tokyo's: its day of 2 March ends at 15:00 UTC.
var (
	noon     = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	midnight = time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
)

func TestC18_ClicksOfADayArePaidOnce(t *testing.T) {
	t.Parallel()
	m, who := paysClicks(t, cents(5))
	m.clicks(who, noon, "a", "a", "b", "", "!")
	m.clicks(who, noon.Add(time.Hour), "a", "!")
	m.clicks(who, midnight.Add(-time.Millisecond), "c")
	m.clicks(who, midnight, "a") // the next day's
	m.to(midnight.Add(time.Hour - time.Second))
	if n := m.counted(); n != 0 {
		t.Errorf("%d days were counted while rows may come", n)
	}
	m.to(midnight.Add(time.Hour))
	if n := m.counted(); n != 1 {
		t.Errorf("%d days were counted", n)
	}
	m.books("8 clicks, 3 networks: 3 × 0.05", who, "USD", 15, 0)
	if n := m.counted(); n != 0 {
		t.Errorf("%d days were counted again", n)
	}
	m.to(midnight.Add(25 * time.Hour))
	m.counted()
	m.books("the next day's one", who, "USD", 20, 0)
	rows := m.bonuses(who)
	if len(rows) != 2 || rows[0].Kind != commission.KindCLICK || !rows[0].EarnedAt.Equal(midnight.Add(-time.Microsecond)) || !rows[0].DueAt.Equal(rows[0].EarnedAt.Add(30*24*time.Hour)) {
		t.Fatalf("%+v", rows)
	}
	m.clock.Advance(40 * 24 * time.Hour)
	storetest.Must[int](t)(m.ApproveDue(m.ctx, 10))
	m.books("after the hold", who, "USD", 0, 20)
}

// Servers that know nothing of each other, and one that was started anew, each take a
// visitor's click for the first. What repeats within minutes is paid once all the same.
func TestC18_RepeatsArePaidOnceWhoeverAnsweredThem(t *testing.T) {
	t.Parallel()
	c := cents(5)
	c.Repeats = true
	m, who := paysClicks(t, c)
	m.clicks(who, noon, "a", "a") // two people of one network
	for _, v := range []struct {
		visitor string
		after   time.Duration
	}{
		{"x", 0}, {"x", time.Second}, {"y", 2 * time.Second}, {"x", 10*time.Minute - time.Millisecond}, // x and y are one each
		{"x", 10 * time.Minute}, {"x", 12 * time.Minute}, // one more
		{"y", 23 * time.Hour}, // the next day's
	} {
		at := noon.Add(v.after)
		m.run(func(ctx context.Context, tx *store.Tx) error {
			stamp := at.UTC().Format(time.RFC3339Nano)
			tx.Emit(store.Event{Type: track.EventClicks, Subject: who, ProgramID: m.program, AffiliateID: who, Facts: map[string]string{"clicks": "1", "unpayable": "0", "first": stamp, "last": stamp}})
			return tx.Ent().Click.Create().SetID(id.New(id.Click, at)).SetProgramID(m.program).SetAffiliateID(who).SetLinkID("lnk_test").
				SetClickedAt(at).SetKind(click.KindHUMAN).SetPayable(true).SetConsent(true).SetNetworkHash([]byte("b")).SetVisitorHash([]byte(v.visitor)).Exec(ctx)
		})
	}
	m.to(midnight.Add(time.Hour))
	m.counted()
	m.books("2 of a network, x twice and y once: 5 × 0.05", who, "USD", 25, 0)
}

// Rows that come when their day was counted earn what they add, and a journal that is
// read again from its beginning adds nothing.
func TestC18_LateRowsEarnWhatTheyAdd(t *testing.T) {
	t.Parallel()
	m, who := paysClicks(t, cents(5))
	m.clicks(who, noon, "a", "b")
	m.to(midnight.Add(30 * time.Hour))
	m.counted()
	m.books("two", who, "USD", 10, 0)
	m.clicks(who, noon.Add(time.Minute), "b", "c")
	m.counted()
	m.books("one more network", who, "USD", 15, 0)
	m.run(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE followers SET seq = 0 WHERE id = $1`, m.ClickDays().Name)
		return err
	})
	if n := m.counted(); n != 1 {
		t.Errorf("%d days were counted again", n)
	}
	m.books("nothing twice", who, "USD", 15, 0)
	rows := m.bonuses(who)
	if len(rows) != 2 {
		t.Fatalf("%+v", rows)
	}
	_, err := m.CommissionReject(m.ctx, earn.CommissionRejectInput{ID: rows[1].ID, Reason: "Robots."})
	m.must(err)
	m.clicks(who, noon.Add(2*time.Minute), "d")
	m.counted()
	m.books("what a person rejected stays rejected", who, "USD", 10, 0)
}

func TestC18_ManyCountOneDayOnce(t *testing.T) {
	t.Parallel()
	m, who := paysClicks(t, cents(5))
	m.clicks(who, noon, "a", "b")
	m.to(midnight.Add(30 * time.Hour))
	m.place()
	storetest.Must[int](t)(m.store.Catch(m.ctx, m.ClickDays()))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := m.PayClicks(m.ctx, 100); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	m.books("once", who, "USD", 10, 0)
}

// A day is under the terms of its first instant; a program's first terms pay what comes
// after them; without terms for clicks there are no days.
func TestC18_ADayIsUnderTheTermsOfItsFirstInstant(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.affiliate("ada")
	m.clicks(who, m.store.Now().Add(-time.Hour), "a")
	plain := m.terms(percent("10"))
	m.clicks(who, noon, "b")
	m.to(noon.Add(time.Hour))
	_, err := m.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: plain.PlanID, Rules: []plan.Rule{percent("10")}, Clicks: []plan.Clicks{cents(5)}})
	m.must(err)
	m.clicks(who, noon.Add(90*time.Minute), "c")
	m.clicks(who, midnight.Add(time.Minute), "d", "e")
	m.to(midnight.Add(2 * time.Hour))
	_, err = m.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: plain.PlanID, Rules: []plan.Rule{percent("10")}, Clicks: []plan.Clicks{cents(100)}})
	m.must(err)
	m.clicks(who, midnight.Add(3*time.Hour), "f")
	m.to(midnight.Add(48 * time.Hour))
	m.counted()
	m.books("three clicks of the day after", who, "USD", 15, 0)
	if n := storetest.Must[int](t)(m.store.Client().ClickDay.Query().Count(m.ctx)); n != 1 {
		t.Errorf("%d days", n)
	}
}

// Were the program's clocks set to another zone, its days would overlap: a click is of
// one of them all the same.
func TestC18_AnotherTimeZonePaysNoClickTwice(t *testing.T) {
	t.Parallel()
	m, who := paysClicks(t, cents(5))
	m.clicks(who, noon, "a")
	m.clicks(who, midnight.Add(9*time.Hour), "a") // 3 March, 09:00 in Tokyo
	m.place()
	storetest.Must[int](t)(m.store.Catch(m.ctx, m.ClickDays()))
	_, err := m.roster.ProgramUpdate(m.ctx, roster.ProgramUpdateInput{ID: m.program, TimeZone: ptrTo("America/New_York")})
	m.must(err)
	m.clicks(who, midnight.Add(12*time.Hour), "b") // 3 March, 12:00 in Tokyo
	m.clicks(who, midnight.Add(30*time.Hour), "c") // 3 March, 16:00 in New York
	m.to(midnight.Add(96 * time.Hour))
	m.counted()
	m.books("a; a and b; c", who, "USD", 20, 0)
	days := m.store.Client().ClickDay.Query().Order(clickday.ByFromAt()).AllX(m.ctx)
	for i := 1; i < len(days); i++ {
		if days[i].FromAt.Before(days[i-1].UntilAt) {
			t.Errorf("%s is in two days", days[i].FromAt)
		}
	}
}

func ptrTo[T any](v T) *T { return &v }
