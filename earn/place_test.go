package earn_test

import (
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/facts"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track/order"
)

// of is a rule for what a condition lets through.
func ruleFor(rate string, when plan.Condition) plan.Rule {
	r := percent(rate)
	r.When = &when
	return r
}

// What a later message of the source says of the country counts, and an order that
// earned nothing for want of it earns then.
func TestC06_Q47_TheCountryMayBeToldLater(t *testing.T) {
	t.Parallel()
	m, who := hired(t, ruleFor("10", plan.Condition{Countries: []string{"DE"}, Devices: []string{"MOBILE"}, Channels: []string{"blog"}}))
	o := m.sale("1001", m.clicked(who), "USD", 5000)
	o.SubIDs = map[string]string{"device": "mobile", "channel": "blog"}
	out := m.accept(o)
	if m.reason(out.ConversionID) != "NO_RULE" {
		t.Errorf("an order of no country: %s", m.reason(out.ConversionID))
	}
	o.Country, o.Version = "DE", 2
	m.explained(m.accept(o))
	m.books("50.00 × 10 %", who, "USD", 500, 0)
	o.Country, o.Version = "FR", 1
	m.accept(o)
	row, err := m.store.Client().Conversion.Get(m.ctx, out.ConversionID)
	if m.must(err); row.Country != "DE" || row.Device != "MOBILE" || row.Channel != "blog" {
		t.Errorf("%s %s %s after an older message", row.Country, row.Device, row.Channel)
	}
	m.books("what is rated stays", who, "USD", 500, 0)
}

// A rule may look at a field of who has credit: each affiliate's own, as it is when
// the order is rated.
func TestC08_FieldsOfTheAffiliate(t *testing.T) {
	t.Parallel()
	m, who := hired(t, ruleFor("20", plan.Condition{Fields: []plan.FieldTest{{Of: plan.OfAffiliate, Name: "rank", Kind: facts.Number, Compare: plan.AtLeast, Values: []string{"2"}}}}), percent("10"))
	bob := m.affiliate("bob")
	rank := func(id, value string) {
		t.Helper()
		_, err := m.roster.AffiliateUpdate(m.ctx, roster.AffiliateUpdateInput{ID: id, Fields: &[]facts.Field{{Name: "rank", Kind: facts.Number, Value: value}}})
		m.must(err)
	}
	rank(who, "2.0")
	rank(bob, "1.999999")
	o := m.sells(who, "a", 1000)[0]
	m.books("of rank 2: 20 %", who, "USD", 200, 0)
	m.sells(bob, "b", 1000)
	m.books("of less: 10 %", bob, "USD", 100, 0)
	rank(who, "0")
	m.sells(who, "c", 1000)
	m.books("what was rated stays, what comes is under the new rank", who, "USD", 200+100, 0)
	o.Version = 9
	o.Lines = append(o.Lines, order.Line{ExternalID: "more", Quantity: 1, Amount: o.Total})
	o.Total.Minor *= 2
	m.explained(m.accept(o))
	m.books("an edit is under the rank of its order", who, "USD", 200+100+200, 0)
	_, err := m.roster.AffiliateUpdate(m.ctx, roster.AffiliateUpdateInput{ID: who, Fields: &[]facts.Field{{Name: "rank", Kind: facts.Number, Value: "two"}}})
	m.refuses(err, "INVALID", "fields.0")
}
