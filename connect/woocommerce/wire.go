package woocommerce

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// orderBody is what is read of an order.
type orderBody struct {
	ID            ident    `json:"id"`
	Number        ident    `json:"number"`
	Status        string   `json:"status"`
	Currency      string   `json:"currency"`
	CreatedVia    string   `json:"created_via"`
	PaymentMethod string   `json:"payment_method"`
	CreatedAt     stamp    `json:"date_created_gmt"`
	ModifiedAt    stamp    `json:"date_modified_gmt"`
	PaidAt        stamp    `json:"date_paid_gmt"`
	Total         decimal  `json:"total"`
	TotalTax      decimal  `json:"total_tax"`
	Discount      decimal  `json:"discount_total"` // before tax
	Shipping      decimal  `json:"shipping_total"` // before tax
	CustomerID    ident    `json:"customer_id"`    // 0 for a guest
	Billing       address  `json:"billing"`
	ShippingTo    address  `json:"shipping"`
	Lines         []line   `json:"line_items"`
	Fees          []fee    `json:"fee_lines"`
	Coupons       []coupon `json:"coupon_lines"`
	Refunds       []refund `json:"refunds"`
	Meta          []meta   `json:"meta_data"`
}

type address struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Country   string `json:"country"`
	Email     string `json:"email"`
}

// line is a line of an order; of a refund with amounts and units below zero.
type line struct {
	ID        ident   `json:"id"`
	ProductID ident   `json:"product_id"`
	SKU       text    `json:"sku"`
	Name      text    `json:"name"`
	Quantity  int64   `json:"quantity"`
	Subtotal  decimal `json:"subtotal"`  // before tax and discounts
	Total     decimal `json:"total"`     // before tax, after discounts
	TotalTax  decimal `json:"total_tax"` // of Total
	Meta      []meta  `json:"meta_data"`
}

// fee is a fee, or shipping.
type fee struct {
	Total    decimal `json:"total"`
	TotalTax decimal `json:"total_tax"`
}

type coupon struct {
	Code text `json:"code"`
}

// refund is a refund: within its order its id and Total, below zero; when it was asked
// for, all but Total.
type refund struct {
	ID        ident   `json:"id"`
	Total     decimal `json:"total"`
	Amount    decimal `json:"amount"`
	CreatedAt stamp   `json:"date_created_gmt"`
	Lines     []line  `json:"line_items"`
	Shipping  []fee   `json:"shipping_lines"`
	Fees      []fee   `json:"fee_lines"`
}

// asked reports whether it was asked for, with its lines.
func (f *refund) asked() bool { return !f.CreatedAt.IsZero() }

type meta struct {
	Key   text            `json:"key"`
	Value json.RawMessage `json:"value"` // whatever a plugin writes
}

// text is the value when it is one, "" for others.
func (m meta) text() string {
	var out text
	_ = json.Unmarshal(m.Value, &out) // never fails
	return string(out)
}

// text is text as it was written; "" for what is none. PHP writes an empty array or
// false where there is nothing.
type text string

// UnmarshalJSON reads text and numbers, and nothing of others.
func (t *text) UnmarshalJSON(raw []byte) error {
	found, err := literal(raw)
	if err != nil {
		found = ""
	}
	*t = text(found)
	return nil
}

// decimal is an amount as it was written: the digits are never turned into a float.
// Empty for null and for a missing field.
type decimal string

// UnmarshalJSON keeps the digits.
func (d *decimal) UnmarshalJSON(raw []byte) error {
	found, err := literal(raw)
	*d = decimal(found)
	return err
}

// ident is an id of the shop as text.
type ident string

// UnmarshalJSON keeps the digits.
func (i *ident) UnmarshalJSON(raw []byte) error {
	found, err := literal(raw)
	if err == nil && strings.ContainsAny(found, ".eE") && raw[0] != '"' {
		err = fmt.Errorf("an id is a whole number")
	}
	*i = ident(found)
	return err
}

// UnmarshalJSON reads an address; nothing of what is none.
func (a *address) UnmarshalJSON(raw []byte) error {
	var in struct {
		FirstName text `json:"first_name"`
		LastName  text `json:"last_name"`
		Country   text `json:"country"`
		Email     text `json:"email"`
	}
	if raw[0] == '{' && json.Unmarshal(raw, &in) == nil {
		*a = address{string(in.FirstName), string(in.LastName), string(in.Country), string(in.Email)}
	}
	return nil
}

// literal gives the text of a JSON string or number, "" of null.
func literal(raw []byte) (string, error) {
	var found string
	switch c := raw[0]; {
	case string(raw) == "null":
		return "", nil
	case c == '"':
		err := json.Unmarshal(raw, &found)
		return strings.TrimSpace(found), err
	case c == '-' || c >= '0' && c <= '9':
		return string(raw), nil
	}
	return "", fmt.Errorf("want a string or a number")
}

// moment is how the shop writes an instant in UTC: without a zone.
const moment = "2006-01-02T15:04:05"

// stamp is an instant; zero for null.
type stamp struct{ time.Time }

// UnmarshalJSON reads an instant in UTC, and one that names its zone.
func (s *stamp) UnmarshalJSON(raw []byte) error {
	found, err := literal(raw)
	if err != nil || found == "" {
		return err
	}
	t, err := time.Parse(moment, found)
	if err != nil {
		t, err = time.Parse(time.RFC3339, found)
	}
	s.Time = t.UTC()
	return err
}
