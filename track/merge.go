package track

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
)

// merge makes a further message part of the conversion that is there.
func (m message) merge(ctx context.Context, tx *store.Tx, known string) (Recorded, error) {
	rec, err := lock(ctx, tx, known)
	if err != nil {
		return rec, err
	}
	if m.buyer.counted { // too early: the order was here before its buyer was known
		if err := m.buyer.count(ctx, tx, -1); err != nil {
			return rec, err
		}
	}
	row := rec.Conversion
	m.word = order.Saying{By: m.Teller.Kind, Version: m.Version}.Over(order.Saying{By: order.TellerKind(row.Spoken), Version: row.SourceVersion})
	switch {
	case row.Currency != m.Currency:
		return rec, problem.At(problem.CurrencyMismatch, "currency", "the order is known in another currency")
	case m.word == order.Older:
		rec.Stale = true
		return rec, nil
	case bytes.Equal(row.Digest, m.digest[:]):
		return rec, m.advance(ctx, tx, row)
	case row.Status == conversion.StatusCANCELLED:
		return rec, nil
	}
	return m.apply(ctx, tx, rec)
}

// lock takes the conversion's lock and reads it after that: what is decided from
// an earlier reading may be decided twice.
func lock(ctx context.Context, tx *store.Tx, conversionID string) (Recorded, error) {
	if err := tx.Lock(ctx, "conversions", conversionID); err != nil {
		return Recorded{}, err
	}
	return read(ctx, tx, conversionID)
}

// advance notes that the source said the same again later, so that a message
// from in between is known to be old.
func (m message) advance(ctx context.Context, tx *store.Tx, row *ent.Conversion) error {
	if m.Version <= row.SourceVersion || m.word != order.Edits {
		return nil
	}
	return tx.Ent().Conversion.Update().Where(conversion.ID(row.ID)).SetSourceVersion(m.Version).Exec(ctx)
}

// apply completes the record, and changes what a message of this version may
// change.
func (m message) apply(ctx context.Context, tx *store.Tx, rec Recorded) (Recorded, error) {
	row, prior := rec.Conversion, rec.PriorBase
	labels := m.labels(row)
	set := tx.Ent().Conversion.Update().Where(conversion.ID(row.ID)).SetDigest(m.digest[:]).SetSubIds(labels)
	if m.word == order.Edits {
		set.SetSourceVersion(m.Version).SetSpoken(string(m.Teller.Kind))
	}
	if !slices.Contains(row.Sources, m.Source) {
		set.SetSources(append(slices.Clone(row.Sources), m.Source))
	}
	if m.Number != "" && (row.OrderNumber == "" || m.word == order.Edits) {
		set.SetOrderNumber(m.Number)
	}
	if err := m.keyed(ctx, tx, row, set); err != nil {
		return rec, err
	}
	base, changed, err := m.amend(ctx, tx, rec, set)
	if err != nil {
		return rec, err
	}
	moved, placed := m.place(set.Mutation(), row)
	status := m.status(row, base)
	coupons := m.coupons(row)
	joined, err := m.join(ctx, tx, row, set)
	if err != nil {
		return rec, err
	}
	if err := set.SetStatus(status).SetCouponCodes(coupons).Exec(ctx); err != nil {
		return rec, err
	}
	fresh, err := read(ctx, tx, row.ID)
	fresh.PriorBase = prior
	fresh.Renamed = moved || fresh.Conversion.ClickID != nil && row.ClickID == nil || !slices.Equal(coupons, row.CouponCodes) || !maps.Equal(labels, row.SubIds)
	fresh.Changed = joined || placed || changed || status != row.Status || base != row.BaseMinor || fresh.Renamed
	return fresh, err
}

// amend takes over lines and totals, unless the message is not the source's
// latest word or knows less than what is there.
func (m message) amend(ctx context.Context, tx *store.Tx, rec Recorded, set *ent.ConversionUpdate) (base int64, changed bool, err error) {
	row := rec.Conversion
	if m.word != order.Edits && !m.itemises(rec) || m.poorer(rec.Lines) {
		return row.BaseMinor, false, nil
	}
	if base, changed, err = amendLines(ctx, tx, row.ID, rec.Lines, m.Lines); err != nil {
		return 0, false, err
	}
	set.SetBaseMinor(base).SetTotalMinor(m.Total.Minor).
		SetTaxMinor(saidOr(m.Tax, row.TaxMinor)).SetShippingMinor(saidOr(m.Shipping, row.ShippingMinor)).SetDiscountMinor(saidOr(m.Discount, row.DiscountMinor))
	return base, changed, nil
}

// saidOr is an amount, or what is known where a message says none: zero is an amount.
func saidOr(says money.Money, known int64) int64 {
	if says == (money.Money{}) {
		return known
	}
	return says.Minor
}

// itemises reports whether a message names the lines of an order of which only the whole
// is known, and comes to the same: then it completes it.
func (m message) itemises(rec Recorded) bool {
	whole := len(rec.Lines) == 1 && rec.Lines[0].ExternalID == order.WholeLine && rec.Lines[0].RefundedMinor == 0
	return whole && len(m.Lines) > 0 && m.Base().Minor == rec.Conversion.BaseMinor && m.Total.Minor == rec.Conversion.TotalMinor
}

// poorer reports a message without lines, or with the whole order as one line,
// about an order whose lines are known (Q47).
func (m message) poorer(have []*ent.ConversionLine) bool {
	if len(m.Lines) == 0 {
		return len(have) > 0
	}
	whole := len(m.Lines) == 1 && m.Lines[0].ExternalID == order.WholeLine
	return whole && slices.ContainsFunc(have, func(l *ent.ConversionLine) bool { return l.ExternalID != order.WholeLine })
}

// status moves forward only; an edited order may again have something left.
func (m message) status(row *ent.Conversion, base int64) conversion.Status {
	accepted := row.Status != conversion.StatusPENDING || m.Status == order.StatusPaid
	switch {
	case !accepted:
		return row.Status
	case row.RefundedMinor == 0 && row.Status == conversion.StatusPENDING:
		return conversion.StatusACCEPTED
	case row.RefundedMinor > 0 && base > row.RefundedMinor:
		return conversion.StatusPARTIALLY_REFUNDED
	case row.RefundedMinor > 0 && row.Status == conversion.StatusCHARGED_BACK:
		return row.Status
	case row.RefundedMinor > 0:
		return conversion.StatusREFUNDED
	}
	return row.Status
}

func (m message) coupons(row *ent.Conversion) []string {
	if len(m.CouponCodes) == 0 || m.word != order.Edits && len(row.CouponCodes) > 0 {
		return row.CouponCodes
	}
	return m.CouponCodes
}

// labels adds to those that are there.
func (m message) labels(row *ent.Conversion) map[string]string {
	labels := m.click.labelled(m.Order)
	maps.Copy(labels, row.SubIds)
	return labels
}

// join gives the conversion the buyer and the click that its first message did
// not name; those it has stay.
func (m message) join(ctx context.Context, tx *store.Tx, row *ent.Conversion, set *ent.ConversionUpdate) (bool, error) {
	newBuyer, newClick := row.CustomerID == nil && m.buyer.Customer != nil, row.ClickID == nil && m.click != nil
	buyerID := row.CustomerID
	if newBuyer {
		buyerID = &m.buyer.ID
	}
	if _, err := m.click.touchIn(ctx, tx, buyerID); err != nil || !newBuyer && !newClick {
		return false, err
	}
	if newClick {
		set.SetNillableClickID(m.clickID())
	}
	if !newBuyer {
		return true, nil
	}
	set.SetNillableCustomerID(m.buyerID())
	if profile := profileOf(m.buyer.Customer); profile != nil {
		set.SetProfile(profile)
	}
	if row.ClickID != nil {
		if err := adoptTouch(ctx, tx, *row.ClickID, m.buyer.ID); err != nil {
			return false, err
		}
	}
	return true, m.buyer.count(ctx, tx, 1)
}
