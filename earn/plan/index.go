package plan

import "math/bits"

// index finds the rules that may be for a line by what the line is, so that of a
// plan with a rule for each product only those of the line's own are tried. Rules
// stand in it by their place in the order in which they are tried.
type index struct {
	words         int
	free          places            // rules that no product or SKU need be of
	products, ids map[string]places // of the others; ids are SKUs
}

// places is a set of rules' places, a bit each.
type places []uint64

func (p places) add(i int)      { p[i/64] |= 1 << (i % 64) }
func (p places) has(i int) bool { return p[i/64]&(1<<(i%64)) != 0 }

func (p places) or(q places) {
	for i, w := range q {
		p[i] |= w
	}
}

// first gives the lowest place that is in both sets, from a place on; none when
// there is none.
func (p places) first(q places, from int) int {
	for w := from / 64; w < len(p); w++ {
		both := p[w] & q[w]
		if w == from/64 {
			both &= ^uint64(0) << (from % 64)
		}
		if both != 0 {
			return w*64 + bits.TrailingZeros64(both)
		}
	}
	return none
}

func (t *Terms) makeIndex() {
	x := &t.index
	x.words = (len(t.order) + 63) / 64
	x.free, x.products, x.ids = make(places, x.words), map[string]places{}, map[string]places{}
	for at, r := range t.order {
		need, found := t.version.Rules[r].When.needed()
		if !found {
			x.free.add(at)
		}
		x.put(x.products, need.products, at)
		x.put(x.ids, need.skus, at)
	}
}

func (x *index) put(into map[string]places, values []string, at int) {
	for _, v := range values {
		if into[v] == nil {
			into[v] = make(places, x.words)
		}
		into[v].add(at)
	}
}

// of adds to a set the rules that may be for a line.
func (x *index) of(l *LineIn, into places) {
	into.or(x.free)
	if len(x.products) > 0 {
		into.or(x.products[l.ProductID])
	}
	if len(x.ids) > 0 {
		into.or(x.ids[l.SKU])
	}
}

// need is what a line must have one of.
type need struct{ products, skus []string }

func (n need) size() int { return len(n.products) + len(n.skus) }

// needed gives a need that every line has on which the condition holds, the
// smallest that can be told; false when there is none.
func (c *Condition) needed() (best need, found bool) {
	if c == nil {
		return need{}, false
	}
	offer := func(n need, ok bool) {
		if ok && (!found || n.size() < best.size()) {
			best, found = n, true
		}
	}
	offer(need{products: c.ProductIDs}, len(c.ProductIDs) > 0)
	offer(need{skus: c.SKUs}, len(c.SKUs) > 0)
	for i := range c.All {
		offer(c.All[i].needed())
	}
	offer(c.neededOfAny())
	return best, found
}

// neededOfAny joins what each of the alternatives needs.
func (c *Condition) neededOfAny() (all need, found bool) {
	for i := range c.Any {
		n, ok := c.Any[i].needed()
		if !ok {
			return need{}, false
		}
		all.products = append(all.products, n.products...)
		all.skus = append(all.skus, n.skus...)
	}
	return all, len(c.Any) > 0
}
