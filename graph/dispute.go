package graph

import (
	"fmt"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/roster"
)

// openedDispute reads a claim.
func openedDispute(in model.DisputeOpenInput) (earn.DisputeOpenInput, error) {
	out := earn.DisputeOpenInput{
		AffiliateID: or(in.AffiliateID, ""), ProgramID: in.ProgramID, ConversionID: or(in.ConversionID, ""), OrderExternalID: or(in.OrderExternalID, ""),
		OccurredAt: or(in.OccurredAt, time.Time{}), ClickID: or(in.ClickID, ""), CouponCode: or(in.CouponCode, ""), Evidence: in.Evidence, Links: in.Links,
	}
	sold, err := amountAt("amount", in.Amount)
	if sold != nil {
		out.Amount = *sold
	}
	return out, err
}

// acceptedDispute reads an acceptance.
func acceptedDispute(in model.DisputeAcceptInput) (earn.DisputeAcceptInput, error) {
	sold, err := amountAt("amount", in.Amount)
	return earn.DisputeAcceptInput{
		ID: in.ID, Reason: in.Reason, Effect: in.Effect, ConversionID: or(in.ConversionID, ""), OrderScope: or(in.OrderScope, ""), Amount: sold,
	}, err
}

func disputeRules(in *model.DisputeRulesInput) roster.DisputeRules {
	if in == nil {
		return roster.DisputeRules{}
	}
	return roster.DisputeRules{Days: in.Days, AnswerDays: in.AnswerDays, Overdue: in.Overdue}
}

func showDisputeReport(r earn.DisputeReport) *model.DisputeReport {
	out := &model.DisputeReport{Open: r.Open, Overdue: r.Overdue, Accepted: r.Accepted, Declined: r.Declined, Withdrawn: r.Withdrawn}
	if r.Accepted+r.Declined > 0 {
		out.MedianHours, out.P90Hours = hours(r.Median), hours(r.P90)
	}
	return out
}

// hours spells a duration in hundredths of an hour, rounded down.
func hours(d time.Duration) *string {
	hundredths := d / (36 * time.Second)
	text := fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
	return &text
}
