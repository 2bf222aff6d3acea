package roster

import (
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/problem"
)

// maxDisputeDays is as long as a claimed instant may lie back.
const maxDisputeDays = 400

// DisputeRules is what a program does with disputes; what is nil stays. Deadlines of
// disputes that are open stay as they are.
type DisputeRules struct {
	Days       *int // after the sale; 1 to 400
	AnswerDays *int // until the merchant is to have decided; 1 to 400
	Overdue    *program.DisputeOverdue
}

func (r DisputeRules) check() error {
	for field, days := range map[string]*int{"disputes.days": r.Days, "disputes.answerDays": r.AnswerDays} {
		if days != nil && (*days < 1 || *days > maxDisputeDays) {
			return problem.At(problem.Invalid, field, "must be from 1 to %d", maxDisputeDays)
		}
	}
	if r.Overdue != nil && program.DisputeOverdueValidator(*r.Overdue) != nil {
		return problem.At(problem.Invalid, "disputes.overdue", "must be ACCEPT, DECLINE or ESCALATE")
	}
	return nil
}

func (r DisputeRules) apply(edit *ent.ProgramUpdateOne) {
	edit.SetNillableDisputeDays(r.Days).SetNillableDisputeAnswerDays(r.AnswerDays).SetNillableDisputeOverdue(r.Overdue)
}
