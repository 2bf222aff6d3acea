package webhook

import (
	"slices"
	"strings"
)

// Type is a type of event that can be told of.
type Type struct {
	Name    string
	Version int    // of the facts' meaning
	Subject string // what the event's subject is
	Says    string // what happened
}

// catalogue are the types that the journal has, sorted. A test compares it with what
// the rooms emit.
var catalogue = []Type{
	{"affiliate.applied", 1, "affiliate", "Somebody applied as an affiliate, or was brought in."},
	{"affiliate.approved", 1, "affiliate", "An affiliate was let in."},
	{"affiliate.archived", 1, "affiliate", "An affiliate was archived."},
	{"affiliate.merged", 1, "affiliate", "An affiliate was merged into another, or another into it."},
	{"affiliate.reinstated", 1, "affiliate", "A suspended affiliate may go on."},
	{"affiliate.rejected", 1, "affiliate", "An application was rejected."},
	{"affiliate.suspended", 1, "affiliate", "An affiliate was suspended."},
	{"affiliate.updated", 1, "affiliate", "An affiliate's group or recruiter changed."},
	{"chargeback.lost", 1, "conversion", "A chargeback stays with the merchant."},
	{"chargeback.opened", 1, "conversion", "A buyer's bank took money back."},
	{"chargeback.won", 1, "conversion", "The money of a chargeback came back."},
	{"clicks.recorded", 1, "affiliate", "Clicks were counted, of one program and affiliate."},
	{"clock.advanced", 1, "merchant", "The clock of a sandbox was put forward."},
	{"commission.absorbed", 1, "commission", "The merchant bears what was paid out and is taken back."},
	{"commission.accrued", 1, "commission", "Commission was earned."},
	{"commission.adjusted", 1, "commission", "Commission was corrected by hand."},
	{"commission.agreed", 1, "commission", "Commission was approved and becomes payable when its hold ends."},
	{"commission.approved", 1, "commission", "Commission became payable."},
	{"commission.converted", 1, "commission", "The exchange rate of a commission has come."},
	{"commission.recalculated", 1, "commission", "A commission took the place of another."},
	{"commission.rejected", 1, "commission", "Commission was rejected."},
	{"commission.reversed", 1, "commission", "Commission was taken back, or given again."},
	{"conversion.accepted", 1, "conversion", "A conversion is paid and its credit decided."},
	{"conversion.amended", 1, "conversion", "An accepted conversion was edited."},
	{"conversion.cancelled", 1, "conversion", "A conversion was cancelled."},
	{"conversion.credited", 1, "conversion", "An affiliate got the credit of a conversion."},
	{"conversion.late_click", 1, "conversion", "A click came after its conversion, which is decided again."},
	{"conversion.recorded", 1, "conversion", "A conversion was heard of for the first time."},
	{"conversion.uncredited", 1, "conversion", "An affiliate has the credit of a conversion no more."},
	{"conversion.unrated", 1, "conversion", "The credit of a conversion could not be decided yet."},
	{"coupon.archived", 1, "coupon", "A coupon was archived."},
	{"coupon.created", 1, "coupon", "A coupon was made."},
	{"customer.changed", 1, "customer", "A customer's segment or lifecycle stage changed, here or in a CRM."},
	{"dispute.accepted", 1, "dispute", "A dispute was accepted."},
	{"dispute.answered", 1, "dispute", "The merchant answered a dispute for the first time."},
	{"dispute.commented", 1, "dispute", "Somebody commented on a dispute."},
	{"dispute.declined", 1, "dispute", "A dispute was declined."},
	{"dispute.escalated", 1, "dispute", "A dispute is overdue."},
	{"dispute.opened", 1, "dispute", "An affiliate opened a dispute."},
	{"dispute.withdrawn", 1, "dispute", "A dispute was withdrawn."},
	{"enrollment.activated", 1, "enrollment", "An affiliate takes part in a program."},
	{"enrollment.created", 1, "enrollment", "An affiliate was enrolled in a program."},
	{"enrollment.ended", 1, "enrollment", "An affiliate left a program."},
	{"host.created", 1, "host", "A domain was added."},
	{"host.removed", 1, "host", "A domain was removed."},
	{"link.archived", 1, "link", "A link was archived."},
	{"link.created", 1, "link", "A link was made."},
	{"link.updated", 1, "link", "A link was changed."},
	{"payout.batch_approved", 1, "batch", "A batch of payouts was released."},
	{"payout.batch_cancelled", 1, "batch", "A batch of payouts was cancelled."},
	{"payout.batch_created", 1, "batch", "A batch of payouts was made."},
	{"payout.batch_failed", 1, "batch", "Every payout of a batch failed or was sent back."},
	{"payout.batch_settled", 1, "batch", "Every payout of a batch is settled or failed, and one is settled."},
	{"payout.cancelled", 1, "payout", "A payout was cancelled."},
	{"payout.failed", 1, "payout", "A payout failed."},
	{"payout.method_set", 1, "method", "An affiliate's payout details changed."},
	{"payout.reserved", 1, "payout", "Money was set aside for a payout."},
	{"payout.returned", 1, "payout", "The bank sent a payout back."},
	{"payout.settled", 1, "payout", "An affiliate was paid."},
	{"plan.activated", 1, "plan", "A version of a plan came into force."},
	{"policy.activated", 1, "policy", "A version of an attribution policy came into force."},
	{"program.created", 1, "program", "A program was made."},
	{"program.updated", 1, "program", "A program was changed."},
	{"refund.recorded", 1, "conversion", "Money was given back on an order."},
	{"simulation.moved", 1, "simulation", "A simulation began, got on or ended."},
	{"terms.changed", 1, "enrollment", "An affiliate's terms change, now or later."},
	{typeDisabled, 1, "endpoint", "An endpoint was disabled, because it failed or is gone."},
}

// The types of this room.
const (
	typeDisabled = "webhook_endpoint.disabled" // facts reason, host
	typeTest     = "webhook.test"              // of no event: people ask for it
)

// Types lists every type of event, sorted by name.
func Types() []Type { return slices.Clone(catalogue) }

// find gives the type of a name.
func find(name string) (Type, bool) {
	i, found := slices.BinarySearchFunc(catalogue, name, func(t Type, name string) int { return strings.Compare(t.Name, name) })
	if !found {
		return Type{}, false
	}
	return catalogue[i], true
}
