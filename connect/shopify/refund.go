package shopify

import (
	"strings"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// refundMessage reads refunds/create: one refund, told apart from its order.
func refundMessage(topic string, raw []byte) (connect.Message, error) {
	var body refund
	if err := decode(raw, &body); err != nil {
		return connect.Message{}, err
	}
	switch {
	case body.ID == "" || len(body.ID) > order.MaxID:
		return connect.Message{}, problem.At(problem.Invalid, "id", "must have 1 to %d bytes", order.MaxID)
	case body.OrderID == "" || len(body.OrderID) > order.MaxID:
		return connect.Message{}, problem.At(problem.Invalid, "order_id", "must have 1 to %d bytes", order.MaxID)
	}
	msg := connect.Message{
		Key:     key(topic, body.ID, body.CreatedAt.UnixMicro(), raw),
		OrderID: string(body.OrderID),
	}
	r := &reader{}
	if c := body.currency(); c != "" || len(body.Lines)+len(body.Adjustments) > 0 {
		var err error
		if r, err = in(c, "refund_line_items.0.subtotal_set.shop_money.currency_code"); err != nil {
			return connect.Message{}, err
		}
	}
	msg.Refunds = body.refunds(r, "", body.OrderID, nil)
	return msg, r.err()
}

// currency finds the shop's currency, which a refund names only with its amounts.
func (f *refund) currency() string {
	sets := []moneySet{f.DutiesSet, f.FeesSet}
	for _, l := range f.Lines {
		sets = append(sets, l.SubtotalSet)
	}
	for _, a := range f.Adjustments {
		sets = append(sets, a.AmountSet)
	}
	for _, s := range sets {
		if s.Shop != nil && s.Shop.Currency != "" {
			return s.Shop.Currency
		}
	}
	return ""
}

// refunds maps a refund. It gives two when more was given back than its lines are
// worth: the lines, and the rest on the order as a whole, which names no line. A
// refund of nothing but shipping takes nothing from the base (Q08); it is recorded
// all the same. taxesIncluded is the order's, nil when the message does not say.
func (f *refund) refunds(r *reader, path string, orderID ident, taxesIncluded *bool) []connect.Refund {
	base := order.Refund{
		OrderExternalID: string(orderID), ExternalID: string(f.ID), Currency: r.currency,
		OccurredAt: f.occurredAt().Time, Version: max(0, f.CreatedAt.UnixMicro()),
	}
	difference := f.difference(r, path)
	named := connect.Refund{Refund: base}
	f.lines(r, path, &named)
	if difference > 0 {
		named.Kept = r.money(difference)
	}
	if taxesIncluded != nil {
		named.Settle(func(int) bool { return *taxesIncluded })
	}
	if difference >= 0 {
		return []connect.Refund{named}
	}
	rest := connect.Refund{Refund: base}
	rest.Amount = r.money(-difference)
	if len(f.Lines) == 0 {
		return []connect.Refund{rest}
	}
	rest.ExternalID += ":adjustment"
	return []connect.Refund{named, rest}
}

func (f *refund) occurredAt() stamp {
	if f.ProcessedAt.IsZero() {
		return f.CreatedAt
	}
	return f.ProcessedAt
}

// difference adds up what was given back less (positive) or more (negative) than
// the lines are worth.
func (f *refund) difference(r *reader, path string) (sum int64) {
	for i, a := range f.Adjustments {
		if a.counts() {
			field := path + at("order_adjustments", i, "amount")
			sum = r.sum(field, sum, r.amount(field, a.Amount, a.AmountSet))
		}
	}
	return sum
}

// counts tells differences in money for goods from the others: shipping is not in
// the base; what is pending will be given back, and the goods are gone either way;
// a balancing entry of a full return closes the shop's books.
func (a adjustment) counts() bool {
	kind := strings.ToLower(a.Kind + " " + a.Reason)
	for _, other := range []string{"shipping", "pending", "balancing"} {
		if strings.Contains(kind, other) {
			return false
		}
	}
	return true
}

// lines maps the lines of a refund as the shop prices them.
func (f *refund) lines(r *reader, path string, into *connect.Refund) {
	for i, l := range f.Lines {
		field := func(name string) string { return path + at("refund_line_items", i, name) }
		into.Lines = append(into.Lines, order.RefundLine{
			LineExternalID: string(l.LineID), Quantity: l.Quantity,
			Amount: r.money(r.amount(field("subtotal"), l.Subtotal, l.SubtotalSet)),
		})
		into.Tax = append(into.Tax, r.money(r.amount(field("total_tax"), l.Tax, l.TaxSet)))
	}
}
