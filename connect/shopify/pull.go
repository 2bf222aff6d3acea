package shopify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/tributary/tributary/connect"
)

// orderTopic is the topic that pulled orders are read under: it carries a whole order.
const orderTopic = "orders/updated"

// errTooMany says that an order has more refunds than are read of one: its webhooks
// tell them all the same.
var errTooMany = errors.New("shopify: the order has too much in it")

// Pull reads a page of the orders that changed in a time. Each is given in the shape in
// which the webhooks tell it, so that it is read by the same mapping.
func (p Provider) Pull(ctx context.Context, call connect.Call, account string, c connect.Credentials, ask connect.PullAsk) (connect.Pulled, error) {
	const second = "2006-01-02T15:04:05Z"
	variables := map[string]any{"query": fmt.Sprintf("updated_at:>='%s' updated_at:<'%s'", ask.Since.UTC().Format(second), ask.Until.UTC().Format(second))}
	if ask.Cursor != "" {
		variables["after"] = ask.Cursor
	}
	var data struct {
		Orders struct {
			Nodes    []adminOrder
			PageInfo adminPage
		}
	}
	wait, err := p.question(ctx, call, account, c, ordersQuery, variables, &data)
	out := connect.Pulled{Wait: wait, Again: errors.Is(err, errThrottled)}
	if err != nil && !out.Again {
		return out, err
	}
	for i := range data.Orders.Nodes {
		o := &data.Orders.Nodes[i]
		if err := p.allLines(ctx, call, account, c, o); err != nil {
			return out, err
		}
		raw, err := json.Marshal(o.body())
		if err != nil {
			return out, err
		}
		out.Orders = append(out.Orders, connect.PulledOrder{Topic: orderTopic, Raw: raw, Unread: o.unread()})
	}
	if data.Orders.PageInfo.HasNextPage {
		out.Cursor = data.Orders.PageInfo.EndCursor
	}
	return out, nil
}

// unread says why an order could not be read as a whole.
func (o *adminOrder) unread() error {
	for _, r := range o.Refunds {
		if r.RefundLineItems.PageInfo.HasNextPage || r.OrderAdjustments.PageInfo.HasNextPage {
			return errTooMany
		}
	}
	if len(o.Refunds) >= 50 {
		return errTooMany
	}
	return nil
}

// allLines reads the lines that did not fit the page.
func (p Provider) allLines(ctx context.Context, call connect.Call, account string, c connect.Credentials, o *adminOrder) error {
	for o.LineItems.PageInfo.HasNextPage {
		var data struct {
			Order struct{ LineItems adminLines }
		}
		wait, err := p.question(ctx, call, account, c, linesQuery, map[string]any{
			"id": "gid://shopify/Order/" + string(o.LegacyResourceID), "after": o.LineItems.PageInfo.EndCursor,
		}, &data)
		if err != nil && !errors.Is(err, errThrottled) {
			return err
		}
		if err == nil {
			o.LineItems.Nodes = append(o.LineItems.Nodes, data.Order.LineItems.Nodes...)
			o.LineItems.PageInfo = data.Order.LineItems.PageInfo
		}
		pause := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-pause.C:
		}
	}
	return nil
}

var errThrottled = errors.New("shopify: the question costs more than may be spent now")

// question asks the Admin API, and says how long to wait before the next question, so
// that it finds what it costs.
func (p Provider) question(ctx context.Context, call connect.Call, shop string, c connect.Credentials, document string, variables map[string]any, data any) (time.Duration, error) {
	out := struct {
		Data       any
		Errors     adminErrors
		Extensions adminCost
	}{Data: data}
	header := http.Header{"X-Shopify-Access-Token": {access(c)}}
	err := call.JSON(ctx, http.MethodPost, p.base(shop)+"/admin/api/"+version+"/graphql.json", header, map[string]any{"query": document, "variables": variables}, &out)
	if err != nil {
		return 0, err
	}
	cost := out.Extensions.Cost
	var wait time.Duration
	if lacks := cost.RequestedQueryCost - cost.ThrottleStatus.CurrentlyAvailable; lacks > 0 && cost.ThrottleStatus.RestoreRate > 0 {
		wait = time.Duration(lacks / cost.ThrottleStatus.RestoreRate * float64(time.Second))
	}
	switch {
	case out.Errors.throttled():
		return max(wait, time.Second/2), errThrottled
	case len(out.Errors) > 0:
		return wait, errUnderstood
	}
	return wait, nil
}

// body writes an order as the webhooks do.
func (o *adminOrder) body() *orderBody {
	b := &orderBody{
		ID: o.LegacyResourceID, Name: o.Name, Test: o.Test, Currency: o.CurrencyCode, TaxesIncluded: o.TaxesIncluded,
		FinancialStatus: strings.ToLower(o.DisplayFinancialStatus), CreatedAt: o.CreatedAt, ProcessedAt: o.ProcessedAt, UpdatedAt: o.UpdatedAt, CancelledAt: o.CancelledAt,
		TotalPriceSet: o.TotalPriceSet.set(), TotalTaxSet: o.TotalTaxSet.set(), DiscountsSet: o.TotalDiscountsSet.set(), ShippingSet: o.TotalShippingPriceSet.set(),
		Email: o.Email, SourceName: o.SourceName, BillingAddress: o.BillingAddress.address(), ShippingAddress: o.ShippingAddress.address(),
	}
	for _, a := range o.CustomAttributes {
		b.NoteAttributes = append(b.NoteAttributes, note{a.Key, a.Value})
	}
	for _, one := range o.DiscountCodes {
		b.DiscountCodes = append(b.DiscountCodes, code{one})
	}
	if c := o.Customer; c != nil {
		b.Customer = &customer{ID: c.LegacyResourceID, FirstName: c.FirstName, LastName: c.LastName, Address: c.DefaultAddress.address()}
		if c.DefaultEmailAddress != nil {
			b.Customer.Email = c.DefaultEmailAddress.EmailAddress
		}
	}
	if j := o.CustomerJourneySummary; j != nil && j.FirstVisit != nil {
		b.LandingSite = j.FirstVisit.LandingPage
	}
	b.Lines = o.lines()
	b.Refunds = o.refunds()
	return b
}

func (o *adminOrder) lines() (all []line) {
	for _, n := range o.LineItems.Nodes {
		l := line{
			ID: lastOf(n.ID), SKU: n.SKU, Title: n.Title, Quantity: n.Quantity, CurrentQuantity: &n.CurrentQuantity, GiftCard: n.IsGiftCard,
			PriceSet: n.OriginalUnitPriceSet.set(),
		}
		if n.Product != nil {
			l.ProductID, l.ProductType = n.Product.LegacyResourceID, n.Product.ProductType
		}
		for _, t := range n.TaxLines {
			l.Taxes = append(l.Taxes, tax{PriceSet: t.PriceSet.set()})
		}
		for _, d := range n.DiscountAllocations {
			l.Discounts = append(l.Discounts, allocation{AmountSet: d.AllocatedAmountSet.set()})
		}
		all = append(all, l)
	}
	return all
}

func (o *adminOrder) refunds() (all []refund) {
	for _, n := range o.Refunds {
		r := refund{ID: n.LegacyResourceID, OrderID: o.LegacyResourceID, CreatedAt: n.CreatedAt, ProcessedAt: n.ProcessedAt}
		for _, l := range n.RefundLineItems.Nodes {
			r.Lines = append(r.Lines, refundLine{LineID: lastOf(l.LineItem.ID), Quantity: l.Quantity, SubtotalSet: l.SubtotalSet.set(), TaxSet: l.TotalTaxSet.set()})
		}
		for _, a := range n.OrderAdjustments.Nodes {
			r.Adjustments = append(r.Adjustments, adjustment{AmountSet: a.AmountSet.set(), Reason: strings.ToLower(a.Reason)})
		}
		all = append(all, r)
	}
	return all
}

// lastOf gives the number in gid://shopify/LineItem/466157049.
func lastOf(gid string) ident { return ident(gid[strings.LastIndexByte(gid, '/')+1:]) }

func (s *adminSet) set() (m moneySet) {
	if s == nil {
		return m
	}
	m.Shop = &shopMoney{Amount: s.ShopMoney.Amount, Currency: s.ShopMoney.CurrencyCode}
	return m
}

func (a *adminAddress) address() *address {
	if a == nil {
		return nil
	}
	return &address{a.CountryCodeV2}
}
