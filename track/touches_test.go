package track

import (
	"context"
	"testing"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
	"github.com/tributary/tributary/track/token"
)

// tokenOf is the token of a click made now.
func (b *bundle) tokenOf(l *link, payable bool) string {
	return token.Token{Click: newClickID(b.clock.Now(), payable), Link: l.row.Number}.Encode(b.store.Keys())
}

// caseOf is a conversion with its program, as another command finds it.
func (b *bundle) caseOf(ctx context.Context, tx *store.Tx, cnv *ent.Conversion, o order.Order) Case {
	b.t.Helper()
	p, err := tx.Ent().Program.Get(ctx, cnv.ProgramID)
	b.must(err)
	return Case{Conversion: cnv, Program: p, Message: o}
}

func (b *bundle) linkAt(slug string) *link { return b.index.find(key{"", slug}) }

func (b *bundle) touches(conversionID string, o order.Order) (found []attribution.Touch) {
	b.t.Helper()
	b.write(func(ctx context.Context, tx *store.Tx) (err error) {
		cnv, err := tx.Ent().Conversion.Get(ctx, conversionID)
		if err != nil {
			return err
		}
		e, err := b.EvidenceIn(ctx, tx, b.caseOf(ctx, tx, cnv, o))
		found = e.Touches
		return err
	})
	return found
}

// bought records an order and gives what a decision would look at.
func (b *bundle) bought(o order.Order) []attribution.Touch {
	b.t.Helper()
	return b.touches(b.record(o).Conversion.ID, o)
}

func TestConversionThatOvertakesItsClick(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	record, c := b.capture("spring")
	o := b.sale("1001")
	o.ClickToken = token.Token{Click: c.id, Link: c.link}.Encode(b.store.Keys())
	before := b.bought(o)
	b.must(b.deliver(record))
	after := b.touches(b.record(o).Conversion.ID, o)
	if len(before) != 1 || len(after) != 1 || before[0] != after[0] {
		t.Fatalf("%v, then %v", before, after)
	}
	got := before[0]
	if got.ID != c.id.String() || got.AffiliateID != b.affiliate || !got.Payable || got.AffiliateStatus != "ACTIVE" || !got.At.Equal(b.clock.Now()) || got.Window != 30*day {
		t.Fatalf("%+v", got)
	}
	robot := b.sale("1002")
	robot.ClickToken = b.tokenOf(b.linkAt("spring"), false)
	if got := b.bought(robot); len(got) != 1 || got[0].Payable || got[0].Reason != "CLICK_NOT_PAYABLE" {
		t.Fatalf("a robot's click: %v", got)
	}
}

func TestQ51_TokensThatProveNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	good := b.tokenOf(b.linkAt("spring"), true)
	otherProgram := *b
	otherProgram.program = b.addProgram()
	stranger := *b
	stranger.ctx, stranger.merchant = storetest.Merchant(t, b.store)
	stranger.program = stranger.addProgram()
	for name, c := range map[string]struct {
		buyer *bundle
		token string
		found int
	}{
		"genuine":             {b, good, 1},
		"none":                {b, "", 0},
		"damaged":             {b, good[:47], 0},
		"forged":              {b, storetest.Altered(good), 0},
		"another program":     {&otherProgram, good, 0},
		"another merchant":    {&stranger, good, 0},
		"a link that is none": {b, token.Token{Link: 999}.Encode(b.store.Keys()), 0},
	} {
		o := c.buyer.sale("of " + name)
		o.ClickToken = c.token
		if got := c.buyer.bought(o); len(got) != c.found {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestEarlierClicksOfTheBuyerAreFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	who := order.Customer{Email: "buyer@mail.example"}
	var newest string
	for i, id := range []string{"1001", "1002", "1003"} {
		b.clock.Advance(time.Hour)
		o := b.sale(id)
		o.Customer, o.ClickToken = who, b.tokenOf(b.linkAt("spring"), true)
		got := b.bought(o)
		if len(got) != i+1 || got[0].ID == newest {
			t.Fatalf("order %s: %v", id, got)
		}
		newest = got[0].ID
	}
	b.clock.Advance(time.Hour)
	plain := b.sale("1004")
	plain.Customer = who
	if got := b.bought(plain); len(got) != 3 || got[0].ID != newest {
		t.Fatalf("without a token: %v", got)
	}
	plain.ExternalID, plain.Customer.Email = "1005", "somebody@else.example"
	if got := b.bought(plain); len(got) != 0 {
		t.Fatalf("somebody else: %v", got)
	}
}

func TestQ40_CouponsOnAnOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := b.clock.Now()
	earlier, later, once := now.Add(-day), now.Add(time.Microsecond), 1
	b.addCoupon(CouponCreateInput{Code: "Straße", ValidFrom: &now, ValidUntil: &later})
	b.addCoupon(CouponCreateInput{Code: "EARLY", ValidFrom: &later})
	b.addCoupon(CouponCreateInput{Code: "LATE", ValidFrom: &earlier, ValidUntil: &now})
	archived := b.addCoupon(CouponCreateInput{Code: "GONE"})
	_, err := b.CouponArchive(b.ctx, archived, nil)
	b.must(err)
	used := b.addCoupon(CouponCreateInput{Code: "ONCE", MaxUses: &once})
	b.write(func(ctx context.Context, tx *store.Tx) error { return b.UseCouponIn(ctx, tx, used) })
	o := b.sale("1001")
	o.CouponCodes = []string{"unknown", "STRASSE", "early", "late", "gone", "once", "Straße"}
	want := map[int]string{1: "", 2: "COUPON_NOT_YET_VALID", 3: "COUPON_EXPIRED", 4: "COUPON_ARCHIVED", 5: "COUPON_USED_UP"}
	got := b.bought(o)
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for _, touch := range got {
		reason, listed := want[touch.Position]
		if !listed || touch.Reason != reason || touch.Payable != (reason == "") || touch.Kind != attribution.KindCoupon || !touch.At.Equal(o.OccurredAt) || touch.CouponID != touch.ID {
			t.Errorf("%+v, want reason %q", touch, reason)
		}
	}
}

func TestQ41_TouchKeepsTheWindowInForceAtItsTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	o := b.sale("1001")
	o.ClickToken = b.tokenOf(b.linkAt("spring"), true)
	b.clock.Advance(time.Hour)
	_, err := b.PolicyActivate(b.ctx, PolicyActivateInput{ProgramID: b.program, WindowDays: 1})
	b.must(err)
	b.clock.Advance(time.Hour)
	o.OccurredAt, o.CouponCodes = b.clock.Now(), []string{"NEW"}
	b.addCoupon(CouponCreateInput{Code: "NEW"})
	for _, touch := range b.bought(o) {
		want := map[attribution.Kind]time.Duration{attribution.KindClick: 30 * day, attribution.KindCoupon: day}[touch.Kind]
		if touch.Window != want {
			t.Errorf("%s: %s, want %s", touch.Kind, touch.Window, want)
		}
	}
}

func TestQ45_StandingOfTheAffiliateAndTheProgram(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  func(*bundle)
		status  string
		payable bool
		reason  string
	}{
		"in good standing": {func(*bundle) {}, "ACTIVE", true, ""},
		"suspended":        {func(b *bundle) { b.setAffiliate(b.affiliate, affiliate.StatusSUSPENDED) }, "SUSPENDED", true, ""},
		"enrollment ended": {func(b *bundle) { b.endEnrollment(b.affiliate) }, "NOT_ENROLLED", true, ""},
		"both":             {func(b *bundle) { b.endEnrollment(b.affiliate); b.setAffiliate(b.affiliate, affiliate.StatusARCHIVED) }, "ARCHIVED", true, ""},
		"paused":           {func(b *bundle) { b.setProgram(program.StatusPAUSED) }, "ACTIVE", false, "PROGRAM_PAUSED"},
		"archived":         {func(b *bundle) { b.setProgram(program.StatusARCHIVED) }, "ACTIVE", false, "PROGRAM_ARCHIVED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.addLink("spring")
			o := b.sale("1001")
			o.ClickToken = b.tokenOf(b.linkAt("spring"), true)
			c.change(b)
			got := b.bought(o)
			if len(got) != 1 || got[0].AffiliateStatus != c.status || got[0].Payable != c.payable || got[0].Reason != c.reason {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestQ46_Q62_SelfReferral: seller's parent is boss, and boss's parent is top.
func TestQ46_Q62_SelfReferral(t *testing.T) {
	t.Parallel()
	b := setup(t)
	top := b.addAffiliate("top@partner.example", "")
	boss := b.addAffiliate("Boss.One@gmail.com", top)
	seller := b.addAffiliate("seller@partner.example", boss)
	b.addAffiliate("below@partner.example", seller)
	b.enroll(seller)
	b.addLinkWith(LinkCreateInput{Slug: "spring", AffiliateID: seller})
	for email, via := range map[string]string{
		"seller@partner.example":        "EMAIL",
		"SELLER+shoes@partner.example":  "EMAIL",
		"bossone+x@googlemail.com":      "UPLINE_EMAIL",
		"top@partner.example":           "UPLINE_EMAIL",
		"below@partner.example":         "", // who stands below may buy
		"ann@partner.example":           "", // so may any other affiliate
		"buyer@mail.example":            "",
		"no address":                    "",
		"seller@partner.example.evil.x": "",
	} {
		o := b.sale("of " + email)
		o.Customer.Email, o.ClickToken = email, b.tokenOf(b.linkAt("spring"), true)
		got := b.bought(o)
		if len(got) != 1 || got[0].SelfVia != via || got[0].BuyerIsAffiliate != (via != "") {
			t.Errorf("%q: %+v, want %q", email, got, via)
		}
	}
}

// TestQ46_KnownAddressOfTheBuyerCounts: the order itself names no address.
func TestQ46_KnownAddressOfTheBuyerCounts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	first := b.sale("1001")
	first.Customer = order.Customer{ExternalID: "7", Email: "ann@partner.example"}
	b.record(first)
	second := b.sale("1002")
	second.Customer, second.ClickToken = order.Customer{ExternalID: "7"}, b.tokenOf(b.linkAt("spring"), true)
	if got := b.bought(second); len(got) != 1 || got[0].SelfVia != "EMAIL" {
		t.Fatalf("%+v", got)
	}
}

func TestTouchesAreBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	b.addCoupon(CouponCreateInput{Code: "ONE"})
	who := order.Customer{ExternalID: "7"}
	o := b.sale("1001")
	o.Customer, o.CouponCodes = who, []string{"ONE"}
	rec := b.record(o)
	b.write(func(ctx context.Context, tx *store.Tx) error {
		for i := range attribution.MaxTouches + 5 {
			c := claim{click: newClickID(b.clock.Now().Add(-time.Duration(i)*time.Second), true), linkID: b.linkAt("spring").row.ID, programID: b.program, affiliate: b.affiliate, payable: true}
			if _, err := c.touchIn(ctx, tx, rec.Conversion.CustomerID); err != nil {
				return err
			}
		}
		return nil
	})
	got := b.touches(rec.Conversion.ID, o)
	if len(got) != attribution.MaxTouches || got[0].Kind != attribution.KindCoupon || !got[1].At.Equal(b.clock.Now()) {
		t.Fatalf("%d touches", len(got))
	}
}

// TestQ53_LabelsReachTheConversion: link, address and order, the last of which wins.
func TestQ53_LabelsReachTheConversion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLinkWith(LinkCreateInput{Slug: "spring", SubIDs: map[string]string{"s1": "link", "s2": "link"}})
	o := b.sale("1001")
	o.ClickToken, o.SubIDs = b.tokenOf(b.linkAt("spring"), true), map[string]string{"s2": "order"}
	got := b.record(o).Conversion.SubIds
	if len(got) != 2 || got["s1"] != "link" || got["s2"] != "order" {
		t.Fatalf("%v", got)
	}
}
