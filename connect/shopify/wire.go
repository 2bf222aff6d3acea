package shopify

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// orderBody is what is read of an order.
type orderBody struct {
	ID              ident     `json:"id"`
	Name            string    `json:"name"`
	Test            bool      `json:"test"`
	Currency        string    `json:"currency"`
	TaxesIncluded   bool      `json:"taxes_included"`
	FinancialStatus string    `json:"financial_status"`
	CreatedAt       stamp     `json:"created_at"`
	ProcessedAt     stamp     `json:"processed_at"`
	UpdatedAt       stamp     `json:"updated_at"`
	CancelledAt     stamp     `json:"cancelled_at"`
	TotalPrice      decimal   `json:"total_price"`
	TotalPriceSet   moneySet  `json:"total_price_set"`
	TotalTax        decimal   `json:"total_tax"`
	TotalTaxSet     moneySet  `json:"total_tax_set"`
	Discounts       decimal   `json:"total_discounts"`
	DiscountsSet    moneySet  `json:"total_discounts_set"`
	ShippingSet     moneySet  `json:"total_shipping_price_set"`
	Email           string    `json:"email"`
	ContactEmail    string    `json:"contact_email"`
	LandingSite     string    `json:"landing_site"`
	NoteAttributes  []note    `json:"note_attributes"`
	DiscountCodes   []code    `json:"discount_codes"`
	Customer        *customer `json:"customer"`
	BillingAddress  *address  `json:"billing_address"`
	ShippingAddress *address  `json:"shipping_address"`
	SourceName      string    `json:"source_name"`
	Lines           []line    `json:"line_items"`
	Refunds         []refund  `json:"refunds"`
}

type customer struct {
	ID        ident    `json:"id"`
	Email     string   `json:"email"`
	FirstName string   `json:"first_name"`
	LastName  string   `json:"last_name"`
	Address   *address `json:"default_address"`
}

// address is read for its country alone.
type address struct {
	Country string `json:"country_code"`
}

type line struct {
	ID              ident        `json:"id"`
	ProductID       ident        `json:"product_id"`
	SKU             string       `json:"sku"`
	Title           string       `json:"title"`
	ProductType     string       `json:"product_type"` // left out of most shops' orders
	Quantity        int64        `json:"quantity"`
	CurrentQuantity *int64       `json:"current_quantity"` // absent before API version 2024-01
	Price           decimal      `json:"price"`
	PriceSet        moneySet     `json:"price_set"`
	GiftCard        bool         `json:"gift_card"`
	Taxes           []tax        `json:"tax_lines"`
	Discounts       []allocation `json:"discount_allocations"`
}

type tax struct {
	Price    decimal  `json:"price"`
	PriceSet moneySet `json:"price_set"`
}

type allocation struct {
	Amount    decimal  `json:"amount"`
	AmountSet moneySet `json:"amount_set"`
}

// refund is a refund, by itself or within its order.
type refund struct {
	ID          ident        `json:"id"`
	OrderID     ident        `json:"order_id"`
	CreatedAt   stamp        `json:"created_at"`
	ProcessedAt stamp        `json:"processed_at"`
	Lines       []refundLine `json:"refund_line_items"`
	Adjustments []adjustment `json:"order_adjustments"`
	// The sets below are there in every refund and tell the shop's currency even
	// when nothing but shipping was given back.
	DutiesSet moneySet `json:"total_duties_set"`
	FeesSet   moneySet `json:"total_additional_fees_set"`
}

type refundLine struct {
	LineID      ident    `json:"line_item_id"`
	Quantity    int64    `json:"quantity"`
	Subtotal    decimal  `json:"subtotal"` // a JSON number, unlike most
	SubtotalSet moneySet `json:"subtotal_set"`
	Tax         decimal  `json:"total_tax"` // likewise
	TaxSet      moneySet `json:"total_tax_set"`
}

// adjustment is the difference between what the lines of a refund add up to and
// what was given back: positive when less was given, negative when more.
type adjustment struct {
	Amount    decimal  `json:"amount"`
	AmountSet moneySet `json:"amount_set"`
	Kind      string   `json:"kind"`
	Reason    string   `json:"reason"`
}

type note struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

type code struct {
	Code string `json:"code"`
}

// moneySet is an amount in the shop's currency and in the buyer's; only the first
// is read.
type moneySet struct {
	Shop *shopMoney `json:"shop_money"`
}

type shopMoney struct {
	Amount   decimal `json:"amount"`
	Currency string  `json:"currency_code"`
}

// decimal is an amount as it was written, in a string or as a number: the digits
// are never turned into a float. Empty for null and for a missing field.
type decimal string

// UnmarshalJSON keeps the digits.
func (d *decimal) UnmarshalJSON(raw []byte) error {
	text, err := literal(raw)
	*d = decimal(text)
	return err
}

// ident is an id of the shop as text; some are numbers beyond 2^53.
type ident string

// UnmarshalJSON keeps the digits.
func (i *ident) UnmarshalJSON(raw []byte) error {
	text, err := literal(raw)
	if err == nil && strings.ContainsAny(text, ".eE") && raw[0] != '"' {
		err = fmt.Errorf("an id is a whole number")
	}
	*i = ident(text)
	return err
}

// literal gives the text of a JSON string or number, "" of null.
func literal(raw []byte) (string, error) {
	var text string
	switch c := raw[0]; {
	case string(raw) == "null":
		return "", nil
	case c == '"':
		err := json.Unmarshal(raw, &text)
		return strings.TrimSpace(text), err
	case c == '-' || c >= '0' && c <= '9':
		return string(raw), nil
	}
	return "", fmt.Errorf("want a string or a number")
}

// stamp is an instant with the shop's offset, to the microsecond; zero for null.
type stamp struct{ time.Time }

// UnmarshalJSON reads RFC 3339.
func (s *stamp) UnmarshalJSON(raw []byte) error {
	text, err := literal(raw)
	if err != nil || text == "" {
		return err
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	s.Time = t.UTC().Truncate(time.Microsecond)
	return err
}
