package earn

import (
	"context"
	"strconv"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/store"
)

// The events of this room. Facts of all of them: currency, amounts in its minor
// units, and day, the day of the event in the program's time zone, so that
// whoever adds them up needs to read nothing else.
//
// Of a conversion. Facts: conversion_id, occurred_at, total, base, refunded (of
// the base, in all), and rating; the affiliate is the one with credit, if any. Of
// several who share it, it is the one with the most, so that sums over affiliates
// are the program's; what the others earn, their commissions say.
// Sums begin with conversion.accepted, which says what was refunded until then;
// what the others say counts when the rating is RATED or NO_CREDIT.
const (
	eventRecorded   = "conversion.recorded"   // first heard of; once
	eventAccepted   = "conversion.accepted"   // paid, and credit decided; once. Fact reason, when nobody earns
	eventUnrated    = "conversion.unrated"    // paid, and credit could not be decided yet; once. Fact reason
	eventCredited   = "conversion.credited"   // the affiliate got the credit, which was nobody's until now: by an edit, or (fact cause) by another decision
	eventUncredited = "conversion.uncredited" // #nosec G101 -- an event: the affiliate had the credit and has it no more. Fact cause
	eventAmended    = "conversion.amended"    // edited after it was accepted. Fact base_delta, signed
	eventCancelled  = "conversion.cancelled"  // once. Fact amount: of the base, what was left until then
	eventCharged    = "chargeback.opened"     // once for each chargeback. Facts as of refund.recorded
	eventWon        = "chargeback.won"        // once. Facts as of refund.recorded; amount is negative, what came back to the base
	eventLost       = "chargeback.lost"       // once. Facts as of refund.recorded; amount is zero
	eventRefunded   = "refund.recorded"       // once for each refund. Facts refund_id, reason_code; amount: of the base, by this refund
)

// Of a commission (facts conversion_id, earned_at, amount, and from, the status
// it was in; of one that is paid in another currency also paid_currency and, once it
// is converted, paid: what was accrued, in that currency's minor units):
const (
	eventAccrued   = "commission.accrued"      // fact due_at
	eventApproved  = "commission.approved"     // amount is what became payable
	eventAgreed    = "commission.agreed"       // approved, payable when its hold ends; fact due_at
	eventRejected  = "commission.rejected"     // amount is what was taken from pending
	eventReversed  = "commission.reversed"     // amount taken back; negative when given again; fact cause
	eventAbsorbed  = "commission.absorbed"     // amount that the merchant bears, having paid it out; negative when it does no more; fact cause
	eventConverted = "commission.converted"    // its rate has come; amount is what was left of it. Fact rate_day
	eventAdjusted  = "commission.adjusted"     // amount signed
	eventRecount   = "commission.recalculated" // the commission took the place of another by simulationApply. amount signed: what is left of it, less what was left of that; facts before and after, and simulation_id
)

// dayOf gives the day of an instant where the program keeps its books.
func dayOf(p *ent.Program, at time.Time) string {
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil { // refused when the program was written
		zone = time.UTC
	}
	return at.In(zone).Format(time.DateOnly)
}

func minor(v int64) string { return strconv.FormatInt(v, 10) }

func stampOf(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// emitConversion says what happened to a conversion.
func (w *work) emitConversion(kind string, more canon.Facts) { w.emitOf(kind, w.credited(), more) }

// emitOf says it to one affiliate.
func (w *work) emitOf(kind, affiliateID string, more canon.Facts) {
	facts := canon.Facts{
		"conversion_id": w.sale.ID,
		"occurred_at":   stampOf(w.sale.OccurredAt),
		"day":           dayOf(w.program, w.sale.OccurredAt),
		"currency":      string(w.sale.Currency),
		"base":          minor(w.sale.BaseMinor),
		"total":         minor(w.sale.TotalMinor),
		"refunded":      minor(w.sale.RefundedMinor),
		"rating":        string(w.sale.Rating),
	}
	for k, v := range more {
		facts[k] = v
	}
	w.tx.Emit(store.Event{Type: kind, Subject: w.sale.ID, ProgramID: w.sale.ProgramID, AffiliateID: affiliateID, Facts: facts})
}

// emitCommission says what happened to a commission of a program.
func emitCommission(tx *store.Tx, p *ent.Program, kind string, c *ent.Commission, amount int64, more canon.Facts) {
	facts := canon.Facts{
		"earned_at": stampOf(c.EarnedAt),
		"day":       dayOf(p, c.EarnedAt),
		"currency":  string(c.Currency),
		"amount":    minor(amount),
	}
	if c.ConversionID != nil {
		facts["conversion_id"] = *c.ConversionID
	}
	if c.PaidCurrency != nil {
		facts["paid_currency"] = string(*c.PaidCurrency)
	}
	if exchanges(c) {
		facts["paid"] = minor(c.PaidAmount)
	}
	for k, v := range more {
		facts[k] = v
	}
	tx.Emit(store.Event{Type: kind, Subject: c.ID, ProgramID: c.ProgramID, AffiliateID: c.AffiliateID, Facts: facts})
}

// programsOf reads the programs of commissions, by id.
func programsOf(ctx context.Context, tx *store.Tx, commissions []*ent.Commission) (map[string]*ent.Program, error) {
	var ids []string
	for _, c := range commissions {
		ids = append(ids, c.ProgramID)
	}
	rows, err := tx.Ent().Program.Query().Where(program.IDIn(ids...)).All(ctx)
	byID := make(map[string]*ent.Program, len(rows))
	for _, p := range rows {
		byID[p.ID] = p
	}
	return byID, err
}

func from(s commission.Status) canon.Facts { return canon.Facts{"from": string(s)} }
