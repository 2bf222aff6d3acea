package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/refund"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/order"
)

// sourceAPI is who reports when nobody is named.
const sourceAPI = "api"

// faults gathers what is wrong with an input, so that all of it is said at once.
type faults struct{ all []error }

func (f *faults) amount(field string, in *model.MoneyInput) money.Money {
	m, err := amount(field, in)
	f.all = append(f.all, err)
	return m
}

func (f *faults) err() error { return errors.Join(f.all...) }

// mapOrder turns an input into the normal form that every source is mapped to.
func mapOrder(in model.ConversionRecordInput, now time.Time) (order.Order, error) {
	var f faults
	o := order.Order{
		Source: or(in.Source, sourceAPI), SourceScope: or(in.OrderScope, ""), ExternalID: in.ExternalID, Number: or(in.OrderNumber, ""),
		Kind: order.KindSale, Status: order.StatusPaid, ProgramID: in.ProgramID, OccurredAt: or(in.OccurredAt, now),
		Shipping: f.amount("shipping", in.Shipping), Tax: f.amount("tax", in.Tax), Discount: f.amount("discount", in.Discount),
		ClickToken: or(in.ClickToken, ""), CouponCodes: in.CouponCodes, SubIDs: in.SubIds,
	}
	if in.Kind != nil {
		o.Kind = order.Kind(*in.Kind)
	}
	if in.Status != nil {
		o.Status = order.Status(*in.Status)
	}
	if in.Customer != nil {
		o.Customer = order.Customer{ExternalID: or(in.Customer.ExternalID, ""), Email: or(in.Customer.Email, ""), Name: or(in.Customer.Name, "")}
	}
	f.place(&o, in)
	o.Version = f.version(in.Version)
	o.Lines = f.lines(in.Lines)
	f.total(&o, in.Total)
	return o, f.err()
}

func (f *faults) version(in *string) int64 {
	if in == nil {
		return 0
	}
	n, err := strconv.ParseInt(*in, 10, 64)
	if err != nil || n < 0 {
		f.all = append(f.all, problem.At(problem.Invalid, "version", "a whole number, not below zero"))
	}
	return n
}

func (f *faults) lines(in []*model.OrderLineInput) []order.Line {
	out := make([]order.Line, 0, len(in))
	for i, l := range in {
		path := fmt.Sprintf("lines.%d.", i)
		out = append(out, order.Line{
			ExternalID: or(l.ExternalID, strconv.Itoa(i+1)), ProductID: or(l.ProductID, ""), SKU: or(l.Sku, ""), Category: or(l.Category, ""), Title: or(l.Title, ""),
			Quantity: int64(or(l.Quantity, 1)), Amount: f.amount(path+"amount", l.Amount), Tax: f.amount(path+"tax", l.Tax),
			Discount: f.amount(path+"discount", l.Discount), GiftCard: or(l.GiftCard, false),
		})
	}
	return out
}

// total settles currency, total and lines.
func (f *faults) total(o *order.Order, in *model.MoneyInput) {
	o.Total = f.amount("total", in)
	if f.err() != nil {
		return
	}
	if err := o.Settle(in != nil); err != nil {
		f.all = append(f.all, err)
	}
}

// mapRefund turns an input into the normal form of a refund.
func mapRefund(in model.RefundRecordInput, now time.Time) (order.Refund, error) {
	var f faults
	r := order.Refund{
		Source: sourceAPI, ProgramID: in.ProgramID, SourceScope: or(in.OrderScope, ""), OrderExternalID: in.OrderExternalID, ExternalID: in.ExternalID,
		OccurredAt: or(in.OccurredAt, now), Amount: f.amount("amount", in.Amount), Full: or(in.Full, false), Reason: or(in.Reason, ""), Code: reasonCode(in.ReasonCode),
	}
	if len(in.Lines) == 0 && r.Amount.IsZero() && !r.Full && f.err() == nil {
		f.all = append(f.all, problem.At(problem.Invalid, "amount", "say lines, an amount above zero, or full"))
	}
	r.Currency = r.Amount.Currency
	for i, l := range in.Lines {
		m := f.amount(fmt.Sprintf("lines.%d.amount", i), l.Amount)
		r.Lines = append(r.Lines, order.RefundLine{LineExternalID: l.LineExternalID, Quantity: int64(or(l.Quantity, 0)), Amount: m})
		r.Currency = cmp.Or(r.Currency, m.Currency)
	}
	return r, f.err()
}

// orderOf maps an input; a lead or sign-up without an amount is counted in the
// program's currency.
func (r *Resolver) orderOf(ctx context.Context, in model.ConversionRecordInput) (order.Order, error) {
	o, err := mapOrder(in, r.Store.MerchantTime(ctx))
	if err != nil || o.Currency != "" {
		return o, err
	}
	p, err := r.Store.Client().Program.Get(ctx, in.ProgramID)
	if ent.IsNotFound(err) {
		return o, problem.At(problem.NotFound, "programId", "the program was not found")
	}
	if err == nil {
		o.Currency, o.Total = p.Currency, money.Zero(p.Currency)
	}
	return o, err
}

// refundOf maps an input to a refund of the order that the program knows; a full
// refund is in the order's currency.
func (r *Resolver) refundOf(ctx context.Context, in model.RefundRecordInput) (order.Refund, error) {
	out, err := mapRefund(in, r.Store.MerchantTime(ctx))
	if err != nil {
		return out, err
	}
	sale, err := r.ordered(ctx, in.ProgramID, out.SourceScope, in.OrderExternalID)
	if err == nil && sale == nil {
		return out, problem.At(problem.NotFound, "orderExternalId", "the order was not found")
	}
	if err == nil {
		out.Currency = cmp.Or(out.Currency, sale.Currency)
	}
	return out, err
}

// ordered finds an order by an id that it goes by, nil when there is none.
func (r *Resolver) ordered(ctx context.Context, programID, scope, externalID string) (*ent.Conversion, error) {
	ids, err := track.Meant(ctx, r.Store.Client(), programID, scope, externalID)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return r.Store.Client().Conversion.Get(ctx, ids[0])
}

// currencyField is where an input says its currency: on its amount, else on its
// first line.
func currencyField(amount string, in *model.MoneyInput) string {
	if in == nil {
		amount = "lines.0.amount"
	}
	return amount + ".currency"
}

// under names a room's field as this input does.
func under(err error, theirs, ours string) error {
	if p, ok := err.(*problem.Error); ok && len(p.Field) == 1 && p.Field[0] == theirs {
		return problem.At(p.Code, ours, "%s", p.Message).Because(err)
	}
	return err
}

// reasonCode is a code, "" for none.
func reasonCode(c *refund.ReasonCode) string { return or(text(c), "") }

// chargebackOf maps an input to a chargeback on the order that the program knows; one
// of everything is in the order's currency.
func (r *Resolver) chargebackOf(ctx context.Context, in model.ChargebackOpenInput) (earn.ChargebackInput, error) {
	full := in.Amount == nil
	back, err := r.refundOf(ctx, model.RefundRecordInput{
		ProgramID: in.ProgramID, OrderExternalID: in.OrderExternalID, ExternalID: in.ExternalID, OrderScope: in.OrderScope,
		OccurredAt: in.OccurredAt, Amount: in.Amount, Full: &full, ReasonCode: in.ReasonCode,
	})
	if err == nil {
		back.Fee, err = amount("fee", in.Fee)
	}
	return earn.ChargebackInput{Refund: back, FeeShared: or(in.FeeOnAffiliates, false)}, err
}

// gaveBack reads what a refund or a chargeback left.
func (r *Resolver) gaveBack(ctx context.Context, out earn.RefundOutcome) (back *ent.Refund, sale *ent.Conversion, err error) {
	if out.RefundID != "" {
		if back, err = r.Store.Client().Refund.Get(ctx, out.RefundID); err != nil {
			return nil, nil, err
		}
	}
	sale, err = r.Store.Client().Conversion.Get(ctx, out.ConversionID)
	return back, sale, err
}
