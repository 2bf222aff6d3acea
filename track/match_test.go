package track

import (
	"context"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
)

// bySource is a sale as a source tells it.
func (b *bundle) bySource(kind order.TellerKind, id, externalID, number string) order.Order {
	o := b.sale(externalID)
	o.Number, o.Teller = number, order.Teller{Kind: kind, ID: id}
	return o
}

func (b *bundle) tellings(conversionID string) (rows []string) {
	b.t.Helper()
	told, err := ToldBy(b.ctx, b.store.Client(), conversionID)
	b.must(err)
	for _, p := range told {
		rows = append(rows, p.Key+" "+string(p.MatchedBy))
	}
	return rows
}

// A number is believed only when nothing speaks against it: else one order would
// swallow another, and its commission.
func TestS34_Q48_ANumberIsBelievedOnlyWhenNothingSpeaksAgainstIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		other func(*order.Order)
		same  bool
	}{
		"another source":              {func(*order.Order) {}, true},
		"a number without its sign":   {func(o *order.Order) { o.Number = "1001" }, true},
		"the number for an id":        {func(o *order.Order) { o.ExternalID, o.Number = "1001", "" }, true},
		"a month later, less an hour": {func(o *order.Order) { o.OccurredAt = o.OccurredAt.Add(matchWithin - time.Hour) }, true},
		"its own source":              {func(o *order.Order) { o.Teller = order.Teller{Kind: order.TellerShop, ID: "int_1"} }, false},
		"more than a month apart":     {func(o *order.Order) { o.OccurredAt = o.OccurredAt.Add(-matchWithin - time.Hour) }, false},
		"another kind":                {func(o *order.Order) { o.Kind = order.KindLead }, false},
		"another scope":               {func(o *order.Order) { o.SourceScope = "second" }, false},
		"another number":              {func(o *order.Order) { o.Number = "#1002" }, false},
		"another case":                {func(o *order.Order) { o.Number = "#a" }, false},
		"another currency": {func(o *order.Order) {
			o.Currency, o.Total.Currency, o.Tax.Currency, o.Shipping.Currency = "EUR", "EUR", "EUR", "EUR"
			for i := range o.Lines {
				o.Lines[i].Amount.Currency = "EUR"
			}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.clock.Advance(2 * matchWithin)
			shop := b.bySource(order.TellerShop, "int_1", "5001", "#1001")
			shop.OccurredAt = b.clock.Now().Add(-matchWithin)
			if name == "another case" {
				shop.Number = "#A"
			}
			first := b.record(shop)
			other := b.bySource(order.TellerAPI, "tok_1", "order-77", "#1001")
			other.OccurredAt = shop.OccurredAt
			c.other(&other)
			for range 2 { // the same again finds what it made
				if got := b.record(other); (got.Conversion.ID == first.Conversion.ID) != c.same {
					t.Errorf("is one order: %v", !c.same)
				}
			}
			n, err := b.store.Client().Conversion.Query().Count(b.ctx)
			if want := map[bool]int{true: 1, false: 2}[c.same]; n != want || err != nil {
				t.Errorf("%d conversions, want %d; %v", n, want, err)
			}
		})
	}
}

// The id under which a caller told an order may have been its number all along: who
// tells both gives it its id, under which a third finds it.
func TestS34_WhoTellsANumberGivesTheOrderItsId(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cnv := b.record(b.bySource(order.TellerAPI, "tok_1", "#1001", "")).Conversion.ID
	for _, o := range []order.Order{
		b.bySource(order.TellerImport, "tok_2", "mw-7", "1001"),
		b.bySource(order.TellerShop, "int_1", "5001", "#1001"),
		b.bySource(order.TellerImport, "tok_3", "gid://shopify/Order/5001", ""),
		b.bySource(order.TellerAPI, "tok_4", "1001", ""),
		b.bySource(order.TellerImport, "tok_2", "mw-7", "1001"),
	} {
		if got := b.record(o); got.Created || got.Conversion.ID != cnv {
			t.Errorf("%s %s is another order", o.ExternalID, o.Number)
		}
	}
	want := []string{"#1001 FIRST", "mw-7 ORDER_NUMBER", "5001 ORDER_NUMBER", "gid://shopify/Order/5001 EXTERNAL_ID", "1001 ORDER_NUMBER"}
	got := b.tellings(cnv)
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("told %q, want %q", got, want)
		}
	}
	for _, id := range []string{"#1001", "1001", "mw-7", "5001", "gid://shopify/Order/5001"} {
		ids, err := Meant(b.ctx, b.store.Client(), b.program, "", id)
		if err != nil || len(ids) != 1 || ids[0] != cnv {
			t.Errorf("%s means %v, %v", id, ids, err)
		}
	}
	if ids, err := Meant(b.ctx, b.store.Client(), b.program, "", "mw-8"); err != nil || len(ids) != 0 {
		t.Errorf("an id that nobody told means %v, %v", ids, err)
	}
}

// A telling that was told before is its own row once more, with all it ever gave.
func TestS34_ATellingIsItsOwnRow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := b.bySource(order.TellerShop, "int_1", "5001", "#1001")
	o.Version, o.CouponCodes = 5, []string{"SPRING"}
	cnv := b.record(o).Conversion.ID
	b.record(b.bySource(order.TellerAPI, "tok_1", "5001", ""))
	b.clock.Advance(time.Hour)
	o.Version, o.CouponCodes, o.Country = 6, nil, "DE"
	b.record(o)
	o.Version = 4 // older: told all the same
	b.record(o)
	told, err := ToldBy(b.ctx, b.store.Client(), cnv)
	b.must(err)
	if len(told) != 2 || told[0].Times != 3 || told[1].Times != 1 {
		t.Fatalf("told %v", told)
	}
	given := map[order.Part]bool{}
	for _, part := range order.Parts(told[0].Given) {
		given[part] = true
	}
	if !given["COUPON_CODES"] || !given["COUNTRY"] || !given["ORDER_NUMBER"] || given["CLICK_TOKEN"] {
		t.Errorf("gave %v", given)
	}
	if p := told[0]; p.LastTold.Sub(p.CreatedAt) < time.Hour || p.Kind != "SHOP" || p.Teller != "int_1" || p.Source != o.Source {
		t.Errorf("told %v", p)
	}
}

// A poorer telling takes nothing away, whoever tells it and whichever version it has;
// the shop's own newer word does.
func TestS34_Q47_APoorerTellingTakesNothingAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rich := b.bySource(order.TellerShop, "int_1", "5001", "#1001")
	rich.Version, rich.CouponCodes, rich.SubIDs, rich.Country = 5, []string{"SPRING"}, map[string]string{"s": "1"}, "DE"
	rich.Tax, rich.Lines[0].SKU, rich.Lines[0].Title = usd(300), "mug-1", "Mug"
	cnv := b.record(rich)
	for _, version := range []int64{0, 6, 1 << 50} {
		poor := b.bySource(order.TellerAPI, "tok_1", "1001", "")
		poor.Version, poor.Lines, poor.Total = version, order.Whole(usd(4200)), usd(4200)
		if got := b.record(poor); got.Changed || got.Stale || got.Conversion.ID != cnv.Conversion.ID {
			t.Errorf("version %d of a caller: %+v", version, got)
		}
	}
	same := b.bySource(order.TellerShop, "int_1", "5001", "#1001")
	same.Tax = money.Money{} // says nothing of it
	same.Version, same.Lines[0].Amount, same.Total = 7, usd(100), usd(4100)
	got := b.record(same)
	row, lines := got.Conversion, b.amounts(got)
	if row.BaseMinor != same.Base().Minor || row.SourceVersion != 7 || lines[same.Lines[0].ExternalID] != 100 {
		t.Errorf("the shop's newer word: base %d of version %d, lines %v", row.BaseMinor, row.SourceVersion, lines)
	}
	if row.TaxMinor != 300 || len(row.CouponCodes) != 1 || row.SubIds["s"] != "1" || row.Country != "DE" || row.OrderNumber != "#1001" {
		t.Errorf("its silence took something away: %v", row)
	}
	for _, l := range got.Lines {
		if l.ExternalID == rich.Lines[0].ExternalID && (l.Sku != "mug-1" || l.Title != "Mug") {
			t.Errorf("a line lost what it was: %v", l)
		}
	}
	same.Version = 6
	if old := b.record(same); !old.Stale {
		t.Error("an older word of the shop is not stale")
	}
}

// A refund may name its order as any source does.
func TestS34_ARefundNamesItsOrderAsAnySourceDoes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cnv := b.record(b.bySource(order.TellerAPI, "tok_1", "1001", "")).Conversion.ID
	b.record(b.bySource(order.TellerShop, "int_1", "5001", "#1001"))
	for i, id := range []string{"5001", "gid://shopify/Order/5001", "#1001", "1001"} {
		r := order.Refund{Source: "api", ProgramID: b.program, OrderExternalID: id, ExternalID: string(rune('a' + i)), OccurredAt: b.clock.Now(), Currency: "USD", Amount: usd(100)}
		b.write(func(ctx context.Context, tx *store.Tx) error { _, err := b.RefundIn(ctx, tx, r); return err })
	}
	if got := b.conversion(cnv).RefundedMinor; got != 400 {
		t.Errorf("%d given back", got)
	}
	b.refused(problem.NotFound, "orderExternalId", func() error {
		_, err := in(b, func(ctx context.Context, tx *store.Tx) (Refunded, error) {
			return b.RefundIn(ctx, tx, order.Refund{Source: "api", ProgramID: b.program, OrderExternalID: "1002", ExternalID: "z", OccurredAt: b.clock.Now(), Currency: "USD", Amount: usd(100)})
		})
		return err
	})
}

// Whoever told an order under the id of a payment of it is noted under that id.
func TestS34_APaymentsIdIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cnv := b.record(b.bySource(order.TellerShop, "int_1", "in_1", "")).Conversion.ID
	paid := b.bySource(order.TellerShop, "int_1", "in_1", "")
	paid.Teller.Key = "pi_1"
	b.record(paid)
	if got := b.tellings(cnv); len(got) != 2 || got[0] != "in_1 FIRST" || got[1] != "pi_1 TRANSACTION" {
		t.Errorf("told %q", got)
	}
	if ids, err := Meant(b.ctx, b.store.Client(), "", "", "pi_1"); err != nil || len(ids) != 1 || ids[0] != cnv {
		t.Errorf("the payment means %v, %v", ids, err)
	}
}
