package report

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// dimension is where a bucket keeps what a report is broken down by.
type dimension struct {
	part   int    // of the bucket
	label  string // the label of it, of atSubIDs
	clicks bool   // known of clicks
}

var dimensions = map[Dimension]dimension{
	byBasis:     {atBasis, "", true},
	ByProgram:   {atProgram, "", true},
	ByAffiliate: {atAffiliate, "", true},
	ByLink:      {atLink, "", true},
	ByCoupon:    {atCoupon, "", false},
	ByCountry:   {atCountry, "", false},
	ByDevice:    {atDevice, "", false},
	ByChannel:   {atChannel, "", false},
	ByS1:        {atSubIDs, "s1", true},
	ByS2:        {atSubIDs, "s2", true},
	ByS3:        {atSubIDs, "s3", true},
	ByS4:        {atSubIDs, "s4", true},
	ByS5:        {atSubIDs, "s5", true},
}

// group names what a row counts: a value of each dimension, in their order.
type group [maxDimensions]string

func (g group) compare(o group) int { return slices.Compare(g[:], o[:]) }

// place is a group in a period.
type place struct {
	group  group
	period int
}

// breakdown is the numbers of each group and period.
type breakdown struct {
	in     Input
	clicks bool // are known
	cells  map[place]*Numbers
}

// breakDown sums the rollups up between bounds.
func (s *Service) breakDown(ctx context.Context, v trust.Viewer, in Input, bounds []time.Time) (*breakdown, error) {
	b := &breakdown{in: in, clicks: in.clicksKnown(), cells: map[place]*Numbers{}}
	by, err := longerOf(ctx, s.store.Read, v.MerchantID)
	if err != nil {
		return nil, err
	}
	text, args := in.query(v, in.spans(bounds, by), s.store.Postgres())
	rows, err := s.store.Read(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := b.scan(rows); err != nil {
			return nil, err
		}
	}
	return b, rows.Err()
}

// clicksKnown: clicks are not counted by what only an order tells.
func (in Input) clicksKnown() bool {
	asked := slices.Concat(in.Dimensions, slices.Collect(maps.Keys(in.Only)))
	return in.Basis != BasisPayout && !slices.ContainsFunc(asked, func(by Dimension) bool { return !dimensions[by].clicks })
}

// parts are the columns that the groups and the filters by label need.
func (in Input) parts() []int {
	var parts []int
	for _, by := range in.Dimensions {
		parts = append(parts, dimensions[by].part)
	}
	for by := range in.Only {
		if dimensions[by].label != "" {
			parts = append(parts, atSubIDs)
		}
	}
	slices.Sort(parts)
	return slices.Compact(parts)
}

// query sums up by period, currency and the parts. Each span of a period is a range of the
// index.
func (in Input) query(v trust.Viewer, periods [][]span, postgres bool) (string, []any) {
	args := []any{v.MerchantID}
	var ranges []string
	for i, all := range periods {
		for _, s := range all {
			ranges = append(ranges, "("+strconv.Itoa(i)+", "+bind(&args, s.grain.of(s.since))+", "+bind(&args, s.grain.of(s.till))+")")
		}
	}
	columns := "p.n, r.currency"
	for _, part := range in.parts() {
		columns += ", r." + bucketColumns[part]
	}
	sums := make([]string, len(figureColumns))
	for i, c := range figureColumns {
		sums[i] = "CAST(sum(r." + c + ") AS bigint)"
	}
	return `WITH p(n, since, till) AS (VALUES ` + strings.Join(ranges, ", ") + `)
		SELECT ` + columns + `, ` + strings.Join(sums, ", ") + ` FROM p CROSS JOIN ` + inSpans(in.where(v, &args), postgres) + `
		GROUP BY ` + columns, args
}

// inSpans joins to each span what lies in it, and makes both databases begin with the
// spans: by what they know of them they would read all rows, and hold each against each
// span. SQLite takes CROSS JOIN for that order; PostgreSQL has to be kept from looking
// through the join.
func inSpans(where string, postgres bool) string {
	where = ` WHERE r.merchant_id = $1 AND r.period >= p.since AND r.period < p.till` + where
	if postgres {
		return `LATERAL (SELECT * FROM rollups r` + where + ` OFFSET 0) r`
	}
	return `rollups r` + where
}

// spans cover each period between bounds: by longer ones where they know all that is asked.
func (in Input) spans(bounds []time.Time, by []grain) (periods [][]span) {
	for _, asked := range slices.Concat(in.Dimensions, slices.Collect(maps.Keys(in.Only))) {
		if slices.Contains(onlyQuarters, dimensions[asked].part) {
			by = nil
		}
	}
	for i := range len(bounds) - 1 {
		periods = append(periods, spans(bounds[i], bounds[i+1], by))
	}
	return periods
}

// where narrows to the basis, the viewer and the filters that are columns.
func (in Input) where(v trust.Viewer, args *[]any) string {
	bases := []string{string(in.Basis)}
	if in.clicksKnown() {
		bases = append(bases, basisOpened)
	}
	if slices.Contains(in.Dimensions, byBasis) {
		bases = append(bases, basisApproval, basisPayout)
	}
	text := " AND r.basis IN " + list(args, bases)
	if v.AffiliateID != "" {
		text += " AND r.affiliate_id = " + bind(args, v.AffiliateID)
	}
	if in.Currency != "" {
		text += " AND r.currency IN " + list(args, []string{in.Currency, ""})
	}
	for _, by := range slices.Sorted(maps.Keys(in.Only)) {
		if d := dimensions[by]; d.label == "" {
			text += " AND r." + bucketColumns[d.part] + " IN " + list(args, in.Only[by])
		}
	}
	return text
}

// scan adds a row to its cell.
func (b *breakdown) scan(rows *sql.Rows) error {
	var at place
	var currency string
	var f figures
	var bucket bucket
	into := []any{&at.period, &currency}
	for _, part := range b.in.parts() {
		into = append(into, &bucket[part])
	}
	for i := range f {
		into = append(into, &f[i])
	}
	if err := rows.Scan(into...); err != nil {
		return err
	}
	labels := labelsIn(bucket[atSubIDs])
	if !b.in.counts(labels) {
		return nil
	}
	for i, by := range b.in.Dimensions {
		if d := dimensions[by]; d.label != "" {
			at.group[i] = labels[d.label]
		} else {
			at.group[i] = bucket[d.part]
		}
	}
	if b.cell(at).add(currency, f); len(b.cells) > maxGroups {
		return problem.At(problem.TooLarge, "dimensions", "come to more than %d rows: ask for fewer days, longer periods or fewer dimensions", maxGroups)
	}
	return nil
}

// counts applies the filters by label.
func (in Input) counts(labels map[string]string) bool {
	for by, values := range in.Only {
		if d := dimensions[by]; d.label != "" && !slices.Contains(values, labels[d.label]) {
			return false
		}
	}
	return true
}

// labelsIn reads a bucket's labels.
func labelsIn(text string) (labels map[string]string) {
	if text != "" && json.Unmarshal([]byte(text), &labels) != nil {
		return nil // written as JSON by labelsOf
	}
	return labels
}
