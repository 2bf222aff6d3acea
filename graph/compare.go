package graph

import (
	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/track/attribution"
)

// showComparison turns a comparison into the API's.
func showComparison(c earn.Comparison) *model.AttributionComparison {
	return &model.AttributionComparison{Conversions: c.Conversions, Rows: comparedRows(c.Rows), Totals: comparedRows(c.Totals)}
}

func comparedRows(rows []earn.ComparedRow) []*model.AttributionComparisonRow {
	out := make([]*model.AttributionComparisonRow, len(rows))
	for i, r := range rows {
		out[i] = &model.AttributionComparisonRow{AffiliateID: some(r.AffiliateID), Earned: &r.Earned}
		for _, m := range attribution.Models() {
			amount := r.Models[m]
			out[i].Models = append(out[i].Models, &model.ModelAmount{Model: model.AttributionModel(m), Amount: &amount})
		}
	}
	return out
}
