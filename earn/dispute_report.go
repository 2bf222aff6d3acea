package earn

import (
	"context"
	"slices"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/dispute"
	"github.com/tributary/tributary/ent/predicate"
	"github.com/tributary/tributary/internal/problem"
)

// maxDecided bounds how many decisions one report reads.
const maxDecided = 50_000

// DisputeReport is how disputes are being dealt with.
type DisputeReport struct {
	Open, Overdue                 int // now
	Accepted, Declined, Withdrawn int // decided in the period
	// Median and P90 are how long a decision took, of those accepted or declined in the
	// period; zero when there is none. At the 90th percentile nine of ten took no longer.
	Median, P90 time.Duration
}

// DisputeReport counts the disputes of a program, of all when it is empty. The period
// holds from, not to. Errors: INVALID to, TOO_LARGE beyond 50 000 decisions.
func (s *Service) DisputeReport(ctx context.Context, programID string, from, to time.Time) (DisputeReport, error) {
	if to.Before(from) {
		return DisputeReport{}, problem.At(problem.Invalid, "to", "the period ends before it begins")
	}
	of := []predicate.Dispute{}
	if programID != "" {
		of = append(of, dispute.ProgramID(programID))
	}
	var r DisputeReport
	var err error
	undecided := func() *ent.DisputeQuery {
		return s.store.Client().Dispute.Query().Where(of...).Where(dispute.DecidedAtIsNil())
	}
	if r.Open, err = undecided().Count(ctx); err != nil {
		return r, err
	}
	if r.Overdue, err = undecided().Where(dispute.AnswerDueAtLT(s.store.MerchantTime(ctx))).Count(ctx); err != nil {
		return r, err
	}
	rows, err := s.store.Client().Dispute.Query().Where(of...).Where(dispute.DecidedAtGTE(from.UTC()), dispute.DecidedAtLT(to.UTC())).Limit(maxDecided+1).
		Select(dispute.FieldID, dispute.FieldStatus, dispute.FieldOpenedAt, dispute.FieldDecidedAt).All(ctx)
	if err == nil && len(rows) > maxDecided {
		err = problem.At(problem.TooLarge, "to", "the period has more than %d decisions", maxDecided)
	}
	r.measure(rows)
	return r, err
}

func (r *DisputeReport) measure(rows []*ent.Dispute) {
	var took []time.Duration
	for _, d := range rows {
		switch d.Status {
		case dispute.StatusACCEPTED:
			r.Accepted++
		case dispute.StatusDECLINED:
			r.Declined++
		default:
			r.Withdrawn++
			continue
		}
		took = append(took, d.DecidedAt.Sub(d.OpenedAt))
	}
	slices.Sort(took)
	r.Median, r.P90 = ranked(took, 50), ranked(took, 90)
}

// ranked is the percentile by nearest rank: the smallest that as many of a hundred do
// not pass.
func ranked(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)*percent+99)/100-1]
}
