package hubspot_test

import (
	"slices"
	"testing"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/internal/problem"
)

func out(source, target string, steps ...mapping.Transform) mapping.Field {
	return mapping.Field{Source: source, Target: target, Direction: mapping.Out, Transforms: steps}
}

// The pair of the brief, in use: who was referred says so in the lead source. What is
// known already is written anew.
func TestS27_TheReferredCustomerIsTheLeadSourceThere(t *testing.T) {
	t.Parallel()
	m := found(t)
	crm := m.joined()
	o := m.sale(1, 1, 1, 10_00)
	o.CouponCodes = []string{"ANN"}
	m.sell(o)
	m.caught()
	_, err := m.connect.SyncOff(m.ctx)
	m.must(err)
	id := m.store.Client().Customer.Query().OnlyIDX(m.ctx)
	lead := out("customer.referred_customer_id", "lead_source", mapping.Transform{Do: mapping.Prefix, Text: "affiliate:"})
	none := "direct"
	lead.Default = &none
	doc := mapping.Document{Fields: []mapping.Field{lead, {Target: "tributary_orders", Off: true}}}
	_, err = m.connect.SetMap(m.ctx, connect.SetMapInput{IntegrationID: crm, Kind: connect.KindCustomer, Document: doc})
	m.must(err)
	_, err = m.connect.SyncOff(m.ctx)
	m.must(err)
	if got := m.portal.Records("contacts", "tributary_customer_id")[id]; got.Properties["lead_source"] != "direct" || got.Writes != 2 {
		t.Errorf("%+v", got)
	}
	rows, err := m.connect.TryMap(m.ctx, crm, connect.KindCustomer, id)
	m.must(err)
	if !slices.ContainsFunc(rows, func(r mapping.Row) bool { return r.To == "lead_source" && r.Before == nil && r.After == "direct" }) ||
		slices.ContainsFunc(rows, func(r mapping.Row) bool { return r.To == "tributary_orders" }) {
		t.Errorf("%+v", rows)
	}
	if now, err := m.connect.MapOf(m.ctx, crm, connect.KindCustomer); err != nil || now.Number != 1 {
		t.Errorf("%d, %v", now.Number, err)
	}
}

// An invalid map is refused at its path, and nothing of it is kept.
func TestS27_AnInvalidMapIsRefusedAtItsPath(t *testing.T) {
	t.Parallel()
	m := found(t)
	crm := m.joined()
	seen := 7
	for path, in := range map[string]connect.SetMapInput{
		"fields.1.target":          {Document: mapping.Document{Fields: []mapping.Field{{Target: "email", Off: true}, out("customer.id", "nobodys")}}},
		"fields.0.source":          {Document: mapping.Document{Fields: []mapping.Field{out("customer.secret", "lead_source")}}},
		"fields.0.transforms.0.do": {Document: mapping.Document{Fields: []mapping.Field{out("customer.id", "lead_source", mapping.Transform{Do: "GUESS"})}}},
		"expectedVersion":          {Document: mapping.Document{Fields: []mapping.Field{out("customer.id", "lead_source")}}, ExpectedNumber: &seen},
		"kind":                     {Kind: "NONE"},
	} {
		in.IntegrationID = crm
		if in.Kind == "" {
			in.Kind = connect.KindCustomer
		}
		_, err := m.connect.SetMap(m.ctx, in)
		p, is := problem.As(err)
		if !is {
			t.Errorf("%s: %v", path, err)
			continue
		}
		m.pathIs(p, path)
	}
	if n := m.store.Client().FieldMap.Query().CountX(m.ctx); n != 0 {
		t.Errorf("%d maps are kept", n)
	}
}

func (m *market) pathIs(p *problem.Error, path string) {
	m.Helper()
	got := ""
	for i, part := range p.Field {
		if i > 0 {
			got += "."
		}
		got += part
	}
	if got != path {
		m.Errorf("refused at %s, want %s", got, path)
	}
}
