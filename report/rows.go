package report

import (
	"cmp"
	"slices"
	"time"
)

// Row is the numbers of one group in one period.
type Row struct {
	From, To time.Time // first instant of the period, and first instant after it
	Numbers
	Against *Numbers // of the same group in the same period of the days compared with; nil for none asked

	by    []Dimension
	group group
}

// Value is the row's value of a dimension: an id, a code, a label; "" for none. It is
// nil for a dimension that was not asked for, and on rows of Other.
func (r Row) Value(by Dimension) *string {
	if i := slices.Index(r.by, by); i >= 0 {
		return &r.group[i]
	}
	return nil
}

// ProgramID is the program's id, as Value says.
func (r Row) ProgramID() *string { return r.Value(ByProgram) }

// AffiliateID is the affiliate's id, as Value says.
func (r Row) AffiliateID() *string { return r.Value(ByAffiliate) }

// LinkID is the link's id, as Value says.
func (r Row) LinkID() *string { return r.Value(ByLink) }

// Coupon is the first code used, as Value says.
func (r Row) Coupon() *string { return r.Value(ByCoupon) }

// Country is the buyer's country, as Value says.
func (r Row) Country() *string { return r.Value(ByCountry) }

// Device is what the buyer ordered on, as Value says.
func (r Row) Device() *string { return r.Value(ByDevice) }

// Channel is the channel of the order, as Value says.
func (r Row) Channel() *string { return r.Value(ByChannel) }

// S1 is the label s1, as Value says.
func (r Row) S1() *string { return r.Value(ByS1) }

// S2 is the label s2, as Value says.
func (r Row) S2() *string { return r.Value(ByS2) }

// S3 is the label s3, as Value says.
func (r Row) S3() *string { return r.Value(ByS3) }

// S4 is the label s4, as Value says.
func (r Row) S4() *string { return r.Value(ByS4) }

// S5 is the label s5, as Value says.
func (r Row) S5() *string { return r.Value(ByS5) }

// tell fills in a report from what its days, and those it is compared with, came to.
func (r *Report) tell(in Input, bounds []time.Time, now, past *breakdown) {
	groups, totals := now.ranked()
	top := groups[:min(in.Top, len(groups))]
	r.OtherKeys, r.Totals = len(groups)-len(top), totals
	if past != nil {
		_, before := past.ranked()
		r.Against = &before
	}
	for _, g := range top {
		r.Rows = append(r.Rows, now.rows(g, bounds, past)...)
	}
	if r.OtherKeys > 0 {
		r.Other = now.merged(groups[len(top):]).rows(group{}, bounds, nil)
	}
}

// ranked are the groups in their order, and what all come to.
func (b *breakdown) ranked() ([]group, Numbers) {
	sums, totals := map[group]*Numbers{}, Numbers{clicksKnown: b.clicks}
	for at, n := range b.cells {
		if sums[at.group] == nil {
			sums[at.group] = &Numbers{clicksKnown: b.clicks}
		}
		sums[at.group].addAll(*n)
		totals.addAll(*n)
	}
	groups := make([]group, 0, len(sums))
	for g := range sums {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(x, y group) int {
		return cmp.Or(compareRank(*sums[x], *sums[y], b.in.Order, b.in.Currency), x.compare(y))
	})
	return groups, totals
}

// addAll adds numbers that are of the same click knowledge.
func (n *Numbers) addAll(o Numbers) {
	n.counts.add(o.counts, 1)
	for currency, f := range o.money {
		if n.money == nil {
			n.money = map[string]figures{}
		}
		sum := n.money[currency]
		sum.add(f, 1)
		n.money[currency] = sum
	}
}

// merged is what some groups come to as one that no dimension names.
func (b *breakdown) merged(groups []group) *breakdown {
	some := make(map[group]bool, len(groups))
	for _, g := range groups {
		some[g] = true
	}
	sum := &breakdown{clicks: b.clicks, cells: map[place]*Numbers{}}
	for at, n := range b.cells {
		if some[at.group] {
			sum.cell(place{period: at.period}).addAll(*n)
		}
	}
	return sum
}

// cell is the numbers at a place, made when they are not there.
func (b *breakdown) cell(at place) *Numbers {
	n := b.cells[at]
	if n == nil {
		n = &Numbers{clicksKnown: b.clicks}
		b.cells[at] = n
	}
	return n
}

// at is the numbers at a place, nothing when they are not there.
func (b *breakdown) at(at place) Numbers {
	if n := b.cells[at]; n != nil {
		return *n
	}
	return Numbers{clicksKnown: b.clicks}
}

// rows are a group's rows in the order of time; those in which nothing happened, now
// or in the past, are left out.
func (b *breakdown) rows(g group, bounds []time.Time, past *breakdown) (rows []Row) {
	for i := range len(bounds) - 1 {
		at := place{g, i}
		there := b.cells[at] != nil
		row := Row{From: bounds[i], To: bounds[i+1], Numbers: b.at(at), by: b.in.Dimensions, group: g}
		if past != nil {
			before := past.at(at)
			row.Against, there = &before, there || past.cells[at] != nil
		}
		if there {
			rows = append(rows, row)
		}
	}
	return rows
}
