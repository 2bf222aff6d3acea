package report_test

import (
	"slices"
	"testing"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
)

func TestQ69_StatsHoldFirstAndLastDayAndNoOther(t *testing.T) {
	t.Parallel()
	m := open(t)
	p := m.program("Shoes", "UTC")
	a := m.affiliate(p)
	for _, day := range []string{"2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01"} {
		m.say(commission("accrued", p, a, 1000, "day", day, "currency", "KWD"), commission("accrued", p, a, 5, "day", day, "currency", "JPY"))
	}
	m.count()
	got := storetest.Must[report.Stats](m.t)(m.Stats(m.ctx, report.StatsInput{From: "2026-03-01", To: "2026-03-31"}))
	want := []string{
		"2026-03-01JPY 0/0 0 0 0 5 0 0", "2026-03-01KWD 0/0 0 0.000 0.000 1.000 0.000 0.000",
		"2026-03-31JPY 0/0 0 0 0 5 0 0", "2026-03-31KWD 0/0 0 0.000 0.000 1.000 0.000 0.000",
	}
	if days := spellAll(got.Days); !slices.Equal(days, want) {
		t.Errorf("days\n%q, want\n%q", days, want)
	}
	if totals := spellAll(got.Totals); !slices.Equal(totals, []string{"JPY 0/0 0 0 0 10 0 0", "KWD 0/0 0 0.000 0.000 2.000 0.000 0.000"}) {
		t.Errorf("totals %q", totals)
	}
	none := storetest.Must[report.Stats](m.t)(m.Stats(m.ctx, report.StatsInput{From: "2026-03-02", To: "2026-03-02"}))
	if len(none.Days)+len(none.Totals) != 0 {
		t.Errorf("a day without anything: %+v", none)
	}
}

func TestStatsRefuseBadInputAndForeignRows(t *testing.T) {
	t.Parallel()
	m := open(t)
	other := newMarket(t, m.store, m.clock, m.Service)
	p, q := m.program("Shoes", "UTC"), other.program("Hats", "UTC")
	a, b := m.affiliate(p), other.affiliate(q)
	ours := m.affiliate(p)
	m.say(commission("accrued", p, a, 1), commission("accrued", p, ours, 10))
	other.say(commission("accrued", q, b, 100))
	m.count()
	for _, c := range []struct {
		in    report.StatsInput
		code  problem.Code
		field string
	}{
		{report.StatsInput{To: "2026-03-01"}, problem.Invalid, "from"},
		{report.StatsInput{From: "2026-3-1", To: "2026-03-01"}, problem.Invalid, "from"},
		{report.StatsInput{From: "2026-02-30", To: "2026-03-01"}, problem.Invalid, "from"},
		{report.StatsInput{From: "2026-03-01", To: "tomorrow"}, problem.Invalid, "to"},
		{report.StatsInput{From: "2026-03-02", To: "2026-03-01"}, problem.Invalid, "to"},
		{report.StatsInput{From: "2024-03-01", To: "2026-03-02"}, problem.Invalid, "to"}, // 732 days
		{report.StatsInput{From: "2026-03-01", To: "2026-03-01", Filter: report.Filter{ProgramID: q}}, problem.NotFound, "programId"},
		{report.StatsInput{From: "2026-03-01", To: "2026-03-01", Filter: report.Filter{AffiliateID: b}}, problem.NotFound, "affiliateId"},
	} {
		_, err := m.Stats(m.ctx, c.in)
		m.refuses(err, c.code, c.field)
	}
	_, err := m.Stats(m.as(a), report.StatsInput{From: "2026-03-01", To: "2026-03-02", Filter: report.Filter{AffiliateID: ours}})
	m.refuses(err, problem.NotFound, "affiliateId")
	for _, c := range []struct {
		name string
		got  report.Stats
		want string
	}{
		{"the merchant", m.stats(m.ctx, report.Filter{}), "0.11"},
		{"affiliate a", m.stats(m.as(a), report.Filter{}), "0.01"},
		{"the merchant's look at the other", m.stats(m.ctx, report.Filter{AffiliateID: ours, ProgramID: p}), "0.10"},
		{"the other merchant", other.stats(other.ctx, report.Filter{}), "1.00"},
	} {
		if len(c.got.Totals) != 1 || c.got.Totals[0].Accrued() != c.want {
			t.Errorf("%s sees %q, want %s", c.name, spellAll(c.got.Totals), c.want)
		}
	}
}
