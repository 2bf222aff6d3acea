package plan

import (
	"time"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
)

// maxDepth is how deep conditions may join others.
const maxDepth = 8

// plain reports a rule that the first layout can hold.
func (r *Rule) plain() bool {
	return r.Kind != KindBoth && r.When == nil && r.From.IsZero() && r.Until.IsZero() && len(r.DayParts) == 0 &&
		r.PerLine == (Clamp{}) && r.PerOrder == (Clamp{}) && r.Tiers == nil
}

// more reports a rule that only the third layout can hold.
func (r *Rule) more() bool {
	found := saysAny(ruleSections, r)
	r.When.walk(func(c *Condition) { found = found || saysAny(conditionSections, c) })
	return found
}

// writeMore writes what the second layout adds to a rule.
func (r *Rule) writeMore(w *canon.Writer) {
	writeCondition(w, r.When)
	writeInstant(w, r.From)
	writeInstant(w, r.Until)
	w.List(len(r.DayParts))
	for _, p := range r.DayParts {
		w.Uint(uint64(p.Days))
		w.Int(int64(p.From))
		w.Int(int64(p.Until))
	}
	for _, c := range [...]Clamp{r.PerLine, r.PerOrder} {
		writeMoney(w, c.Min)
		writeMoney(w, c.Max)
	}
	r.Tiers.write(w)
	writeSections(w, ruleSections, r)
}

func (t *Tiers) write(w *canon.Writer) {
	w.Bool(t != nil)
	if t == nil {
		return
	}
	for _, s := range [...]string{string(t.Metric), string(t.Mode), string(t.Period)} {
		w.String(s)
	}
	w.List(len(t.Steps))
	for _, s := range t.Steps {
		w.Int(s.Count)
		writeMoney(w, s.Amount)
		w.Int(s.Rate.Num)
		w.Uint(uint64(s.Rate.Scale))
		writeMoney(w, s.Fixed)
	}
}

func readTiers(r *canon.Reader) *Tiers {
	if !r.Bool() {
		return nil
	}
	t := &Tiers{Metric: Metric(r.String()), Mode: TierMode(r.String()), Period: Period(r.String())}
	for range r.List() {
		t.Steps = append(t.Steps, Tier{
			Count: r.Int(), Amount: readMoney(r), Rate: money.Rate{Num: r.Int(), Scale: uint8(min(r.Uint(), 255))}, Fixed: readMoney(r),
		})
	}
	return t
}

func writeCaps(w *canon.Writer, caps []Cap) {
	w.List(len(caps))
	for _, c := range caps {
		w.String(string(c.Scope))
		w.String(string(c.Period))
		writeMoney(w, c.Amount)
		w.String(string(c.Over))
	}
}

func readCaps(r *canon.Reader) (caps []Cap) {
	for range r.List() {
		caps = append(caps, Cap{Scope: CapScope(r.String()), Period: Period(r.String()), Amount: readMoney(r), Over: CapOver(r.String())})
	}
	return caps
}

func (r *Rule) readMore(in *canon.Reader) {
	r.When, r.From, r.Until = readCondition(in, 0), readInstant(in), readInstant(in)
	for range in.List() {
		r.DayParts = append(r.DayParts, DayPart{Days: uint8(min(in.Uint(), 255)), From: int(in.Int()), Until: int(in.Int())})
	}
	r.PerLine, r.PerOrder = Clamp{readMoney(in), readMoney(in)}, Clamp{readMoney(in), readMoney(in)}
	r.Tiers = readTiers(in)
	readSections(in, ruleSections, r)
}

// writeInstant writes an instant that may be none.
func writeInstant(w *canon.Writer, t time.Time) {
	w.Bool(!t.IsZero())
	if !t.IsZero() {
		w.Time(t)
	}
}

func readInstant(r *canon.Reader) time.Time {
	if r.Bool() {
		return r.Time()
	}
	return time.Time{}
}

func (b Base) write(w *canon.Writer) {
	for _, one := range [...]bool{b.Tax, b.Shipping, b.Discount, b.GiftCards} {
		w.Bool(one)
	}
}

func readBase(r *canon.Reader) Base {
	return Base{Tax: r.Bool(), Shipping: r.Bool(), Discount: r.Bool(), GiftCards: r.Bool()}
}

func writeCondition(w *canon.Writer, c *Condition) {
	w.Bool(c != nil)
	if c == nil {
		return
	}
	for _, list := range [...][]Condition{c.All, c.Any} {
		w.List(len(list))
		for i := range list {
			writeCondition(w, &list[i])
		}
	}
	writeCondition(w, c.Not)
	for _, list := range [...][]string{c.ProductIDs, c.SKUs, c.CouponCodes, c.AffiliateIDs, c.GroupIDs, c.Kinds} {
		writeTexts(w, list)
	}
	writeTexts(w, c.Buyers)
	w.List(len(c.SubIDs))
	for _, s := range c.SubIDs {
		w.String(s.Name)
		writeTexts(w, s.Values)
	}
	writeMoney(w, c.OrderAtLeast)
	writeMoney(w, c.OrderBelow)
	for _, s := range [...]Span{c.Payments, c.Months} {
		w.Int(int64(s.From))
		w.Int(int64(s.Until))
	}
	writeSections(w, conditionSections, c)
}

// readCondition reads a condition that joins others no deeper than Validate
// allows, so that forged bytes cannot exhaust the stack.
func readCondition(r *canon.Reader, depth int) *Condition {
	if !r.Bool() || depth > maxDepth {
		return nil
	}
	c := &Condition{All: readConditions(r, depth), Any: readConditions(r, depth), Not: readCondition(r, depth+1)}
	for _, list := range [...]*[]string{&c.ProductIDs, &c.SKUs, &c.CouponCodes, &c.AffiliateIDs, &c.GroupIDs, &c.Kinds} {
		*list = readTexts[string](r)
	}
	c.Buyers = readTexts[Buyer](r)
	for range r.List() {
		c.SubIDs = append(c.SubIDs, SubID{Name: r.String(), Values: readTexts[string](r)})
	}
	c.OrderAtLeast, c.OrderBelow = readMoney(r), readMoney(r)
	for _, s := range [...]*Span{&c.Payments, &c.Months} {
		s.From, s.Until = int(r.Int()), int(r.Int())
	}
	readSections(r, conditionSections, c)
	return c
}

func readConditions(r *canon.Reader, depth int) (list []Condition) {
	for range r.List() {
		if c := readCondition(r, depth+1); c != nil {
			list = append(list, *c)
		}
	}
	return list
}

func writeTexts[T ~string](w *canon.Writer, list []T) {
	w.List(len(list))
	for _, s := range list {
		w.String(string(s))
	}
}

func readTexts[T ~string](r *canon.Reader) (list []T) {
	for range r.List() {
		list = append(list, T(r.String()))
	}
	return list
}
