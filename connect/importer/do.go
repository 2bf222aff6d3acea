package importer

import (
	"context"
	"errors"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/order"
)

// do reads a line and does what it asks for. Errors are problems of the line's
// fields, all that reading finds at once, or trouble of the database.
func (in *run) do(ctx context.Context, text []byte) (Answer, error) {
	members, err := parse(text)
	if err != nil {
		return Answer{}, err
	}
	var faults []error
	line := object{members: members, faults: &faults}
	var act func() (Answer, error)
	switch line.text("type") {
	case "order":
		o := in.order(line)
		act = func() (Answer, error) { return in.accept(ctx, o) }
	case "refund":
		programID, r := in.refund(line)
		act = func() (Answer, error) { return in.giveBack(ctx, programID, r) }
	case "cancel":
		c := in.cancellation(line)
		act = func() (Answer, error) { return in.cancel(ctx, c) }
	default:
		return Answer{}, problem.At(problem.Invalid, "type", "must be order, refund or cancel")
	}
	line.rest()
	if len(faults) > 0 {
		return Answer{}, errors.Join(faults...)
	}
	return act()
}

// accept records an order. A lead or sign-up without an amount is counted in the
// program's currency.
func (in *run) accept(ctx context.Context, o order.Order) (Answer, error) {
	if o.Currency == "" {
		p, err := in.store.Client().Program.Get(ctx, o.ProgramID)
		if ent.IsNotFound(err) {
			return Answer{}, problem.At(problem.NotFound, "programId", "the program was not found")
		}
		if err != nil {
			return Answer{}, err
		}
		o.Currency, o.Total = p.Currency, money.Zero(p.Currency)
	}
	out, err := in.earn.AcceptOrder(ctx, o)
	return Answer{Status: outcome(out.Created), ConversionID: out.ConversionID}, asWritten(err)
}

// giveBack records a refund. One that names no amount is in the order's currency.
func (in *run) giveBack(ctx context.Context, programID string, r order.Refund) (Answer, error) {
	sale, err := in.sale(ctx, programID, r.SourceScope, r.OrderExternalID)
	if err != nil {
		return Answer{}, err
	}
	if sale == nil {
		return Answer{}, problem.At(problem.NotFound, "orderExternalId", "the order was not found")
	}
	if r.Currency == "" {
		r.Currency = sale.Currency
	}
	r.ProgramID = programID
	out, err := in.earn.AcceptRefund(ctx, r)
	return Answer{Status: outcome(out.Created), ConversionID: out.ConversionID, RefundID: out.RefundID}, asWritten(err)
}

// cancellation maps a line of the type "cancel".
func (in *run) cancellation(line object) earn.OrderCancelInput {
	return earn.OrderCancelInput{
		ProgramID: line.required("programId"), OrderExternalID: line.required("externalId"),
		SourceScope: line.text("orderScope"), OccurredAt: line.instant("occurredAt", in.now()),
	}
}

func (in *run) cancel(ctx context.Context, c earn.OrderCancelInput) (Answer, error) {
	sale, err := in.sale(ctx, c.ProgramID, c.SourceScope, c.OrderExternalID)
	if err != nil {
		return Answer{}, err
	}
	if sale == nil {
		return Answer{}, problem.At(problem.NotFound, "externalId", "the order was not found")
	}
	out, err := in.earn.CancelOrder(ctx, c)
	return Answer{Status: outcome(sale.Status != conversion.StatusCANCELLED), ConversionID: out.ConversionID}, asWritten(err)
}

// asWritten gives problems the names that fields have in a line, where those of the
// normal form differ.
func asWritten(err error) error {
	names := map[string]string{"number": "orderNumber", "sourceScope": "orderScope"}
	var all []error
	for _, f := range earn.Faults(err) {
		if len(f.Field) > 0 && names[f.Field[0]] != "" {
			renamed := *f
			renamed.Field = append([]string{names[f.Field[0]]}, f.Field[1:]...)
			f = &renamed
		}
		all = append(all, f)
	}
	if len(all) == 0 {
		return err
	}
	return errors.Join(all...)
}

// sale finds an order, nil when it is not known.
func (in *run) sale(ctx context.Context, programID, scope, externalID string) (*ent.Conversion, error) {
	ids, err := track.Meant(ctx, in.store.Client(), programID, scope, externalID)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return in.store.Client().Conversion.Get(ctx, ids[0])
}

func outcome(news bool) string {
	if news {
		return created
	}
	return known
}
