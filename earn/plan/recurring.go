package plan

import "time"

// Span is a range of whole numbers: From is in it, Until is not; a zero Until is
// no end. The zero Span says nothing.
type Span struct{ From, Until int }

func (s Span) holds(n int) bool { return n >= s.From && (s.Until == 0 || n < s.Until) }

// Recurs reports whether a rule looks at which payment of the customer an order
// is, or how long ago the first was.
func (v Version) Recurs() (recurs bool) {
	for i := range v.Rules {
		v.Rules[i].When.walk(func(c *Condition) { recurs = recurs || c.recurs() })
	}
	return recurs
}

func (c *Condition) recurs() bool { return c.Payments != (Span{}) || c.Months != (Span{}) }

// paying holds for the payments that the condition is for. An order that is no
// payment, or of which the customer is not known, is none of them.
func (c *Condition) paying(in *Input) bool {
	if !c.recurs() {
		return true
	}
	return in.Payment > 0 && c.Payments.holds(in.Payment) && c.Months.holds(in.Month)
}

// MonthsSince gives the whole months between the customer's first payment and an
// instant, on the clocks of the location that both are in (Q31). A month that is
// too short for the day ends on its last: a month after 31 January is 28 or 29
// February, two months after it is 31 March.
func MonthsSince(first, at time.Time) int {
	at = at.In(first.Location())
	n := (at.Year()-first.Year())*12 + int(at.Month()) - int(first.Month())
	if at.Before(monthsAfter(first, n)) {
		n--
	}
	return max(0, n)
}

func monthsAfter(t time.Time, n int) time.Time {
	year, month, day := t.Date()
	last := time.Date(year, month+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	hour, minute, second := t.Clock()
	return time.Date(year, month+time.Month(n), min(day, last), hour, minute, second, t.Nanosecond(), t.Location())
}
