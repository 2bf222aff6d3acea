package earn

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// eventTerms says to an affiliate that its terms in a program will be other, when they
// were made and so before they begin. The subject is its enrollment; facts
// plan_version_id, number, valid_from, changes (how many), and paths, the first ten of
// them. What they are, it reads as its enrollment's terms.
const eventTerms = "terms.changed"

const (
	toldAtOnce = 200 // enrollments that one command tells
	pathsTold  = 10
)

// notify leaves a program's affiliates to be told of new terms: a program may have very
// many, and the command that makes terms waits for none of them.
func notify(ctx context.Context, tx *store.Tx, programID, versionID string) error {
	return tx.Ent().TermsNotice.Create().SetID(tx.ID(id.TermsNotice)).SetProgramID(programID).SetPlanVersionID(versionID).Exec(ctx)
}

// TellTerms tells affiliates of new terms, of every merchant, of at most limit versions,
// and gives of how many. Each of its commands tells some, and goes on where the one
// before it stopped: everybody who is active in the program is told once.
func (s *Service) TellTerms(ctx context.Context, limit int) (int, error) {
	open, err := s.store.DoorOpenTermsNotices(ctx, limit)
	if err != nil {
		return 0, err
	}
	for n, o := range open {
		for more := true; more; {
			more, err = store.Run(trust.With(ctx, trust.System(o.MerchantID)), s.store, store.Command{Name: "termsTell", Subject: o.NoticeID, Quiet: true},
				func(ctx context.Context, tx *store.Tx) (bool, error) { return s.tellSome(ctx, tx, o.NoticeID) })
			if err != nil {
				return n, err
			}
		}
	}
	return len(open), nil
}

// tellSome tells some more, and reports whether there may be others, under the notice's
// lock. Without it two servers would tell the same twice.
func (s *Service) tellSome(ctx context.Context, tx *store.Tx, noticeID string) (more bool, err error) {
	if err := tx.Lock(ctx, "terms_notices", noticeID); err != nil {
		return false, err
	}
	n, err := tx.Ent().TermsNotice.Get(ctx, noticeID)
	if err != nil || n.DoneAt != nil {
		return false, err
	}
	after, err := tx.Ent().PlanVersion.Get(ctx, n.PlanVersionID)
	if err != nil {
		return false, err
	}
	before, err := termsBefore(ctx, tx.Ent(), n.ProgramID, after)
	if err != nil {
		return false, err
	}
	rows, err := tx.Ent().Enrollment.Query().
		Where(enrollment.ProgramID(n.ProgramID), enrollment.StatusEQ(enrollment.StatusACTIVE), enrollment.IDGT(n.Told)).
		Order(ent.Asc(enrollment.FieldID)).Limit(toldAtOnce).WithAffiliate().All(ctx)
	if err != nil {
		return false, err
	}
	if before == nil { // there was nothing that could be other
		rows = nil
	}
	set := tx.Ent().TermsNotice.UpdateOne(n)
	if more = len(rows) == toldAtOnce; !more {
		set.SetDoneAt(tx.MerchantTime())
	}
	for _, e := range rows {
		set.SetTold(e.ID)
		if err := tell(tx, before, after, e); err != nil {
			return false, err
		}
	}
	return more, set.Exec(ctx)
}

// tell tells one affiliate, unless nothing changes for it.
func tell(tx *store.Tx, before, after *ent.PlanVersion, e *ent.Enrollment) error {
	changes, err := changesFor(before, after, whom(e.Edges.Affiliate))
	if err != nil || len(changes) == 0 {
		return err
	}
	tx.Emit(store.Event{Type: eventTerms, Subject: e.ID, ProgramID: e.ProgramID, AffiliateID: e.AffiliateID, Facts: canon.Facts{
		"plan_version_id": after.ID, "number": fmt.Sprint(after.Number), "valid_from": after.ValidFrom.UTC().Format(time.RFC3339Nano),
		"changes": fmt.Sprint(len(changes)), "paths": pathsOf(changes),
	}})
	return nil
}

func pathsOf(changes []plan.Change) string {
	var paths []string
	for _, c := range changes[:min(len(changes), pathsTold)] {
		paths = append(paths, c.Path)
	}
	return strings.Join(paths, " ")
}
