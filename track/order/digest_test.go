package order_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/track/order"
)

func TestQ47_DigestIgnoresWhatSaysNothingNew(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*order.Order){
		"a later version":       func(o *order.Order) { o.Version = 99 },
		"lines in other order":  func(o *order.Order) { slices.Reverse(o.Lines) },
		"zero with a currency":  func(o *order.Order) { o.Lines[1].Discount = usd(0) },
		"another zone":          func(o *order.Order) { o.OccurredAt = o.OccurredAt.In(time.FixedZone("", 7200)) },
		"nanoseconds":           func(o *order.Order) { o.OccurredAt = o.OccurredAt.Add(999) },
		"another e-mail":        func(o *order.Order) { o.Customer.Email = "bob@example.com" },
		"another name or phone": func(o *order.Order) { o.Customer.Name, o.Customer.Phone = "Bob", "1" },
	} {
		o := sample()
		change(&o)
		if o.Digest() != sample().Digest() {
			t.Errorf("%s changes the digest", name)
		}
	}
}

func TestQ47_DigestSeesEveryChange(t *testing.T) {
	t.Parallel()
	seen := map[[32]byte]string{sample().Digest(): "the sample"}
	for name, change := range map[string]func(*order.Order){
		"source":              func(o *order.Order) { o.Source = "api" },
		"scope":               func(o *order.Order) { o.SourceScope = "int_2" },
		"id":                  func(o *order.Order) { o.ExternalID = "5002" },
		"number":              func(o *order.Order) { o.Number = "" },
		"kind":                func(o *order.Order) { o.Kind = order.KindLead },
		"status":              func(o *order.Order) { o.Status = order.StatusCancelled },
		"program":             func(o *order.Order) { o.ProgramID = "prg_1" },
		"instant":             func(o *order.Order) { o.OccurredAt = o.OccurredAt.Add(time.Microsecond) },
		"total":               func(o *order.Order) { o.Total = usd(1) },
		"currency":            func(o *order.Order) { o.Currency = "EUR" },
		"shipping":            func(o *order.Order) { o.Shipping = usd(1) },
		"tax":                 func(o *order.Order) { o.Tax = usd(1) },
		"discount":            func(o *order.Order) { o.Discount = usd(1) },
		"customer":            func(o *order.Order) { o.Customer.ExternalID = "c8" },
		"no e-mail":           func(o *order.Order) { o.Customer.Email = "" },
		"no name":             func(o *order.Order) { o.Customer.Name = "" },
		"no phone":            func(o *order.Order) { o.Customer.Phone = "" },
		"token":               func(o *order.Order) { o.ClickToken = "abd" },
		"codes swapped":       func(o *order.Order) { slices.Reverse(o.CouponCodes) },
		"codes joined":        func(o *order.Order) { o.CouponCodes = []string{"SAVEVIP"} },
		"sub-id":              func(o *order.Order) { o.SubIDs["sub1"] = "other" },
		"test":                func(o *order.Order) { o.Test = true },
		"line gone":           func(o *order.Order) { o.Lines = o.Lines[1:] },
		"line id":             func(o *order.Order) { o.Lines[0].ExternalID = "10" },
		"line product":        func(o *order.Order) { o.Lines[0].ProductID = "p2" },
		"line sku":            func(o *order.Order) { o.Lines[0].SKU = "s" },
		"line title":          func(o *order.Order) { o.Lines[0].Title = "Cup" },
		"line quantity":       func(o *order.Order) { o.Lines[0].Quantity = 1 },
		"line amount":         func(o *order.Order) { o.Lines[0].Amount = usd(1) },
		"line other money":    func(o *order.Order) { o.Lines[0].Amount = money.Of(2000, "EUR") },
		"line tax":            func(o *order.Order) { o.Lines[0].Tax = usd(1) },
		"line discount":       func(o *order.Order) { o.Lines[0].Discount = usd(1) },
		"line is a gift card": func(o *order.Order) { o.Lines[0].GiftCard = true },
	} {
		o := sample()
		change(&o)
		if same, ok := seen[o.Digest()]; ok {
			t.Errorf("%s has the digest of %s", name, same)
		}
		seen[o.Digest()] = name
	}
}

func TestQ05_RefundDigest(t *testing.T) {
	t.Parallel()
	lines := []order.RefundLine{{"11", 1, usd(5)}, {"11", 1, usd(6)}, {"12", 0, usd(1)}}
	base := refund()
	base.Lines = lines
	again := base
	again.Lines, again.Version, again.Reason, again.Source = slices.Clone(lines), 12, "damaged", "import"
	again.OccurredAt = again.OccurredAt.Add(time.Second)
	slices.Reverse(again.Lines)
	if again.Digest() != base.Digest() {
		t.Error("the order of lines, the version, reason, source or instant changes the digest")
	}
	seen := map[[32]byte]string{base.Digest(): "the first"}
	for name, change := range map[string]func(*order.Refund){
		"id":       func(r *order.Refund) { r.ExternalID = "r2" },
		"order":    func(r *order.Refund) { r.OrderExternalID = "5002" },
		"full":     func(r *order.Refund) { r.Full = true },
		"amount":   func(r *order.Refund) { r.Amount = usd(5) },
		"line":     func(r *order.Refund) { r.Lines = r.Lines[:2] },
		"quantity": func(r *order.Refund) { r.Lines[0].Quantity = 2 },
		"money":    func(r *order.Refund) { r.Lines[0].Amount = usd(7) },
	} {
		r := base
		r.Lines = slices.Clone(lines)
		change(&r)
		if same, ok := seen[r.Digest()]; ok {
			t.Errorf("%s has the digest of %s", name, same)
		}
		seen[r.Digest()] = name
	}
}
