package track

import (
	"cmp"
	"context"
	"slices"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversionline"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
)

// lineChunk bounds one statement to a third of SQLite's 32 766 parameters.
const lineChunk = 500

// insertLines gives the lines by external id.
func insertLines(ctx context.Context, tx *store.Tx, conversionID string, lines []order.Line) (made []*ent.ConversionLine, err error) {
	lines = slices.SortedFunc(slices.Values(lines), func(a, b order.Line) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	for chunk := range slices.Chunk(lines, lineChunk) {
		rows := make([]*ent.ConversionLineCreate, len(chunk))
		for i, l := range chunk {
			rows[i] = tx.Ent().ConversionLine.Create().SetConversionID(conversionID).SetExternalID(l.ExternalID).
				SetProductID(l.ProductID).SetSku(l.SKU).SetCategory(l.Category).SetTitle(l.Title).SetQuantity(l.Quantity).SetGiftCard(l.GiftCard).
				SetCurrency(l.Amount.Currency).SetAmountMinor(l.Amount.Minor).SetTaxMinor(l.Tax.Minor).SetDiscountMinor(l.Discount.Minor)
		}
		some, err := tx.Ent().ConversionLine.CreateBulk(rows...).Save(ctx)
		if err != nil {
			return nil, err
		}
		made = append(made, some...)
	}
	return made, nil
}

// amendLines makes the stored lines those of a newer message (Q49). A line that
// is gone stays with nothing on it, because refunds and traces may name it; and
// no line falls below what has been given back on it. changed says whether any is other
// than it was: lines may be exchanged for others of the same price.
func amendLines(ctx context.Context, tx *store.Tx, conversionID string, have []*ent.ConversionLine, want []order.Line) (base int64, changed bool, err error) {
	wanted := make(map[string]order.Line, len(want))
	for _, l := range want {
		wanted[l.ExternalID] = l
	}
	for _, row := range have {
		l, stays := wanted[row.ExternalID]
		if stays {
			l = described(row, l)
		} else {
			l = emptied(row)
		}
		delete(wanted, row.ExternalID)
		l = limited(row, l)
		other, err := updateLine(ctx, tx, row, l)
		if err != nil {
			return 0, false, err
		}
		changed = changed || other
		base += l.Base()
	}
	var added []order.Line
	for _, l := range want {
		if _, isNew := wanted[l.ExternalID]; isNew {
			added = append(added, l)
			base += l.Base()
		}
	}
	_, err = insertLines(ctx, tx, conversionID, added)
	return base, changed || len(added) > 0, err
}

// described keeps what is known of a line and a message does not say.
func described(row *ent.ConversionLine, l order.Line) order.Line {
	l.ProductID, l.SKU = cmp.Or(l.ProductID, row.ProductID), cmp.Or(l.SKU, row.Sku)
	l.Category, l.Title = cmp.Or(l.Category, row.Category), cmp.Or(l.Title, row.Title)
	return l
}

func emptied(row *ent.ConversionLine) order.Line {
	l := order.Line{ProductID: row.ProductID, SKU: row.Sku, Category: row.Category, Title: row.Title, GiftCard: row.GiftCard}
	l.Amount.Currency = row.Currency
	return l
}

// limited keeps a line consistent with its refunds: money given back stays given
// back, and was or was not part of the base.
func limited(row *ent.ConversionLine, l order.Line) order.Line {
	if row.RefundedMinor > 0 {
		l.GiftCard = row.GiftCard
		l.Amount.Minor = max(l.Amount.Minor, row.RefundedMinor)
	}
	return l
}

func updateLine(ctx context.Context, tx *store.Tx, row *ent.ConversionLine, l order.Line) (changed bool, err error) {
	if row.ProductID == l.ProductID && row.Sku == l.SKU && row.Category == l.Category && row.Title == l.Title && row.Quantity == l.Quantity && row.GiftCard == l.GiftCard &&
		row.AmountMinor == l.Amount.Minor && row.TaxMinor == l.Tax.Minor && row.DiscountMinor == l.Discount.Minor {
		return false, nil
	}
	return true, tx.Ent().ConversionLine.Update().Where(conversionline.ID(row.ID)).SetProductID(l.ProductID).SetSku(l.SKU).SetCategory(l.Category).SetTitle(l.Title).
		SetQuantity(l.Quantity).SetGiftCard(l.GiftCard).SetAmountMinor(l.Amount.Minor).SetTaxMinor(l.Tax.Minor).SetDiscountMinor(l.Discount.Minor).Exec(ctx)
}
