package sim

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Shop reports orders as Shopify does: REST-shaped JSON, signed over its bytes.
type Shop struct {
	Client *Client
	Path   string // "/hooks/int_…"
	Secret string
}

// Order is what the shop sells.
type Order struct {
	ID         int64
	Currency   string
	Lines      []Item
	ClickToken string
	Coupon     string
	Email      string
	At         time.Time
	Paid       bool
}

// Item is one line: a price in decimal text.
type Item struct {
	ID       int64
	Title    string
	Price    string
	Quantity int
}

// Topics a shop reports.
const (
	TopicCreate = "orders/create"
	TopicPaid   = "orders/paid"
	TopicRefund = "refunds/create"
)

// Send signs a body and posts it under a topic. It fails unless the answer is 200.
func (s Shop) Send(ctx context.Context, topic, delivery string, body []byte) error {
	status, text, err := s.Client.Send(ctx, http.MethodPost, s.Path, "application/json", body, s.Headers(topic, delivery, body))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("webhook %s answered %d: %.200s", topic, status, text)
	}
	return err
}

// Headers of a delivery, with its signature.
func (s Shop) Headers(topic, delivery string, body []byte) http.Header {
	mac := hmac.New(sha256.New, []byte(s.Secret))
	mac.Write(body)
	h := http.Header{}
	h.Set("X-Shopify-Topic", topic)
	h.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	h.Set("X-Shopify-Webhook-Id", delivery)
	h.Set("X-Shopify-Shop-Domain", "demo.myshopify.com")
	h.Set("X-Shopify-Api-Version", "2026-10")
	return h
}

// Body is the order as the shop's webhook spells it.
func (o Order) Body() []byte {
	status := "pending"
	if o.Paid {
		status = "paid"
	}
	at := o.At.UTC().Format(time.RFC3339)
	body := map[string]any{
		"id": o.ID, "name": fmt.Sprintf("#%d", o.ID), "order_number": o.ID, "currency": o.Currency,
		"presentment_currency": o.Currency, "financial_status": status, "test": false, "taxes_included": false,
		"created_at": at, "processed_at": at, "updated_at": at, "cancelled_at": nil,
		"line_items": o.items(), "discount_codes": o.codes(), "refunds": []any{},
		"note_attributes": []map[string]string{{"name": "trb_click", "value": o.ClickToken}},
		"customer":        map[string]any{"id": o.ID, "email": o.Email}, "email": o.Email,
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // plain maps and strings always encode
	}
	return text
}

func (o Order) items() []map[string]any {
	var out []map[string]any
	for _, l := range o.Lines {
		out = append(out, map[string]any{
			"id": l.ID, "title": l.Title, "quantity": l.Quantity, "price": l.Price, "gift_card": false,
			"total_discount": "0.00", "discount_allocations": []any{}, "tax_lines": []any{},
		})
	}
	return out
}

func (o Order) codes() []map[string]string {
	if o.Coupon == "" {
		return []map[string]string{}
	}
	return []map[string]string{{"code": o.Coupon, "amount": "0.00", "type": "fixed_amount"}}
}

// RefundBody is a refund of one line in full, as the shop's webhook spells it.
func (o Order) RefundBody(refundID int64, line Item, quantity int, subtotal json.Number, at time.Time) []byte {
	text, err := json.Marshal(map[string]any{
		"id": refundID, "order_id": o.ID, "created_at": at.UTC().Format(time.RFC3339), "processed_at": at.UTC().Format(time.RFC3339),
		"note": "changed mind", "order_adjustments": []any{}, "transactions": []any{},
		"refund_line_items": []map[string]any{{
			"id": refundID, "line_item_id": line.ID, "quantity": quantity, "subtotal": subtotal, "total_tax": json.Number("0.00"),
			"subtotal_set": o.shopMoney(subtotal.String()), "total_tax_set": o.shopMoney("0.00"),
		}},
	})
	if err != nil {
		panic(err) // plain maps and strings always encode
	}
	return text
}

// shopMoney is an amount as the shop's webhook spells it beside its plain number.
func (o Order) shopMoney(amount string) map[string]any {
	one := map[string]string{"amount": amount, "currency_code": o.Currency}
	return map[string]any{"shop_money": one, "presentment_money": one}
}
