package track

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
)

func (b *bundle) addCoupon(c CouponCreateInput) string {
	b.t.Helper()
	c.ProgramID, c.AffiliateID = b.program, orDefault(c.AffiliateID, b.affiliate)
	out, err := b.CouponCreate(b.ctx, c)
	b.must(err)
	return out.ID
}

func TestQ40_CouponCreateRefusesBadInput(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addCoupon(CouponCreateInput{Code: "Straße10"})
	now, zero := b.clock.Now(), 0
	code := func(c string) func(*CouponCreateInput) { return func(in *CouponCreateInput) { in.Code = c } }
	for name, c := range map[string]struct {
		edit  func(*CouponCreateInput)
		code  problem.Code
		field string
	}{
		"empty":              {code(""), problem.Invalid, "code"},
		"spaces":             {code(" A "), problem.Invalid, "code"},
		"control":            {code("A\tB"), problem.Invalid, "code"},
		"not UTF-8":          {code("A\xff"), problem.Invalid, "code"},
		"long":               {code(strings.Repeat("A", 65)), problem.TooLarge, "code"},
		"taken":              {code("Straße10"), problem.Taken, "code"},
		"taken, other case":  {code("STRASSE10"), problem.Taken, "code"},
		"taken, other width": {code("strasse１０"), problem.Taken, "code"},
		"ends first":         {func(in *CouponCreateInput) { in.ValidFrom, in.ValidUntil = &now, &now }, problem.Invalid, "validUntil"},
		"no uses":            {func(in *CouponCreateInput) { in.MaxUses = &zero }, problem.Invalid, "maxUses"},
		"no program":         {func(in *CouponCreateInput) { in.ProgramID = "prg_none" }, problem.NotFound, "programId"},
		"no affiliate":       {func(in *CouponCreateInput) { in.AffiliateID = "aff_none" }, problem.NotFound, "affiliateId"},
	} {
		in := CouponCreateInput{ProgramID: b.program, AffiliateID: b.affiliate, Code: "FRESH"}
		c.edit(&in)
		t.Run(name, func(*testing.T) {
			b.refused(c.code, c.field, func() error { _, err := b.CouponCreate(b.ctx, in); return err })
		})
	}
}

func TestCouponArchive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.addCoupon(CouponCreateInput{Code: "SPRING"})
	old := 9
	b.refused(problem.Conflict, "expectedVersion", func() error { _, err := b.CouponArchive(b.ctx, id, &old); return err })
	b.refused(problem.NotFound, "id", func() error { _, err := b.CouponArchive(b.ctx, "cpn_none", nil); return err })
	before := len(b.events(0))
	for range 2 {
		_, err := b.CouponArchive(b.ctx, id, nil)
		b.must(err)
	}
	if got := b.events(int64(before)); len(got) != 1 || got[0] != "coupon.archived" {
		t.Fatalf("events %v", got)
	}
}

func TestQ40_CouponIsUsedNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	two := 2
	limited, free := b.addCoupon(CouponCreateInput{Code: "TWO", MaxUses: &two}), b.addCoupon(CouponCreateInput{Code: "FREE"})
	use := func(id string) error {
		_, err := in(b, func(ctx context.Context, tx *store.Tx) (string, error) { return "", b.UseCouponIn(ctx, tx, id) })
		return err
	}
	for range 3 {
		b.must(use(free))
	}
	b.must(use(limited))
	b.must(use(limited))
	if err := use(limited); problem.CodeOf(err) != problem.State {
		t.Fatalf("third use: %v", err)
	}
	c, err := b.store.Client().Coupon.Get(b.ctx, limited)
	b.must(err)
	if c.Uses != 2 {
		t.Fatalf("%d uses", c.Uses)
	}
}

func TestQ44_PolicyVersions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := func(when time.Time) (number int, window time.Duration) {
		b.write(func(ctx context.Context, tx *store.Tx) error {
			e, err := b.EvidenceIn(ctx, tx, b.caseOf(ctx, tx, &ent.Conversion{ProgramID: b.program, OccurredAt: when}, order.Order{}))
			if err != nil {
				return err
			}
			row, err := tx.Ent().AttributionPolicy.Get(ctx, e.PolicyID)
			number, window = row.Number, e.Policy.Window
			return err
		})
		return number, window
	}
	start := b.clock.Now()
	later := start.Add(48 * time.Hour)
	second, err := b.PolicyActivate(b.ctx, PolicyActivateInput{ProgramID: b.program, WindowDays: 7, ValidFrom: &later})
	b.must(err)
	b.clock.Advance(time.Hour)
	third, err := b.PolicyActivate(b.ctx, PolicyActivateInput{ProgramID: b.program, WindowDays: 60})
	b.must(err)
	if second.Number != 2 || third.Number != 3 {
		t.Fatalf("numbers %d and %d", second.Number, third.Number)
	}
	for _, c := range []struct {
		when   time.Time
		number int
		days   int
	}{
		{start.Add(-300 * day), 1, 30}, // the default, written on first use, holds for all time before
		{start.Add(time.Hour - time.Microsecond), 1, 30},
		{start.Add(time.Hour), 3, 60}, // closed at its beginning
		{later.Add(-time.Microsecond), 3, 60},
		{later, 2, 7}, // made earlier, in force later
	} {
		if number, window := at(c.when); number != c.number || window != time.Duration(c.days)*day {
			t.Errorf("at %s: version %d, %s; want %d, %d days", c.when, number, window, c.number, c.days)
		}
	}
}

func TestPolicyActivateRefusesBadInput(t *testing.T) {
	t.Parallel()
	b := setup(t)
	past := b.clock.Now().Add(-time.Second)
	for name, c := range map[string]struct {
		edit  func(*PolicyActivateInput)
		code  problem.Code
		field string
	}{
		"no window":       {func(in *PolicyActivateInput) { in.WindowDays = 0 }, problem.Invalid, "windowDays"},
		"long window":     {func(in *PolicyActivateInput) { in.WindowDays = 401 }, problem.Invalid, "windowDays"},
		"negative window": {func(in *PolicyActivateInput) { in.WindowDays = -1 }, problem.Invalid, "windowDays"},
		"kind":            {func(in *PolicyActivateInput) { in.Precedence = append(in.Precedence, "PIXEL") }, problem.Invalid, "precedence"},
		"suspended":       {func(in *PolicyActivateInput) { in.OnSuspended = "PAY" }, problem.Invalid, "onSuspended"},
		"hours":           {func(in *PolicyActivateInput) { in.Model, in.HalfLifeHours = "TIME_DECAY", 9601 }, problem.Invalid, "halfLifeHours"},
		"weights":         {func(in *PolicyActivateInput) { in.Model = "POSITION" }, problem.Invalid, "position"},
		"a weight":        {func(in *PolicyActivateInput) { in.Model, in.First, in.Last = "POSITION", -1, 50 }, problem.Invalid, "position.first"},
		"own window":      {func(in *PolicyActivateInput) { in.Windows = []AffiliateWindow{{b.affiliate, 1 << 40}} }, problem.Invalid, "affiliateWindows.0.windowDays"},
		"whose window":    {func(in *PolicyActivateInput) { in.Windows = []AffiliateWindow{{b.affiliate, 1}, {"aff_none", 1}} }, problem.NotFound, "affiliateWindows.1.affiliateId"},
		"lifetime":        {func(in *PolicyActivateInput) { in.Lifetime, in.LifetimeDays = "UNTIL_EXPIRY", 36501 }, problem.Invalid, "lifetime.days"},
		"past":            {func(in *PolicyActivateInput) { in.ValidFrom = &past }, problem.Invalid, "validFrom"},
		"no program":      {func(in *PolicyActivateInput) { in.ProgramID = "prg_none" }, problem.NotFound, "programId"},
	} {
		in := PolicyActivateInput{ProgramID: b.program, WindowDays: 7}
		c.edit(&in)
		t.Run(name, func(*testing.T) {
			b.refused(c.code, c.field, func() error { _, err := b.PolicyActivate(b.ctx, in); return err })
		})
	}
}
