package stripe

import (
	"encoding/json"
	"strings"
	"time"
)

// event is what every message is.
type event struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Type     string `json:"type"`
	Created  unix   `json:"created"`
	Livemode *bool  `json:"livemode"`
	Data     struct {
		Object json.RawMessage `json:"object"`
	} `json:"data"`
}

// test reports whether it happened in the account's test mode.
func (e *event) test() bool { return e.Livemode != nil && !*e.Livemode }

// session is a Checkout session.
type session struct {
	ID              string            `json:"id"`
	Mode            string            `json:"mode"`
	PaymentStatus   string            `json:"payment_status"`
	Created         unix              `json:"created"`
	Currency        string            `json:"currency"`
	Total           int64             `json:"amount_total"`
	ClientReference string            `json:"client_reference_id"`
	Metadata        map[string]string `json:"metadata"`
	Invoice         ref               `json:"invoice"`
	PaymentIntent   ref               `json:"payment_intent"`
	Customer        ref               `json:"customer"`
	Buyer           *buyer            `json:"customer_details"`
	Totals          *struct {
		Discount int64 `json:"amount_discount"`
		Shipping int64 `json:"amount_shipping"`
		Tax      int64 `json:"amount_tax"`
	} `json:"total_details"`
	InvoiceCreation *struct {
		Enabled bool `json:"enabled"`
	} `json:"invoice_creation"`
}

// buyer is who bought, as a session writes it.
type buyer struct {
	Email   string   `json:"email"`
	Name    string   `json:"name"`
	Address *address `json:"address"`
}

type address struct {
	Country string `json:"country"`
}

// invoice is read of API versions from basil on; what earlier ones call otherwise is
// read as well, because an endpoint stays with the version it was made with.
type invoice struct {
	ID            string            `json:"id"`
	Number        string            `json:"number"`
	Status        string            `json:"status"`
	BillingReason string            `json:"billing_reason"`
	Created       unix              `json:"created"`
	Currency      string            `json:"currency"`
	Total         int64             `json:"total"`
	BeforeTax     *int64            `json:"total_excluding_tax"`
	Paid          int64             `json:"amount_paid"`
	Customer      ref               `json:"customer"`
	Email         string            `json:"customer_email"`
	Name          string            `json:"customer_name"`
	Address       *address          `json:"customer_address"`
	Metadata      map[string]string `json:"metadata"`
	Discounts     []amounted        `json:"total_discount_amounts"`
	Taxes         []amounted        `json:"total_taxes"`
	Lines         lines             `json:"lines"`
	Shipping      *struct {
		Amount int64 `json:"amount_subtotal"`
	} `json:"shipping_cost"`
	StatusTransitions struct {
		PaidAt unix `json:"paid_at"`
	} `json:"status_transitions"`
	Parent *struct {
		Subscription *subscription `json:"subscription_details"`
	} `json:"parent"`
	Payments *struct {
		Data []payment `json:"data"`
	} `json:"payments"`
	// Of versions before basil:
	PaymentIntent  ref           `json:"payment_intent"`
	Charge         ref           `json:"charge"`
	SubscriptionOf *subscription `json:"subscription_details"`
}

// subscription is what an invoice says of the one it bills.
type subscription struct {
	Metadata map[string]string `json:"metadata"`
}

type lines struct {
	Data []line `json:"data"`
	More bool   `json:"has_more"`
}

type line struct {
	ID          string     `json:"id"`
	Amount      int64      `json:"amount"`
	Description string     `json:"description"`
	Quantity    int64      `json:"quantity"`
	Discounts   []amounted `json:"discount_amounts"`
	Taxes       []amounted `json:"taxes"`
	TaxAmounts  []amounted `json:"tax_amounts"` // before basil
	Pricing     *struct {
		Details *struct {
			Product ref `json:"product"`
		} `json:"price_details"`
	} `json:"pricing"`
	Price *struct {
		Product ref `json:"product"`
	} `json:"price"` // before basil
}

// amounted is a tax or a discount.
type amounted struct {
	Amount    int64  `json:"amount"`
	Behavior  string `json:"tax_behavior"`
	Inclusive bool   `json:"inclusive"` // before basil
}

// payment is of an invoice.
type payment struct {
	ID      string `json:"id"`
	Invoice ref    `json:"invoice"`
	Payment struct {
		Intent ref `json:"payment_intent"`
		Charge ref `json:"charge"`
	} `json:"payment"`
}

type charge struct {
	ID            string `json:"id"`
	PaymentIntent ref    `json:"payment_intent"`
	Refunds       *struct {
		Data []refund `json:"data"`
	} `json:"refunds"`
}

type refund struct {
	ID            string `json:"id"`
	Amount        int64  `json:"amount"`
	Currency      string `json:"currency"`
	Created       unix   `json:"created"`
	Status        string `json:"status"`
	Reason        string `json:"reason"`
	Charge        ref    `json:"charge"`
	PaymentIntent ref    `json:"payment_intent"`
}

type creditNote struct {
	ID        string `json:"id"`
	Invoice   ref    `json:"invoice"`
	Currency  string `json:"currency"`
	Created   unix   `json:"created"`
	Status    string `json:"status"`
	Reason    string `json:"reason"`
	OutOfBand int64  `json:"out_of_band_amount"`
	Refunds   []struct {
		Refund ref   `json:"refund"`
		Amount int64 `json:"amount_refunded"`
	} `json:"refunds"`
}

type dispute struct {
	ID            string `json:"id"`
	Amount        int64  `json:"amount"`
	Currency      string `json:"currency"`
	Created       unix   `json:"created"`
	Status        string `json:"status"`
	Reason        string `json:"reason"`
	Charge        ref    `json:"charge"`
	PaymentIntent ref    `json:"payment_intent"`
}

// ref is the id of another object, which may be written out in its place.
type ref string

// UnmarshalJSON takes the id alone, or that of an object; "" for null.
func (r *ref) UnmarshalJSON(raw []byte) error {
	if strings.HasPrefix(string(raw), "{") {
		var whole struct{ ID string }
		err := json.Unmarshal(raw, &whole)
		*r = ref(whole.ID)
		return err
	}
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	*r = ""
	if text != nil {
		*r = ref(*text)
	}
	return nil
}

// unix is an instant in whole seconds; 0 for none.
type unix int64

func (u unix) time() time.Time {
	if u == 0 {
		return time.Time{}
	}
	return time.Unix(int64(u), 0).UTC()
}
