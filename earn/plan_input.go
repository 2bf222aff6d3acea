package earn

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/track/attribution"
)

// input gives the plan what it may know of the order, whoever has credit: the lines
// as they were sold, and the facts that conditions look at.
func (w *work) input(ctx context.Context, terms *plan.Terms) (plan.Input, error) {
	return inputOf(ctx, w.tx.Ent(), w.program, w.sale, w.lines, terms)
}

func inputOf(ctx context.Context, c *ent.Client, p *ent.Program, sale *ent.Conversion, of []*ent.ConversionLine, terms *plan.Terms) (in plan.Input, err error) {
	in = plan.Input{Currency: sale.Currency, Kind: string(sale.Kind), At: sale.OccurredAt}
	for _, code := range sale.CouponCodes {
		in.Coupons = append(in.Coupons, attribution.CouponKey(code))
	}
	for name, value := range sale.SubIds {
		in.SubIDs = append(in.SubIDs, plan.Label{Name: name, Value: value})
	}
	for _, l := range of {
		in.Order += l.AmountMinor
	}
	place(&in, sale)
	if in.Lines, err = planLines(sale, of); err != nil {
		return in, err
	}
	if terms.Clock() {
		if in.LocalMinute, err = minuteOfWeek(sale.OccurredAt, p.TimeZone); err != nil {
			return in, err
		}
	}
	if terms.Buyer() {
		if in.Buyer, err = bought(ctx, c, sale); err != nil {
			return in, err
		}
	}
	if terms.Payment() {
		in.Payment, in.Month, err = payment(ctx, c, p, sale, terms.Reanchors())
	}
	return in, err
}

// minuteOfWeek gives what the clocks of a zone show, from Monday 00:00.
func minuteOfWeek(at time.Time, zone string) (int, error) {
	place, err := time.LoadLocation(zone)
	if err != nil {
		return 0, fmt.Errorf("the program's time zone: %w", err)
	}
	local := at.In(place)
	day := (int(local.Weekday()) + 6) % 7
	return (day*24+local.Hour())*60 + local.Minute(), nil
}

// bought tells a new buyer from a returning one, who has an earlier order at this
// merchant that stands. Of an order that names nobody it is not known.
func bought(ctx context.Context, c *ent.Client, sale *ent.Conversion) (plan.Buyer, error) {
	if sale.CustomerID == nil {
		return "", nil
	}
	at := sale.OccurredAt
	before, err := c.Conversion.Query().Where(
		conversion.CustomerID(*sale.CustomerID), conversion.IDNEQ(sale.ID), conversion.KindEQ(conversion.KindSALE), conversion.StatusNEQ(conversion.StatusCANCELLED),
		conversion.Or(conversion.OccurredAtLT(at), conversion.And(conversion.OccurredAt(at), conversion.IDLT(sale.ID))),
	).Exist(ctx)
	if err != nil || !before {
		return plan.BuyerNew, err
	}
	return plan.BuyerReturning, nil
}

// planLines gives the lines with their parts of what the order says of tax,
// shipping and discount where its lines say nothing.
func planLines(sale *ent.Conversion, lines []*ent.ConversionLine) ([]plan.LineIn, error) {
	out := make([]plan.LineIn, len(lines))
	for i, l := range lines {
		out[i] = plan.LineIn{
			ID: l.ID, Amount: money.Of(l.AmountMinor, l.Currency), GiftCard: l.GiftCard, ProductID: l.ProductID, SKU: l.Sku, Category: l.Category,
			Tax: l.TaxMinor, Discount: l.DiscountMinor,
		}
	}
	slices.SortFunc(out, func(a, b plan.LineIn) int { return cmp.Compare(a.ID, b.ID) })
	for _, whole := range []struct {
		total int64
		of    func(*plan.LineIn) *int64
	}{
		{sale.TaxMinor, func(l *plan.LineIn) *int64 { return &l.Tax }},
		{sale.ShippingMinor, func(l *plan.LineIn) *int64 { return &l.Shipping }},
		{sale.DiscountMinor, func(l *plan.LineIn) *int64 { return &l.Discount }},
	} {
		if err := handDown(out, whole.total, whole.of); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// handDown splits an amount of the order over lines of which none says its own, by
// what was paid for each.
func handDown(lines []plan.LineIn, total int64, of func(*plan.LineIn) *int64) error {
	parts := make([]money.Part, len(lines))
	var weight int64
	for i := range lines {
		if *of(&lines[i]) > 0 {
			return nil
		}
		parts[i] = money.Part{ID: lines[i].ID, Weight: lines[i].Amount.Minor}
		weight += parts[i].Weight
	}
	if total == 0 || len(lines) == 0 {
		return nil
	}
	for i := range parts {
		if weight == 0 {
			parts[i].Weight = 1
		}
	}
	shares, err := money.Split(total, parts)
	for i := range shares {
		*of(&lines[i]) = shares[i]
	}
	return err
}

// portion gives what an edit has added to a line: so much of its amount, and as
// much of its tax, shipping and discount in proportion.
func portion(l plan.LineIn, more int64) (plan.LineIn, error) {
	for _, v := range []*int64{&l.Tax, &l.Shipping, &l.Discount} {
		part, err := money.MulDiv(*v, more, l.Amount.Minor)
		if err != nil {
			return l, err
		}
		*v = part
	}
	l.Amount.Minor = more
	return l, nil
}

// merged adds up what the layers of a conversion keep of each rule's commission on
// each line.
func merged(paid []plan.Paid) (sum []plan.Paid) {
	for _, p := range paid {
		i := slices.IndexFunc(sum, func(s plan.Paid) bool {
			return s.RuleID == p.RuleID && s.LineID == p.LineID && s.AffiliateID == p.AffiliateID
		})
		if i < 0 {
			sum = append(sum, p)
			continue
		}
		sum[i].Minor += p.Minor
	}
	return sum
}
