package order_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/facts"
	"github.com/tributary/tributary/track/order"
)

func placed() order.Order {
	o := sample()
	o.Country, o.Device, o.Channel, o.Lines[0].Category = "DE", order.DeviceMobile, "web", "Mugs"
	o.Fields = []facts.Field{{Name: "gift", Kind: facts.Boolean, Value: "true"}, {Name: "score", Kind: facts.Number, Value: "7.50"}}
	o.Customer.Fields = []facts.Field{{Name: "club", Kind: facts.Text, Value: "gold"}}
	return o
}

// What only terms look at is news like anything else, and an order without it has
// the digest that orders had before there was any.
func TestC06_C08_Q47_DigestSeesFacts(t *testing.T) {
	t.Parallel()
	const before = "cb23e0a01fe3501cd59b90372026ead249ac4d7f00e3ff88f86a1d9e78665dad"
	plain := sample().Digest()
	if hex.EncodeToString(plain[:]) != before {
		t.Errorf("the sample's digest is %x", plain)
	}
	same := placed()
	slices.Reverse(same.Lines)
	slices.Reverse(same.Fields)
	same.Fields[0].Value = "07.5"
	if same.Digest() != placed().Digest() {
		t.Error("another order of lines and fields, or another way to write a number, changes the digest")
	}
	seen := map[[32]byte]string{plain: "the sample", placed().Digest(): "the sample with facts"}
	for name, change := range map[string]func(*order.Order){
		"country":  func(o *order.Order) { o.Country = "AT" },
		"device":   func(o *order.Order) { o.Device = order.DeviceTablet },
		"channel":  func(o *order.Order) { o.Channel = "app" },
		"category": func(o *order.Order) { o.Lines[0].Category = "" },
		"other":    func(o *order.Order) { o.Lines[0].Category, o.Lines[1].Category = "", "Mugs" },
		"field":    func(o *order.Order) { o.Fields[0].Value = "false" },
		"no field": func(o *order.Order) { o.Fields = nil },
		"type":     func(o *order.Order) { o.Fields[0].Kind = facts.Text },
		"whose":    func(o *order.Order) { o.Fields, o.Customer.Fields = o.Customer.Fields, o.Fields },
	} {
		o := placed()
		change(&o)
		if other, ok := seen[o.Digest()]; ok {
			t.Errorf("%s has the digest of %s", name, other)
		}
		seen[o.Digest()] = name
	}
}

func TestC06_C08_FactsAreBounded(t *testing.T) {
	t.Parallel()
	if o := placed(); told(o.Validate(received)) != "" {
		t.Error(told(o.Validate(received)))
	}
	for want, change := range map[string]func(*order.Order){
		"INVALID country":           func(o *order.Order) { o.Country = "de" },
		"INVALID device":            func(o *order.Order) { o.Device = "WATCH" },
		"TOO_LARGE channel":         func(o *order.Order) { o.Channel = strings.Repeat("x", 65) },
		"INVALID lines.0.category":  func(o *order.Order) { o.Lines[0].Category = " Mugs" },
		"INVALID fields.0.name":     func(o *order.Order) { o.Fields[0].Name = "a b" },
		"INVALID fields.1":          func(o *order.Order) { o.Fields[1].Value = "1e9" },
		"TAKEN fields.1.name":       func(o *order.Order) { o.Fields[1].Name = "gift" },
		"TOO_LARGE customer.fields": func(o *order.Order) { o.Customer.Fields = make([]facts.Field, 21) },
		"INVALID customer.fields.0": func(o *order.Order) { o.Customer.Fields[0].Kind = "DATE" },
	} {
		o := placed()
		change(&o)
		if got := told(o.Validate(received)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
