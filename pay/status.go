package pay

import (
	"github.com/tributary/tributary/ent/payout"
	"github.com/tributary/tributary/ent/payoutbatch"
	"github.com/tributary/tributary/internal/problem"
)

// move is a change of status.
type move[S ~string] struct{ from, to S }

// payoutMoves is every change of a payout's status. RESERVED and APPROVED are
// open: the money is reserved. FAILED, CANCELLED and RETURNED are final: it is payable
// again; what is to be paid after all goes into the next batch. What is SETTLED is
// sent, unless the bank sends it back.
var payoutMoves = map[move[payout.Status]]bool{
	{payout.StatusRESERVED, payout.StatusAPPROVED}:  true, // with the batch
	{payout.StatusRESERVED, payout.StatusCANCELLED}: true, // with the batch
	{payout.StatusAPPROVED, payout.StatusCANCELLED}: true, // with the batch
	{payout.StatusAPPROVED, payout.StatusSETTLED}:   true, // it arrived
	{payout.StatusAPPROVED, payout.StatusFAILED}:    true, // it did not arrive
	{payout.StatusSETTLED, payout.StatusRETURNED}:   true, // it arrived, and was sent back
}

// batchMoves is every change of a batch's status. By the last payout to be settled or
// to fail it is SETTLED when something of it arrived, FAILED when nothing did; it is
// FAILED too once everything that arrived was sent back. A batch may be cancelled
// halfway: what was settled stays settled.
var batchMoves = map[move[payoutbatch.Status]]bool{
	{payoutbatch.StatusRESERVED, payoutbatch.StatusAPPROVED}:  true,
	{payoutbatch.StatusRESERVED, payoutbatch.StatusCANCELLED}: true,
	{payoutbatch.StatusAPPROVED, payoutbatch.StatusCANCELLED}: true,
	{payoutbatch.StatusAPPROVED, payoutbatch.StatusSETTLED}:   true,
	{payoutbatch.StatusAPPROVED, payoutbatch.StatusFAILED}:    true,
	{payoutbatch.StatusSETTLED, payoutbatch.StatusFAILED}:     true,
}

// may returns WRONG_STATE at id unless the table has the move.
func (m move[S]) may(table map[move[S]]bool, what string) error {
	if table[m] {
		return nil
	}
	return problem.At(problem.State, "id", "the %s is %s and cannot become %s", what, m.from, m.to)
}

// open are the statuses of payouts whose money is reserved.
var open = []payout.Status{payout.StatusRESERVED, payout.StatusAPPROVED}
