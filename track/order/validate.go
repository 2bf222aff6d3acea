package order

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

// Validate gives every fault of the message with the path of its field (at most
// 100 of them), none when it can be accepted. now is the instant of receipt. The
// codes are INVALID, TOO_LARGE, CURRENCY_UNKNOWN, CURRENCY_MISMATCH, AMOUNT_RANGE
// and, for a line id used twice, TAKEN.
func (o *Order) Validate(now time.Time) []*problem.Error {
	f := newFaults()
	o.checkIdentity(f)
	f.instant("occurredAt", o.OccurredAt, now)
	f.currency("currency", o.Currency)
	f.amount("total", o.Total, o.Currency)
	f.optional("shipping", o.Shipping, o.Currency)
	f.optional("tax", o.Tax, o.Currency)
	f.optional("discount", o.Discount, o.Currency)
	o.checkLines(f)
	o.Customer.check(f)
	f.ident("clickToken", o.ClickToken, MaxToken)
	checkCoupons(f, o.CouponCodes)
	checkSubIDs(f, o.SubIDs)
	o.checkFacts(f)
	return *f.list
}

func (o *Order) checkIdentity(f faults) {
	f.source("source", o.Source)
	f.ident("sourceScope", o.SourceScope, MaxScope)
	f.required("externalId", o.ExternalID, MaxID)
	f.ident("number", o.Number, MaxNumber)
	f.ident("programId", o.ProgramID, MaxID)
	if !slices.Contains([]Kind{KindSale, KindLead, KindSignup}, o.Kind) {
		f.add(problem.Invalid, "kind", "must be SALE, LEAD or SIGNUP")
	}
	if !slices.Contains([]Status{StatusPending, StatusPaid, StatusCancelled}, o.Status) {
		f.add(problem.Invalid, "status", "must be PENDING, PAID or CANCELLED")
	}
	if o.Version < 0 {
		f.add(problem.Invalid, "version", "must not be negative")
	}
}

func (o *Order) checkLines(f faults) {
	if len(o.Lines) > MaxLines {
		f.add(problem.TooLarge, "lines", "must be at most %d", MaxLines)
		return
	}
	if o.Kind == KindSale && len(o.Lines) == 0 && !o.Total.IsZero() {
		f.add(problem.Invalid, "lines", "must not be empty: a sale earns by its lines")
	}
	seen := make(map[string]bool, len(o.Lines))
	for i := range o.Lines {
		l, at := &o.Lines[i], f.in("lines", i)
		o.checkLine(at, l)
		if seen[l.ExternalID] {
			at.add(problem.Taken, "externalId", "is the id of an earlier line")
		}
		seen[l.ExternalID] = true
	}
}

func (o *Order) checkLine(f faults, l *Line) {
	f.required("externalId", l.ExternalID, MaxID)
	f.ident("productId", l.ProductID, MaxID)
	f.ident("sku", l.SKU, MaxID)
	f.ident("category", l.Category, MaxID)
	f.prose("title", l.Title, MaxTitle)
	f.quantity(l.Quantity)
	f.amount("amount", l.Amount, o.Currency)
	f.optional("tax", l.Tax, o.Currency)
	f.optional("discount", l.Discount, o.Currency)
}

func (c *Customer) check(f faults) {
	f.ident("customer.externalId", c.ExternalID, MaxID)
	f.ident("customer.email", c.Email, MaxEmail)
	f.prose("customer.name", c.Name, MaxName)
	f.ident("customer.phone", c.Phone, MaxPhone)
}

func checkCoupons(f faults, codes []string) {
	if len(codes) > MaxCoupons {
		f.add(problem.TooLarge, "couponCodes", "must be at most %d", MaxCoupons)
		return
	}
	for i, code := range codes {
		f.required("couponCodes."+strconv.Itoa(i), code, MaxCoupon)
	}
}

// checkSubIDs never echoes a bad name: it would become part of a field path.
func checkSubIDs(f faults, ids map[string]string) {
	if len(ids) > MaxSubIDs {
		f.add(problem.TooLarge, "subIds", "must be at most %d", MaxSubIDs)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(ids)) {
		if !isSubName(name) {
			f.add(problem.Invalid, "subIds", "must have names of 1 to %d of a–z, A–Z, 0–9, _ and -", maxSubName)
			continue
		}
		f.prose("subIds."+name, ids[name], MaxSubID)
	}
}

func isSubName(s string) bool {
	legal := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
	}
	return len(s) >= 1 && len(s) <= maxSubName && !strings.ContainsFunc(s, func(r rune) bool { return !legal(r) })
}
