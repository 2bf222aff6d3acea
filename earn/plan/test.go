package plan

import "github.com/tributary/tributary/internal/money"

// test is a condition made ready: it knows which of its parts say anything, so
// that an evaluation looks at nothing in vain, and at what is the same for all
// lines of an order once. The nil test always holds.
type test struct {
	c           *Condition
	line, order bool // whether the condition itself says anything of the line, of the order
	free        bool // neither it nor what it joins says anything of a line
	all, any    []test
	not         *test
}

func (c *Condition) ready() *test {
	if c == nil {
		return nil
	}
	t := c.test()
	return &t
}

func (c *Condition) test() test {
	t := test{c: c, not: c.Not.ready(), line: len(c.ProductIDs)+len(c.SKUs)+len(c.Categories) > 0}
	t.order = len(c.AffiliateIDs)+len(c.GroupIDs)+len(c.Kinds)+len(c.Buyers)+len(c.CouponCodes)+len(c.SubIDs) > 0 ||
		c.OrderAtLeast != (money.Money{}) || c.OrderBelow != (money.Money{}) || c.recurs() || c.looks()
	t.free = !t.line && (t.not == nil || t.not.free)
	for i := range c.All {
		t.all = append(t.all, c.All[i].test())
		t.free = t.free && t.all[i].free
	}
	for i := range c.Any {
		t.any = append(t.any, c.Any[i].test())
		t.free = t.free && t.any[i].free
	}
	return t
}

// holds reports whether the condition is true of a line of the order.
func (t *test) holds(in *Input, l *LineIn) bool {
	if t == nil {
		return true
	}
	if t.line && !t.c.ofLine(l) || t.order && !t.c.ofOrder(in) {
		return false
	}
	for i := range t.all {
		if !t.all[i].holds(in, l) {
			return false
		}
	}
	return (t.not == nil || !t.not.holds(in, l)) && t.one(in, l)
}

func (t *test) one(in *Input, l *LineIn) bool {
	for i := range t.any {
		if t.any[i].holds(in, l) {
			return true
		}
	}
	return len(t.any) == 0
}

// before gives what can be said before looking at a line: whether the condition
// may hold on one, and whether it then holds on all.
func (t *test) before(in *Input) (may, always bool) {
	if t == nil {
		return true, true
	}
	if t.free {
		return t.holds(in, nil), true
	}
	if t.order && !t.c.ofOrder(in) || t.not != nil && t.not.free && t.not.holds(in, nil) {
		return false, false
	}
	for i := range t.all {
		if t.all[i].free && !t.all[i].holds(in, nil) {
			return false, false
		}
	}
	return true, false
}

// onLine is holds for a condition of which before has been asked.
func (t *test) onLine(in *Input, l *LineIn) bool {
	if t.line && !t.c.ofLine(l) {
		return false
	}
	for i := range t.all {
		if !t.all[i].free && !t.all[i].holds(in, l) {
			return false
		}
	}
	return (t.not == nil || t.not.free || !t.not.holds(in, l)) && t.one(in, l)
}
