package order

import (
	"cmp"
	"slices"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
)

// Layout versions of the two digests.
const (
	orderLayout  = 1
	refundLayout = 1
)

// Digest tells a repeated message from a changed one: equal digests mean that
// nothing that matters here differs. The order of lines does not count, that of
// coupon codes does (Q39), and Version does not: a source that touches an order
// without changing it says nothing new.
//
// Of the customer it holds the shop's id and which of e-mail, name and phone are
// there, not their values: it is stored in the open, and a bare hash of an
// address is undone by guessing. So a message that adds an e-mail counts as a
// change (Q47); one that only replaces it does not.
func (o Order) Digest() [32]byte {
	w := canon.NewWriter(orderLayout)
	for _, s := range []string{
		o.Source, o.SourceScope, o.ExternalID, o.Number, string(o.Kind), string(o.Status), o.ProgramID,
		string(o.Currency), o.Customer.ExternalID, o.ClickToken,
	} {
		w.String(s)
	}
	w.Time(o.OccurredAt)
	for _, given := range []bool{o.Customer.Email != "", o.Customer.Name != "", o.Customer.Phone != "", o.Test} {
		w.Bool(given)
	}
	writeAmounts(w, o.Currency, o.Total, o.Shipping, o.Tax, o.Discount)
	o.writeLines(w)
	w.List(len(o.CouponCodes))
	for _, code := range o.CouponCodes {
		w.String(code)
	}
	w.Bytes(canon.Facts(o.SubIDs).Encode())
	o.writeFacts(w)
	return canon.Hash(w.Sum())
}

func (o Order) writeLines(w *canon.Writer) {
	lines := slices.Clone(o.Lines)
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	w.List(len(lines))
	for _, l := range lines {
		w.String(l.ExternalID)
		w.String(l.ProductID)
		w.String(l.SKU)
		w.String(l.Title)
		w.Int(l.Quantity)
		writeAmounts(w, o.Currency, l.Amount, l.Tax, l.Discount)
		w.Bool(l.GiftCard)
	}
}

// Digest tells a repeated refund from one that reuses its id for something else
// (Q05): for other money or other lines. Who tells it, why, and the instant, which
// a source may leave out, make no other refund.
func (r Refund) Digest() [32]byte {
	w := canon.NewWriter(refundLayout)
	for _, s := range []string{r.SourceScope, r.OrderExternalID, r.ExternalID, string(r.Currency)} {
		w.String(s)
	}
	w.Bool(r.Full)
	writeAmounts(w, r.Currency, r.Amount)
	lines := slices.Clone(r.Lines)
	slices.SortFunc(lines, func(a, b RefundLine) int {
		return cmp.Or(cmp.Compare(a.LineExternalID, b.LineExternalID),
			cmp.Compare(a.Quantity, b.Quantity), cmp.Compare(a.Amount.Minor, b.Amount.Minor))
	})
	w.List(len(lines))
	for _, l := range lines {
		w.String(l.LineExternalID)
		w.Int(l.Quantity)
		writeAmounts(w, r.Currency, l.Amount)
	}
	if !r.Paid.IsZero() {
		w.String("paid")
		writeAmounts(w, r.Currency, r.Paid)
	}
	if r.Chargeback {
		w.Bool(true)
		writeAmounts(w, r.Currency, r.Fee)
	}
	return canon.Hash(w.Sum())
}

// writeAmounts writes amounts of which the order's currency goes without saying,
// so that the zero Money and nothing of that currency are the same.
func writeAmounts(w *canon.Writer, own money.Currency, amounts ...money.Money) {
	for _, m := range amounts {
		if m.Currency == own {
			m.Currency = ""
		}
		w.Int(m.Minor)
		w.String(string(m.Currency))
	}
}
