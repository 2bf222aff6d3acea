package plan

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Limits of a rule.
const (
	MaxValues     = 1000 // in one list of a condition
	MaxConditions = 100  // that one rule joins
	MaxDayParts   = 50
	MaxSpan       = 10_000 // payments or months
	maxText       = 256
)

// Kinds of conversion that a condition may name.
var kinds = []string{"SALE", "LEAD", "SIGNUP"}

// more checks what only some rules have.
func (c *checker) more(r Rule) {
	if !r.From.IsZero() && !r.Until.IsZero() && !r.From.Before(r.Until) {
		c.add(problem.Invalid, "until", "must be after the first instant")
	}
	if len(r.DayParts) > MaxDayParts {
		c.add(problem.TooLarge, "dayParts", "must be at most 50")
	}
	for i, p := range r.DayParts {
		if p.Days == 0 || p.Days > 127 || p.From < 0 || p.From >= p.Until || p.Until > minutesOfDay {
			c.add(problem.Invalid, fmt.Sprintf("dayParts.%d", i), "must name weekdays, and a time of day that begins before it ends, by 24:00")
		}
	}
	c.clamp("perLine", r.PerLine)
	c.clamp("perOrder", r.PerOrder)
	c.tiers(r)
	c.oneCurrency(r)
	if r.When != nil {
		left := MaxConditions
		c.condition("when", r.When, 0, &left)
	}
}

func (c *checker) clamp(field string, b Clamp) {
	c.optional(field+".min", b.Min)
	c.optional(field+".max", b.Max)
	if b.Min.Currency != "" && b.Max.Currency != "" && b.Min.Minor > b.Max.Minor {
		c.add(problem.Invalid, field+".max", "must not be below the minimum")
	}
}

func (c *checker) optional(field string, m money.Money) {
	if m != (money.Money{}) {
		c.amount(field, m)
	}
}

// oneCurrency keeps the amounts of a rule in one currency: it is for orders in it.
func (c *checker) oneCurrency(r Rule) {
	own := r.currency()
	for _, one := range []struct {
		field string
		m     money.Money
	}{{"fixed", r.Fixed}, {"perLine.min", r.PerLine.Min}, {"perLine.max", r.PerLine.Max}, {"perOrder.min", r.PerOrder.Min}, {"perOrder.max", r.PerOrder.Max}} {
		if one.m.Currency != "" && one.m.Currency != own {
			c.add(problem.CurrencyMismatch, one.field, "must be in the currency of the rule's other amounts")
		}
	}
}

// condition checks a condition and what it joins.
func (c *checker) condition(path string, w *Condition, depth int, left *int) {
	if *left--; *left < 0 || depth > maxDepth {
		if *left == -1 || depth == maxDepth+1 {
			c.add(problem.TooLarge, path, "must join at most 100 conditions, 8 deep")
		}
		return
	}
	said := len(w.All) + len(w.Any) + len(w.Buyers) + len(w.SubIDs) + len(w.Fields)
	for _, l := range [...]struct {
		field  string
		values []string
	}{
		{"productIds", w.ProductIDs}, {"skus", w.SKUs}, {"couponCodes", w.CouponCodes}, {"affiliateIds", w.AffiliateIDs},
		{"groupIds", w.GroupIDs}, {"kinds", w.Kinds},
		{"countries", w.Countries}, {"devices", w.Devices}, {"channels", w.Channels}, {"categories", w.Categories},
	} {
		said += len(l.values)
		c.texts(path+"."+l.field, l.values)
	}
	if said == 0 && w.Not == nil && !w.recurs() && w.OrderAtLeast.Currency == "" && w.OrderBelow.Currency == "" {
		c.add(problem.Invalid, path, "must say something")
	}
	c.words(path, w)
	for i := range w.All {
		c.condition(fmt.Sprintf("%s.all.%d", path, i), &w.All[i], depth+1, left)
	}
	for i := range w.Any {
		c.condition(fmt.Sprintf("%s.any.%d", path, i), &w.Any[i], depth+1, left)
	}
	if w.Not != nil {
		c.condition(path+".not", w.Not, depth+1, left)
	}
}

// words checks the lists of known words, labels and amounts.
func (c *checker) words(path string, w *Condition) {
	for i, k := range w.Kinds {
		if !slices.Contains(kinds, k) {
			c.add(problem.Invalid, fmt.Sprintf("%s.kinds.%d", path, i), "must be SALE, LEAD or SIGNUP")
		}
	}
	for i, b := range w.Buyers {
		if b != BuyerNew && b != BuyerReturning {
			c.add(problem.Invalid, fmt.Sprintf("%s.buyers.%d", path, i), "must be NEW or RETURNING")
		}
	}
	for i, s := range w.SubIDs {
		at := fmt.Sprintf("%s.subIds.%d", path, i)
		if s.Name == "" || len(s.Values) == 0 {
			c.add(problem.Invalid, at, "must have a name and values")
		}
		c.texts(at+".values", s.Values)
	}
	c.places(path, w)
	c.span(path+".payments", w.Payments, 1)
	c.span(path+".months", w.Months, 0)
	c.optional(path+".orderAtLeast", w.OrderAtLeast)
	c.optional(path+".orderBelow", w.OrderBelow)
}

// span checks a range of numbers from first on.
func (c *checker) span(path string, s Span, first int) {
	if s == (Span{}) {
		return
	}
	if s.From < first || s.From > MaxSpan || s.Until != 0 && (s.Until <= s.From || s.Until > MaxSpan) {
		c.add(problem.Invalid, path, fmt.Sprintf("must begin at %d or later and end after that, by %d", first, MaxSpan))
	}
}

func (c *checker) texts(path string, list []string) {
	if len(list) > MaxValues {
		c.add(problem.TooLarge, path, "must be at most 1000")
		return
	}
	for i, s := range list {
		if s == "" || len(s) > maxText || !utf8.ValidString(s) {
			c.add(problem.Invalid, fmt.Sprintf("%s.%d", path, i), "must be text of 1 to 256 bytes")
		}
	}
}
