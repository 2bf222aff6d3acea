package earn_test

import (
	"maps"
	"testing"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/event"
	"github.com/tributary/tributary/internal/canon"
)

// facts are those of all events of a type, with the affiliate who may see it.
func (m *market) facts(kind string) []canon.Facts {
	m.t.Helper()
	rows, err := m.store.Client().Event.Query().Where(event.Type(kind)).Order(ent.Asc(event.FieldID)).All(m.ctx)
	m.must(err)
	var all []canon.Facts
	for _, r := range rows {
		f, err := canon.DecodeFacts(r.Facts)
		m.must(err)
		f["affiliate"] = ""
		if r.AffiliateID != nil {
			f["affiliate"] = *r.AffiliateID
		}
		all = append(all, f)
	}
	return all
}

// The facts are enough to add up: a rollup reads nothing else. The program keeps
// its books in Tokyo, where the third of March begins at 15:00 UTC of the second.
func TestEventsCarryTheProgramsDayAndEveryAmount(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	m.clock.Advance(5 * time.Hour) // 15:00 UTC
	o := m.sale("1001", m.clicked(who), "USD", 2000)
	o.Total.Minor = 2500
	out := m.accept(o)
	m.refund(o, "r1", 500)
	m.approve(out.CommissionIDs...)
	common := canon.Facts{"conversion_id": out.ConversionID, "day": "2026-03-03", "currency": "USD"}
	order := canon.Facts{"occurred_at": "2026-03-02T15:00:00Z", "base": "2000", "total": "2500", "refunded": "0", "rating": "RATED", "affiliate": who}
	earned := canon.Facts{"earned_at": "2026-03-02T15:00:00Z", "affiliate": who}
	with := func(base, more canon.Facts) canon.Facts {
		all := maps.Clone(common)
		maps.Copy(all, base)
		maps.Copy(all, more)
		return all
	}
	for kind, want := range map[string]canon.Facts{
		"conversion.recorded": with(order, canon.Facts{"rating": "WAITING", "affiliate": ""}),
		"conversion.accepted": with(order, canon.Facts{"reason": ""}),
		"refund.recorded":     with(order, canon.Facts{"refunded": "500", "amount": "500", "reason_code": "OTHER"}),
		"commission.accrued":  with(earned, canon.Facts{"amount": "200", "due_at": "2026-04-01T15:00:00Z"}),
		"commission.reversed": with(earned, canon.Facts{"amount": "50", "from": "PENDING", "cause": "REFUND"}),
		"commission.approved": with(earned, canon.Facts{"amount": "150", "from": "PENDING"}),
	} {
		got := m.facts(kind)
		if len(got) != 1 {
			t.Errorf("%s: %d events", kind, len(got))
			continue
		}
		delete(got[0], "refund_id")
		if !maps.Equal(got[0], want) {
			t.Errorf("%s says %v\nwant %v", kind, got[0], want)
		}
	}
}
