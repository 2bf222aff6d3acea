package importer

import (
	"strconv"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// source is who reports when a line does not say.
const source = "import"

// order maps a line of the type "order".
func (in *run) order(line object) order.Order {
	o := order.Order{
		ProgramID: line.required("programId"), ExternalID: line.required("externalId"),
		Number: line.text("orderNumber"), Source: line.text("source"), SourceScope: line.text("orderScope"),
		Teller:     order.Teller{Kind: order.TellerImport},
		Kind:       order.Kind(line.oneOf("kind", "SALE", "LEAD", "SIGNUP")),
		Status:     order.Status(line.oneOf("status", "PAID", "PENDING")),
		Version:    line.whole("version", 0),
		OccurredAt: line.instant("occurredAt", in.now()),
		ClickToken: line.text("clickToken"), CouponCodes: line.texts("couponCodes"), SubIDs: line.labels("subIds"),
	}
	if o.Source == "" {
		o.Source = source
	}
	o.Country, o.Channel, o.Fields = line.text("country"), line.text("channel"), line.fields("fields")
	o.Device = order.Device(line.oneOf("device", "", "DESKTOP", "MOBILE", "TABLET", "OTHER"))
	o.Tax, _ = line.money("tax")
	o.Shipping, _ = line.money("shipping")
	o.Discount, _ = line.money("discount")
	if c, there := line.object("customer"); there {
		o.Customer = order.Customer{ExternalID: c.text("externalId"), Email: c.text("email"), Name: c.text("name"), Fields: c.fields("fields")}
		c.rest()
	}
	line.objects("lines", func(i int, l object) { o.Lines = append(o.Lines, orderLine(i, l)) })
	total, given := line.money("total")
	if o.Total = total; len(*line.faults) == 0 {
		line.add(o.Settle(given))
	}
	return o
}

func orderLine(i int, l object) order.Line {
	out := order.Line{
		ExternalID: l.text("externalId"), ProductID: l.text("productId"), SKU: l.text("sku"), Category: l.text("category"), Title: l.text("title"),
		Quantity: l.whole("quantity", 1), GiftCard: l.flag("giftCard"),
	}
	if out.ExternalID == "" {
		out.ExternalID = strconv.Itoa(i + 1)
	}
	out.Amount = l.needed("amount")
	out.Tax, _ = l.money("tax")
	out.Discount, _ = l.money("discount")
	return out
}

// needed is money that may not be missing.
func (o object) needed(name string) money.Money {
	if o.members[name] == nil {
		o.fail(problem.Invalid, name, "must not be empty")
	}
	m, _ := o.money(name)
	return m
}

// refund maps a line of the type "refund".
func (in *run) refund(line object) (programID string, r order.Refund) {
	programID = line.required("programId")
	r = order.Refund{
		Source: source, SourceScope: line.text("orderScope"),
		OrderExternalID: line.required("orderExternalId"), ExternalID: line.required("externalId"),
		OccurredAt: line.instant("occurredAt", in.now()), Full: line.flag("full"), Reason: line.text("reason"),
	}
	r.Amount, _ = line.money("amount")
	r.Currency = r.Amount.Currency
	line.objects("lines", func(_ int, l object) {
		m := l.needed("amount")
		r.Lines = append(r.Lines, order.RefundLine{LineExternalID: l.required("lineExternalId"), Quantity: l.whole("quantity", 0), Amount: m})
		if r.Currency == "" {
			r.Currency = m.Currency
		}
	})
	return programID, r
}
