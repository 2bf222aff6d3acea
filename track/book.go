package track

import (
	"bytes"
	"context"
	"slices"

	"entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/conversionline"
	"github.com/tributary/tributary/ent/refund"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
)

// book is an order with all that has been given back on it, read under its lock:
// two refunds at once would otherwise both find room for themselves.
type book struct {
	conversion *ent.Conversion
	lines      []*ent.ConversionLine // by external id
	refunds    []*ent.Refund         // oldest first
	whole      int64                 // given back of what the buyer paid in all
	held       held
	amounts    int64            // given back by amount
	spread     map[string]int64 // of that, by the line's external id
}

// openBook locks and reads an order, and gives the refund of that external id if
// it is there.
func openBook(ctx context.Context, tx *store.Tx, conversionID, externalID string) (b book, first *ent.Refund, err error) {
	if err = tx.Lock(ctx, "conversions", conversionID); err != nil {
		return b, nil, err
	}
	if b.conversion, err = tx.Ent().Conversion.Query().Where(conversion.ID(conversionID)).Only(ctx); err != nil {
		return b, nil, err
	}
	if b.lines, err = linesOf(ctx, tx, conversionID); err != nil {
		return b, nil, err
	}
	b.refunds, err = tx.Ent().Refund.Query().Where(refund.ConversionID(conversionID)).Order(ent.Asc(refund.FieldID)).All(ctx)
	if err != nil {
		return b, nil, err
	}
	b.spread = map[string]int64{}
	for _, r := range b.refunds {
		d, err := readDetail(r.Lines)
		if err != nil {
			return b, nil, err
		}
		b.whole += d.whole
		b.held.add(r, d)
		b.amounts += d.amount
		for _, l := range d.spread {
			b.spread[l.externalID] += l.amount
		}
		if r.ExternalID == externalID {
			first = r
		}
	}
	return b, first, nil
}

func (b book) earlier(kind refund.Kind) *ent.Refund {
	at := slices.IndexFunc(b.refunds, func(r *ent.Refund) bool { return r.Kind == kind })
	if at < 0 {
		return nil
	}
	return b.refunds[at]
}

func (b book) remainder() order.Remainder {
	c := b.conversion
	rem := order.Remainder{Currency: c.Currency, Total: max(0, c.TotalMinor-b.whole), Paid: c.TotalMinor}
	for _, l := range b.lines {
		rem.Lines = append(rem.Lines, order.LineRemainder{ExternalID: l.ExternalID, Amount: l.AmountMinor - l.RefundedMinor, Sold: l.AmountMinor})
	}
	if b.earlier(refund.KindCHARGEBACK) != nil { // what a bank took stays where it was taken
		return rem
	}
	rem.Amounts = b.amounts
	for i := range rem.Lines {
		rem.Lines[i].Spread = b.spread[rem.Lines[i].ExternalID]
	}
	return rem
}

// spreadBy is what a refund changes of where earlier amounts and its own are.
func spreadBy(r order.Refund, rem order.Remainder, taken []int64) (spread []detailLine) {
	if r.Full || r.Chargeback || len(r.Lines) == 0 && r.Amount.IsZero() {
		return nil
	}
	for i, named := range r.Named(rem) {
		if moved := taken[i] - named; moved != 0 {
			spread = append(spread, detailLine{externalID: rem.Lines[i].ExternalID, amount: moved})
		}
	}
	return spread
}

// wholeOf is how much of what the buyer paid a refund gives back.
func wholeOf(r order.Refund, rem order.Remainder) (sum int64) {
	switch {
	case r.Full:
		return rem.Total
	case !r.Amount.IsZero():
		return r.Amount.Minor
	case !r.Paid.IsZero():
		return min(r.Paid.Minor, rem.Total)
	}
	for _, named := range r.Named(rem) {
		sum += named
	}
	return sum
}

// same refuses a refund that has the id of an earlier one and says something else
// (Q05): to answer with the earlier one would hide that nothing was given back.
func same(first *ent.Refund, r order.Refund) error {
	d, err := readDetail(first.Lines)
	if err != nil || len(d.digest) == 0 && first.Kind == refundKind(r) {
		return err
	}
	if digest := r.Digest(); !bytes.Equal(d.digest, digest[:]) {
		return problem.At(problem.Conflict, "externalId", "is the id of an earlier refund of this order, which gave back something else")
	}
	return nil
}

// repeat is the first result again, with what stands now. first is nil for an
// order that was cancelled when it was first heard of.
func (b book) repeat(first *ent.Refund) Refunded {
	if b.conversion == nil {
		return Refunded{}
	}
	if first == nil {
		return Refunded{
			Conversion: b.conversion, Amount: money.Zero(b.conversion.Currency),
			Cumulative: money.Of(b.conversion.RefundedMinor, b.conversion.Currency), Base: money.Of(b.conversion.BaseMinor, b.conversion.Currency),
		}
	}
	byLine := map[string]int64{}
	d, _ := readDetail(first.Lines) // read without fault by openBook
	for _, given := range d.lines {
		for _, l := range b.lines {
			if l.ExternalID == given.externalID && !l.GiftCard {
				byLine[l.ID] = given.amount
			}
		}
	}
	return result(first, b.conversion, false, byLine)
}

// takeLine is guarded by the database too: whatever was decided, no line gives
// back more than it has.
func takeLine(ctx context.Context, tx *store.Tx, l *ent.ConversionLine, amount int64) error {
	n, err := tx.Ent().ConversionLine.Update().Where(conversionline.ID(l.ID), func(s *sql.Selector) {
		s.Where(fits(s, conversionline.FieldRefundedMinor, conversionline.FieldAmountMinor, amount))
		s.Where(sql.GTE(s.C(conversionline.FieldRefundedMinor), -amount))
	}).AddRefundedMinor(amount).Save(ctx)
	return refuseExcess(n, err)
}

func takeConversion(ctx context.Context, tx *store.Tx, c *ent.Conversion, base int64, status conversion.Status) (*ent.Conversion, error) {
	n, err := tx.Ent().Conversion.Update().Where(conversion.ID(c.ID), func(s *sql.Selector) {
		s.Where(fits(s, conversion.FieldRefundedMinor, conversion.FieldBaseMinor, base))
		s.Where(sql.GTE(s.C(conversion.FieldRefundedMinor), -base))
	}).AddRefundedMinor(base).SetStatus(status).Save(ctx)
	if err := refuseExcess(n, err); err != nil {
		return nil, err
	}
	return tx.Ent().Conversion.Query().Where(conversion.ID(c.ID)).Only(ctx)
}

// fits is: column + more <= limit.
func fits(s *sql.Selector, column, limit string, more int64) *sql.Predicate {
	return sql.P(func(b *sql.Builder) {
		b.Ident(s.C(column)).WriteString(" <= ").Ident(s.C(limit)).WriteString(" - ").Arg(more)
	})
}

func refuseExcess(n int, err error) error {
	if err == nil && n == 0 {
		return problem.At(problem.RefundExceeds, "amount", "is more than what is left of the order")
	}
	return err
}

// detail is what a refund's row keeps in canonical bytes.
type detail struct {
	whole  int64
	lines  []detailLine
	digest []byte // of the message; none of a cancellation, nor in rows of layout 1
	// owed waits for a chargeback to be won; negative where one was. From layout 3 on.
	owed []detailLine
	// amount is what a refund gives back by amount, and spread what it changes of where all
	// amounts are. From layout 4 on.
	amount int64
	spread []detailLine
}

type detailLine struct {
	externalID       string
	quantity, amount int64
}

const (
	detailLayout = 2
	detailOwed   = 3
	detailSpread = 4
)

func (d detail) encode() []byte {
	layout := byte(detailLayout)
	switch {
	case d.amount != 0 || len(d.spread) > 0:
		layout = detailSpread
	case len(d.owed) > 0:
		layout = detailOwed
	}
	w := canon.NewWriter(layout)
	w.Int(d.whole)
	writeDetails(w, d.lines)
	w.Bytes(d.digest)
	if layout >= detailOwed {
		writeDetails(w, d.owed)
	}
	if layout >= detailSpread {
		w.Int(d.amount)
		writeDetails(w, d.spread)
	}
	return w.Sum()
}

func writeDetails(w *canon.Writer, lines []detailLine) {
	w.List(len(lines))
	for _, l := range lines {
		w.String(l.externalID)
		w.Int(l.quantity)
		w.Int(l.amount)
	}
}

func readDetails(r *canon.Reader) (lines []detailLine) {
	for range r.List() {
		lines = append(lines, detailLine{r.String(), r.Int(), r.Int()})
	}
	return lines
}

func readDetail(b []byte) (d detail, err error) {
	r, err := canon.NewReader(b)
	if err != nil {
		return d, err
	}
	d.whole = r.Int()
	d.lines = readDetails(r)
	if r.Version() >= detailLayout {
		d.digest = r.Bytes()
	}
	if r.Version() >= detailOwed {
		d.owed = readDetails(r)
	}
	if r.Version() >= detailSpread {
		d.amount = r.Int()
		d.spread = readDetails(r)
	}
	return d, r.Done()
}

func quantityOf(asked []order.RefundLine, externalID string) (n int64) {
	for _, l := range asked {
		if l.LineExternalID == externalID {
			n += l.Quantity
		}
	}
	return n
}
