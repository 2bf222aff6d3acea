package pay

import (
	"strconv"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/store"
)

// The events of this room. Facts of all but the first: currency, day (the
// merchant's, of the command), batch_id; of a payout also amount, in minor
// units. A payout's affiliate may see its events; whom it was merged into meanwhile sees
// how it ended. A batch's are the merchant's.
const (
	eventMethodSet      = "payout.method_set"    // fact rail
	eventBatchCreated   = "payout.batch_created" // facts batch_key, rail, total, count
	eventBatchApproved  = "payout.batch_approved"
	eventBatchCancelled = "payout.batch_cancelled"
	eventBatchSettled   = "payout.batch_settled"
	eventBatchFailed    = "payout.batch_failed" // nothing of it arrived, or stayed
	eventReserved       = "payout.reserved"
	eventSettled        = "payout.settled"
	eventFailed         = "payout.failed"
	eventCancelled      = "payout.cancelled"
	eventReturned       = "payout.returned" // it had been settled; fact returned_on
)

func minor(v int64) string { return strconv.FormatInt(v, 10) }

func emitBatch(tx *store.Tx, kind string, b *ent.PayoutBatch, day string) {
	tx.Emit(store.Event{Type: kind, Subject: b.ID, Facts: canon.Facts{
		"batch_id": b.ID, "batch_key": b.BatchKey, "rail": string(b.Rail), "currency": string(b.Currency),
		"total": minor(b.TotalMinor), "count": strconv.Itoa(b.Count), "day": day,
	}})
}

func emitPayout(tx *store.Tx, kind string, p *ent.Payout, holder, day string) {
	tx.Emit(store.Event{Type: kind, Subject: p.ID, AffiliateID: holder, Facts: canon.Facts{
		"batch_id": p.BatchID, "currency": string(p.Currency), "amount": minor(p.AmountMinor), "day": day,
	}})
}
