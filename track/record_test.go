package track

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/track/order"
)

func (b *bundle) amounts(rec Recorded) map[string]int64 {
	got := map[string]int64{}
	for _, l := range rec.Lines {
		got[l.ExternalID] = l.AmountMinor
	}
	return got
}

func TestRecordKeepsWhatTheMessageSays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := b.sale("1001")
	o.Lines = append(o.Lines, order.Line{ExternalID: "g", Quantity: 1, Amount: usd(2500), GiftCard: true})
	o.Number, o.CouponCodes, o.SubIDs = "#1001", []string{"SPRING"}, map[string]string{"s1": "x"}
	rec := b.record(o)
	c := rec.Conversion
	if !rec.Created || rec.Changed || rec.Stale || rec.Customer != nil || rec.PriorBase != usd(0) {
		t.Errorf("%+v", rec)
	}
	// Q50: 60.00 + 40.00; the gift card of 25.00 earns nothing until it is spent.
	if c.BaseMinor != 10000 || c.TotalMinor != 11000 || c.TaxMinor != 500 || c.Status != conversion.StatusACCEPTED || c.Rating != conversion.RatingWAITING {
		t.Errorf("%+v", c)
	}
	if want := map[string]int64{"a": 6000, "b": 4000, "g": 2500}; !maps.Equal(b.amounts(rec), want) || c.OrderNumber != "#1001" || c.SubIds["s1"] != "x" {
		t.Errorf("lines %v, %+v", b.amounts(rec), c)
	}
}

func TestRecordRefusesBadInput(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(b.sale("known"))
	foreign := *b
	foreign.ctx, foreign.merchant = storetest.Merchant(t, b.store)
	for name, c := range map[string]struct {
		edit  func(*order.Order)
		code  problem.Code
		field string
	}{
		"no program":       {func(o *order.Order) { o.ProgramID = "" }, problem.NotFound, "programId"},
		"other's program":  {func(o *order.Order) { o.ProgramID = foreign.addProgram() }, problem.NotFound, "programId"},
		"no id":            {func(o *order.Order) { o.ExternalID = "" }, problem.Invalid, "externalId"},
		"negative":         {func(o *order.Order) { o.Lines[0].Amount = usd(-1) }, problem.AmountRange, "lines"},
		"two currencies":   {func(o *order.Order) { o.Lines[0].Amount.Currency = "EUR" }, problem.CurrencyMismatch, "lines"},
		"unknown currency": {func(o *order.Order) { o.Currency = "XXY" }, problem.CurrencyUnknown, "currency"},
		"other currency": {func(o *order.Order) {
			*o = order.Order{Source: "api", ExternalID: "known", Kind: order.KindSale, Status: order.StatusPaid, ProgramID: b.program, OccurredAt: b.clock.Now(), Currency: "EUR"}
			o.Total.Currency = "EUR"
		}, problem.CurrencyMismatch, "currency"},
		"tomorrow": {func(o *order.Order) { o.OccurredAt = o.OccurredAt.Add(day) }, problem.Invalid, "occurredAt"},
	} {
		o := b.sale("fresh")
		c.edit(&o)
		t.Run(name, func(*testing.T) {
			b.refused(c.code, c.field, func() error { _, err := b.tryRecord(o); return err })
		})
	}
	if n, err := b.store.Client().Conversion.Query().Count(b.ctx); n != 1 || err != nil {
		t.Fatalf("%d conversions, %v", n, err)
	}
}

func TestQ47_HundredIdenticalMessagesAreOneConversion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	link := b.index.find(key{"", b.addLink("spring").Slug})
	o := b.sale("1001")
	o.Customer = order.Customer{ExternalID: "77", Email: "buyer@mail.example", Name: "Bea"}
	o.ClickToken = b.tokenOf(link, true)
	var made, failed int
	var mu sync.Mutex
	var senders sync.WaitGroup
	for range 100 {
		senders.Go(func() {
			rec, err := b.tryRecord(o)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || rec.Changed || rec.Stale || len(rec.Lines) != 2 || rec.Conversion.BaseMinor != 10000 {
				failed++
				t.Errorf("%+v, %v", rec, err)
			} else if rec.Created {
				made++
			}
		})
	}
	senders.Wait()
	c := b.store.Client()
	conversions, _ := c.Conversion.Query().Count(b.ctx)
	lines, _ := c.ConversionLine.Query().Count(b.ctx)
	touches, _ := c.Touch.Query().Count(b.ctx)
	buyer, err := c.Customer.Query().Only(b.ctx)
	if err != nil || made != 1 || failed > 0 || conversions != 1 || lines != 2 || touches != 1 || buyer.Orders != 1 {
		t.Fatalf("made %d, failed %d, %d conversions, %d lines, %d touches, buyer %v %v", made, failed, conversions, lines, touches, buyer, err)
	}
}

// TestQ47_RicherMessageCompletesTheRecord: the page's pixel knows the click and
// the sum, the shop's webhook the lines and the buyer.
func TestQ47_RicherMessageCompletesTheRecord(t *testing.T) {
	t.Parallel()
	pixel := func(b *bundle, token string) order.Order {
		o := b.sale("1001")
		o.Source, o.Lines, o.ClickToken = "pixel", order.Whole(usd(10000)), token
		return o
	}
	shop := func(b *bundle, _ string) order.Order {
		o := b.sale("1001")
		o.Source, o.Version, o.Number, o.Customer = "shop", 5, "#1", order.Customer{ExternalID: "77", Email: "Buyer@mail.example"}
		o.CouponCodes, o.SubIDs = []string{"SPRING"}, map[string]string{"s1": "shop"}
		return o
	}
	for name, sequence := range map[string][]func(*bundle, string) order.Order{
		"pixel first":        {pixel, shop},
		"shop first":         {shop, pixel},
		"pixel first, again": {pixel, shop, pixel, shop},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.addLink("spring")
			token := b.tokenOf(b.linkAt("spring"), true)
			var rec Recorded
			for i, message := range sequence {
				rec = b.record(message(b, token))
				if rec.Created != (i == 0) || i == 1 && !rec.Changed || i > 1 && rec.Changed {
					t.Errorf("message %d: created %t, changed %t", i, rec.Created, rec.Changed)
				}
			}
			c := rec.Conversion
			amounts := b.amounts(rec)
			delete(amounts, order.WholeLine) // stays with nothing on it where the pixel was first
			if !maps.Equal(amounts, map[string]int64{"a": 6000, "b": 4000}) || c.BaseMinor != 10000 || c.OrderNumber != "#1" || c.SubIds["s1"] != "shop" {
				t.Errorf("lines %v, base %d, %+v", b.amounts(rec), c.BaseMinor, c)
			}
			slices.Sort(c.Sources)
			if c.ClickID == nil || rec.Customer == nil || rec.Customer.Orders != 1 || !slices.Equal(c.CouponCodes, []string{"SPRING"}) || !slices.Equal(c.Sources, []string{"pixel", "shop"}) {
				t.Errorf("%+v, buyer %v", c, rec.Customer)
			}
			if touches := b.touches(c.ID, order.Order{}); len(touches) != 1 || touches[0].ID != *c.ClickID {
				t.Errorf("touches %v", touches)
			}
		})
	}
}

func TestOlderMessageNeverOverwrites(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := func(version, amount int64) Recorded {
		o := b.sale("1001")
		o.Version, o.Lines = version, []order.Line{{ExternalID: "a", Quantity: 1, Amount: usd(amount)}}
		return b.record(o)
	}
	for i, c := range []struct {
		version, amount     int64
		base                int64
		stale, changed, new bool
	}{
		{20, 5000, 5000, false, false, true},
		{10, 9000, 5000, true, false, false},
		{30, 5000, 5000, false, false, false}, // the same said later …
		{25, 9000, 5000, true, false, false},  // … so this one is old
		{0, 9000, 5000, false, false, false},  // one without a version completes, and overwrites nothing
		{31, 7000, 7000, false, true, false},
	} {
		rec := at(c.version, c.amount)
		if rec.Conversion.BaseMinor != c.base || rec.Stale != c.stale || rec.Changed != c.changed || rec.Created != c.new {
			t.Errorf("message %d: %+v, base %d", i, rec, rec.Conversion.BaseMinor)
		}
	}
}

func TestQ49_EditsAfterCapture(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rec := b.record(b.sale("1001"))
	b.refund(order.Refund{ExternalID: "r1", Lines: []order.RefundLine{{LineExternalID: "a", Quantity: 1, Amount: usd(2000)}}})
	for i, c := range []struct {
		lines  map[string]int64
		want   map[string]int64
		base   int64
		status conversion.Status
	}{
		// Upsell: 60 + 40 + 15 = 115.
		{map[string]int64{"a": 6000, "b": 4000, "c": 1500}, map[string]int64{"a": 6000, "b": 4000, "c": 1500}, 11500, conversion.StatusPARTIALLY_REFUNDED},
		// b is gone, and stays with nothing on it: 60 + 0 + 15 = 75.
		{map[string]int64{"a": 6000, "c": 1500}, map[string]int64{"a": 6000, "b": 0, "c": 1500}, 7500, conversion.StatusPARTIALLY_REFUNDED},
		// a cannot fall below the 20 given back on it: 20 + 0 + 0 = 20, all of it given back.
		{map[string]int64{"a": 500}, map[string]int64{"a": 2000, "b": 0, "c": 0}, 2000, conversion.StatusREFUNDED},
		// Exchange: 30 + 50 = 80.
		{map[string]int64{"a": 3000, "d": 5000}, map[string]int64{"a": 3000, "b": 0, "c": 0, "d": 5000}, 8000, conversion.StatusPARTIALLY_REFUNDED},
	} {
		prior := rec.Conversion.BaseMinor
		o := b.sale("1001")
		o.Lines = nil
		for _, id := range slices.Sorted(maps.Keys(c.lines)) {
			o.Lines = append(o.Lines, order.Line{ExternalID: id, Quantity: 1, Amount: usd(c.lines[id])})
		}
		rec = b.record(o)
		if !rec.Changed || rec.PriorBase.Minor != prior || !maps.Equal(b.amounts(rec), c.want) || rec.Conversion.BaseMinor != c.base || rec.Conversion.Status != c.status {
			t.Errorf("edit %d: %v, base %d after %v, %s", i, b.amounts(rec), rec.Conversion.BaseMinor, rec.PriorBase, rec.Conversion.Status)
		}
	}
}

func TestStatusMovesForwardOnly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		messages []order.Status
		want     conversion.Status
		changed  bool // by the last one
	}{
		"placed":               {[]order.Status{order.StatusPending}, conversion.StatusPENDING, false},
		"paid later":           {[]order.Status{order.StatusPending, order.StatusPaid}, conversion.StatusACCEPTED, true},
		"not unpaid again":     {[]order.Status{order.StatusPaid, order.StatusPending}, conversion.StatusACCEPTED, false},
		"cancelled at once":    {[]order.Status{order.StatusCancelled}, conversion.StatusCANCELLED, false},
		"stays cancelled":      {[]order.Status{order.StatusCancelled, order.StatusPaid}, conversion.StatusCANCELLED, false},
		"CancelIn's, not ours": {[]order.Status{order.StatusPaid, order.StatusCancelled}, conversion.StatusACCEPTED, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			var rec Recorded
			for _, status := range c.messages {
				o := b.sale("1001")
				o.Status = status
				rec = b.record(o)
			}
			if rec.Conversion.Status != c.want || rec.Changed != c.changed {
				t.Errorf("%s, changed %t", rec.Conversion.Status, rec.Changed)
			}
		})
	}
}

func TestQ48_OrdersOfTwoScopesAreTwo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := b.sale("1001"), b.sale("1001")
	two.SourceScope = "int_2"
	if first, second := b.record(one), b.record(two); !second.Created || first.Conversion.ID == second.Conversion.ID {
		t.Fatal("two shops share an order")
	}
	b.program = b.addProgram()
	if third := b.record(b.sale("1001")); !third.Created {
		t.Fatal("two programs share an order")
	}
}

func TestQ55_CustomerIsFoundByIdOrAddress(t *testing.T) {
	t.Parallel()
	b := setup(t)
	buyers := map[string]string{}
	for i, c := range []struct {
		who   order.Customer
		scope string
		as    string // the buyer it is
	}{
		{order.Customer{ExternalID: "1"}, "", "one"},
		{order.Customer{ExternalID: "1", Email: "ann@mail.example", Name: "Ann"}, "", "one"}, // tells the address
		{order.Customer{Email: "ANN@mail.example"}, "", "one"},
		{order.Customer{ExternalID: "9", Email: "ann@mail.example"}, "int_2", "one"}, // the same address in another shop
		{order.Customer{ExternalID: "1"}, "int_2", "two"},                            // the same id in another shop
		{order.Customer{Email: "a.nn@mail.example"}, "", "three"},                    // another mailbox
		{order.Customer{Name: "Nobody"}, "", ""},
	} {
		o := b.sale("100" + string(rune('a'+i)))
		o.Customer, o.SourceScope = c.who, c.scope
		rec := b.record(o)
		if (rec.Customer == nil) != (c.as == "") {
			t.Fatalf("order %d: %v", i, rec.Customer)
		}
		if rec.Customer == nil {
			continue
		}
		if known, ok := buyers[c.as]; ok && known != rec.Customer.ID || !ok && slices.Contains(slices.Collect(maps.Values(buyers)), rec.Customer.ID) {
			t.Errorf("order %d is not of %s", i, c.as)
		}
		buyers[c.as] = rec.Customer.ID
	}
	row, err := b.store.Client().Customer.Get(b.ctx, buyers["one"])
	b.must(err)
	for column, want := range map[string]struct {
		sealed []byte
		text   string
	}{"email_sealed": {row.EmailSealed, "ann@mail.example"}, "name_sealed": {row.NameSealed, "Ann"}} {
		plain, err := b.store.Keys().Open(want.sealed, seal.AAD{Merchant: b.merchant, Table: "customers", Column: column, Row: row.ID})
		if err != nil || string(plain) != want.text {
			t.Errorf("%s: %q, %v", column, plain, err)
		}
	}
	if row.Orders != 4 {
		t.Errorf("%d orders", row.Orders)
	}
}

func TestMarkRated(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rec := b.record(b.sale("1001"))
	b.write(func(ctx context.Context, tx *store.Tx) error {
		return b.MarkRatedIn(ctx, tx, rec.Conversion, conversion.RatingNO_CREDIT, "NO_TOUCH")
	})
	if got := b.conversion(rec.Conversion.ID); got.Rating != conversion.RatingNO_CREDIT || got.RatingReason != "NO_TOUCH" {
		t.Fatalf("%+v", got)
	}
}

// TestThousandLines stays within both databases' limits on parameters.
func TestThousandLines(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := b.sale("1001")
	o.Lines, o.Total = nil, usd(1000)
	for i := range order.MaxLines {
		o.Lines = append(o.Lines, order.Line{ExternalID: time.Duration(i).String(), Quantity: 1, Amount: usd(1)})
	}
	if rec := b.record(o); len(rec.Lines) != 1000 || rec.Conversion.BaseMinor != 1000 {
		t.Fatalf("%d lines, base %d", len(rec.Lines), rec.Conversion.BaseMinor)
	}
}
