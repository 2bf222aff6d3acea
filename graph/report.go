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

// leaderboardTop is how many rows a leaderboard has when nobody says.
const leaderboardTop = 10

func leaderboardInput(in model.LeaderboardInput) report.LeaderboardInput {
	return report.LeaderboardInput{
		ProgramID: in.ProgramID, BoardDays: boardDays(in.Period, in.From, in.To), By: report.BoardMetric(in.By),
		Currency: string(or(in.Currency, money.Currency(""))), Top: or(in.Top, leaderboardTop),
	}
}

func boardDays(period *model.BoardPeriod, from, to *string) report.BoardDays {
	return report.BoardDays{Period: report.Period(or(period, "")), From: or(from, ""), To: or(to, "")}
}

func funnelInput(in model.FunnelInput) report.FunnelInput {
	return report.FunnelInput{
		Filter:    report.Filter{ProgramID: or(in.ProgramID, ""), AffiliateID: or(in.AffiliateID, "")},
		BoardDays: boardDays(in.Period, in.From, in.To), TimeZone: or(in.TimeZone, ""),
	}
}

func healthInput(programID string, period *model.BoardPeriod) report.HealthInput {
	return report.HealthInput{ProgramID: programID, Period: report.Period(or(period, model.BoardPeriodLast30Days))}
}
