package graph

import (
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/report"
)

// reportInput reads what a report is asked for. Two filters of the same dimension are
// one of both their values.
func reportInput(in model.ReportInput) report.Input {
	out := report.Input{
		From: in.From, To: in.To, Basis: report.DateBasis(in.DateBasis), TimeZone: or(in.TimeZone, ""),
		Granularity: report.Granularity(in.Granularity), Only: map[report.Dimension][]string{},
		Top: in.Top, Order: report.Metric(in.OrderBy), Currency: string(or(in.Currency, money.Currency(""))),
		Compare: report.Compare(in.CompareWith),
	}
	for _, by := range in.Dimensions {
		out.Dimensions = append(out.Dimensions, report.Dimension(by))
	}
	for _, o := range in.Only {
		by := report.Dimension(o.Dimension)
		out.Only[by] = append(out.Only[by], o.Values...)
	}
	return out
}
