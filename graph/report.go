package graph

import (
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/report"
)

// reportTop is how many groups have rows of their own when nobody says.
const reportTop = 100

// reportInput reads what a report is asked for: what is null stands for its default. Two filters of the same dimension are
// one of both their values.
func reportInput(in model.ReportInput) report.Input {
	out := report.Input{
		From: in.From, To: in.To, Basis: report.DateBasis(in.DateBasis), TimeZone: or(in.TimeZone, ""),
		Granularity: report.Granularity(or(in.Granularity, model.ReportGranularityWhole)), Only: map[report.Dimension][]string{},
		Top: or(in.Top, reportTop), Order: report.Metric(or(in.OrderBy, model.ReportOrderConversions)),
		Currency: string(or(in.Currency, money.Currency(""))), Compare: report.Compare(or(in.CompareWith, model.ReportComparisonNone)),
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
