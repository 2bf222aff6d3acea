package earn

import (
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/problem"
)

// move is a change of a commission's status.
type move struct{ from, to commission.Status }

// moves is every change of status there is (Q73). PENDING stands for the
// affiliate's pending account, APPROVED for the payable one; what is left of the
// commission moves with the status. A rejection is final: whoever was rejected by
// mistake gets an adjustment with its reason. Refunds reverse what is pending or
// approved; a refund undone gives it back to where it was.
var moves = map[move]bool{
	{commission.StatusPENDING, commission.StatusAPPROVED}:  true, // by hand or by schedule
	{commission.StatusPENDING, commission.StatusREJECTED}:  true, // by hand
	{commission.StatusPENDING, commission.StatusREVERSED}:  true, // by refunds of everything
	{commission.StatusAPPROVED, commission.StatusREVERSED}: true,
	{commission.StatusREVERSED, commission.StatusPENDING}:  true, // a refund was undone
	{commission.StatusREVERSED, commission.StatusAPPROVED}: true,
}

// may returns WRONG_STATE at the field unless the move exists.
func (m move) may(field string) error {
	if moves[m] {
		return nil
	}
	return problem.At(problem.State, field, "the commission is %s and cannot become %s", m.from, m.to)
}
