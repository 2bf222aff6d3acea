package track

import (
	"context"
	"errors"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/conversionline"
	"github.com/tributary/tributary/ent/customer"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/ent/provenance"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
)

// Recorded is what a message did to its conversion. Rows belong to the
// transaction.
type Recorded struct {
	Conversion *ent.Conversion
	Program    *ent.Program
	Lines      []*ent.ConversionLine
	Customer   *ent.Customer // nil when no buyer is known
	Created    bool          // this message made the conversion
	Changed    bool          // it was there, and something that matters to credit or commission is new
	Renamed    bool          // Changed, in what reports break it down by: its click, codes, labels, country, device or channel
	Stale      bool          // a newer message was there first; nothing was written
	PriorBase  money.Money   // base before this message; zero when Created

	// OnlyClick is the one click of a buyer that this message made known; nil when
	// there may be others, or none.
	OnlyClick    *ent.Touch
	RefusedToken string // why the message's click token proves no click; "" when it does, or there is none
}

// RecordIn makes a message part of its conversion, one per merchant, program,
// order scope and external id, whoever reports it and however often (Q47), and
// notes who told it, and by which key it was known (S34). The first makes it; a
// later one completes it, and changes its amounts when the merge rule of
// [order.Saying.Over] lets it (Q49); the same again does nothing. On
// PostgreSQL the conversion is locked when it returns.
//
// It emits no event: what an order means for anybody's money is said by whoever
// rates it, in the same transaction.
//
// A message never cancels a conversion that is there: CancelIn does, and after
// it no message changes anything. A paid message accepts a pending conversion; a
// pending one never takes that back.
//
// Errors: those of order.Validate, the first; NOT_FOUND programId;
// CURRENCY_MISMATCH currency when the conversion is in another.
func (s *Service) RecordIn(ctx context.Context, tx *store.Tx, o order.Order) (Recorded, error) {
	if faults := o.Validate(tx.MerchantTime()); len(faults) > 0 {
		return Recorded{}, faults[0]
	}
	p, err := tx.Ent().Program.Query().Where(program.ID(o.ProgramID)).Only(ctx)
	if err != nil {
		return Recorded{}, missing(err, "programId", "program")
	}
	rec, err := s.recordIn(ctx, tx, o)
	rec.Program = p
	return rec, err
}

func (s *Service) recordIn(ctx context.Context, tx *store.Tx, o order.Order) (Recorded, error) {
	buyer, err := s.customerIn(ctx, tx, o)
	if err != nil {
		return Recorded{}, fmt.Errorf("customer of an order: %w", err)
	}
	click, refused, err := s.claimIn(ctx, tx, o)
	if err != nil {
		return Recorded{}, fmt.Errorf("click of an order: %w", err)
	}
	o.Teller = tellerOf(o.Teller, tx.Viewer())
	rec, err := message{Order: o, digest: o.Digest(), buyer: buyer, click: click}.record(ctx, tx)
	rec.RefusedToken = refused
	if err == nil && rec.Customer != nil && buyer.Customer != nil && rec.Customer.ID != buyer.ID {
		err = s.completeBuyer(ctx, tx, &rec, o)
	}
	if err == nil && click != nil && click.ahead {
		e := early{tx.MerchantID(), click.click.String(), click.linkID}
		tx.AfterCommit(func() { s.hasten(e) })
	}
	return rec, err
}

// record makes the conversion, or finds it under any of its keys and makes the message a
// part of it. Every key is unique: of messages that share one and come at once, one makes
// the conversion, and the others wait for it and then find it.
func (m message) record(ctx context.Context, tx *store.Tx) (Recorded, error) {
	_, number := m.Keys()
	row, err := m.insert(ctx, tx, &number)
	if err != nil {
		return Recorded{}, err
	}
	if row != nil {
		return m.complete(ctx, tx, row)
	}
	known, by, err := m.find(ctx, tx)
	if err == nil && known == nil { // the number is another order's
		if row, err = m.insert(ctx, tx, nil); row != nil {
			return m.complete(ctx, tx, row)
		}
		if err == nil {
			known, by, err = m.find(ctx, tx)
		}
	}
	if err == nil && known == nil {
		err = errors.New("an order is known by a key under which it is not found")
	}
	if err != nil {
		return Recorded{}, err
	}
	rec, err := m.merge(ctx, tx, known.ID)
	if err != nil {
		return rec, err
	}
	return rec, m.told(ctx, tx, known.ID, by)
}

// message is an order with what was found about it.
type message struct {
	order.Order
	digest [32]byte
	buyer  buyer
	click  *claim     // nil when it proves none
	word   order.Word // what it may do to the conversion that is there
}

func (m message) buyerID() *string {
	if m.buyer.Customer == nil {
		return nil
	}
	return &m.buyer.ID
}

func (m message) clickID() *string {
	if m.click == nil {
		return nil
	}
	text := m.click.click.String()
	return &text
}

// insert makes the conversion, or gives nil when it is there under any of its keys. A
// hundred copies of one message at once wait here for the first to commit; none fails.
func (m message) insert(ctx context.Context, tx *store.Tx, numberKey *string) (*ent.Conversion, error) {
	idKey, _ := m.Keys()
	set := tx.Ent().Conversion.Create().SetID(tx.ID(id.Conversion)).SetProgramID(m.ProgramID).SetNillableCustomerID(m.buyerID()).
		SetKind(conversion.Kind(m.Kind)).SetStatus(statusOf(m.Status)).SetSource(m.Source).SetSources([]string{m.Source}).
		SetOrderScope(m.SourceScope).SetExternalID(m.ExternalID).SetOrderNumber(m.Number).
		SetIDKey(idKey).SetNillableNumberKey(numberKey).SetSpoken(string(m.Teller.Kind)).
		SetOccurredAt(m.OccurredAt.UTC().Truncate(time.Microsecond)).SetCurrency(m.Currency).
		SetTotalMinor(m.Total.Minor).SetBaseMinor(m.Base().Minor).
		SetTaxMinor(m.Tax.Minor).SetShippingMinor(m.Shipping.Minor).SetDiscountMinor(m.Discount.Minor).
		SetNillableClickID(m.clickID()).SetCouponCodes(m.CouponCodes).SetSubIds(m.click.labelled(m.Order)).
		SetSourceVersion(m.Version).SetDigest(m.digest[:])
	if m.Teller.Key == "" {
		set.SetToldKind(string(m.Teller.Kind)).SetToldBy(m.Teller.ID).SetToldGiven(m.Given())
	}
	m.place(set.Mutation(), nil)
	if profile := profileOf(m.buyer.Customer); profile != nil {
		set.SetProfile(profile)
	}
	set.OnConflict(sql.DoNothing())
	return made(set.Save(ctx))
}

// statusOf maps what the source says.
func statusOf(s order.Status) conversion.Status {
	switch s {
	case order.StatusPaid:
		return conversion.StatusACCEPTED
	case order.StatusCancelled:
		return conversion.StatusCANCELLED
	default:
		return conversion.StatusPENDING
	}
}

// complete adds what belongs to a conversion just made.
func (m message) complete(ctx context.Context, tx *store.Tx, row *ent.Conversion) (Recorded, error) {
	lines, err := insertLines(ctx, tx, row.ID, m.Lines)
	if err != nil {
		return Recorded{}, err
	}
	touch, err := m.click.touchIn(ctx, tx, m.buyerID())
	if err != nil {
		return Recorded{}, err
	}
	if m.Teller.Key != "" {
		if err := m.told(ctx, tx, row.ID, provenance.MatchedByTRANSACTION); err != nil {
			return Recorded{}, err
		}
	}
	if m.buyer.Customer != nil && !m.buyer.counted {
		if err := m.buyer.count(ctx, tx, 1); err != nil {
			return Recorded{}, err
		}
	}
	rec := Recorded{Conversion: row, Lines: lines, Customer: m.buyer.Customer, Created: true, PriorBase: money.Zero(m.Currency)}
	if m.buyer.counted && touch != nil && touch.TouchedAt.After(row.OccurredAt.Add(-attribution.MaxWindow)) {
		rec.OnlyClick = touch
	}
	return rec, nil
}

// read gives a conversion with its lines, by external id, and its buyer.
func read(ctx context.Context, tx *store.Tx, conversionID string) (rec Recorded, err error) {
	rec.Conversion, err = tx.Ent().Conversion.Query().Where(conversion.ID(conversionID)).Only(ctx)
	if err != nil {
		return rec, err
	}
	rec.PriorBase = money.Of(rec.Conversion.BaseMinor, rec.Conversion.Currency)
	if rec.Lines, err = linesOf(ctx, tx, conversionID); err != nil || rec.Conversion.CustomerID == nil {
		return rec, err
	}
	rec.Customer, err = tx.Ent().Customer.Query().Where(customer.ID(*rec.Conversion.CustomerID)).Only(ctx)
	return rec, err
}

func linesOf(ctx context.Context, tx *store.Tx, conversionID string) ([]*ent.ConversionLine, error) {
	return tx.Ent().ConversionLine.Query().Where(conversionline.ConversionID(conversionID)).
		Order(ent.Asc(conversionline.FieldExternalID)).All(ctx)
}

// MarkRatedIn notes whether credit and commission are decided, and why there is
// none when there is none, on the row and on the caller's copy of it.
func (s *Service) MarkRatedIn(ctx context.Context, tx *store.Tx, cnv *ent.Conversion, rating conversion.Rating, reason string) error {
	reason = reason[:min(len(reason), 200)]
	n, err := tx.Ent().Conversion.Update().Where(conversion.ID(cnv.ID)).SetRating(rating).SetRatingReason(reason).Save(ctx)
	if err == nil && n != 1 {
		err = fmt.Errorf("the conversion %s is not there to be rated", cnv.ID)
	}
	if err != nil {
		return err
	}
	cnv.Rating, cnv.RatingReason, cnv.UpdatedAt, cnv.Version = rating, reason, tx.Now(), cnv.Version+1
	return nil
}
