package roster

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/affiliatemerge"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// Two rows may turn out to be one person. One of them is merged into the other, the
// survivor: it is archived and stays readable, with all that was its own; from then on
// what it would do or be given, the survivor does and is.

// Merging is a merge under way.
type Merging struct {
	ID         string // of the merge
	From, Into *ent.Affiliate
	Reason     string
}

// MergeIn archives an affiliate into another, which has its recruits and its places in
// programs from now on: the survivor is active wherever one of the two was, else has
// applied wherever one had. It keeps its own recruiter, unless it was somewhere below
// the merged one: then it takes that one's place, and has its recruiter. All moves of
// recruiters hold one lock, so no circle can close meanwhile. MergedIn concludes it.
// Errors: NOT_FOUND fromId or intoId, INVALID intoId for one and the same, WRONG_STATE
// fromId for one who is archived or merged, WRONG_STATE intoId for one who is not active.
func MergeIn(ctx context.Context, tx *store.Tx, from, into, reason string) (Merging, error) {
	m := Merging{ID: tx.ID(id.Merge), Reason: reason}
	if from == into {
		return m, problem.At(problem.Invalid, "intoId", "an affiliate is not merged into itself")
	}
	if err := tx.Hold(ctx, recruiters); err != nil {
		return m, err
	}
	if err := tx.Lock(ctx, affiliate.Table, from, into); err != nil {
		return m, err
	}
	if err := m.read(ctx, tx, from, into); err != nil {
		return m, err
	}
	if err := m.recruits(ctx, tx); err != nil {
		return m, err
	}
	if err := m.places(ctx, tx); err != nil {
		return m, err
	}
	return m, tx.Ent().Affiliate.UpdateOne(m.From).SetStatus(affiliate.StatusARCHIVED).SetStatusReason(reason).Exec(ctx)
}

func (m *Merging) read(ctx context.Context, tx *store.Tx, from, into string) (err error) {
	if err := named(from, id.Affiliate, "fromId", "affiliate"); err != nil {
		return err
	}
	if err := named(into, id.Affiliate, "intoId", "affiliate"); err != nil {
		return err
	}
	if m.From, err = tx.Ent().Affiliate.Get(ctx, from); err != nil {
		_, err = found(m.From, err, "fromId", "affiliate")
		return err
	}
	if m.Into, err = tx.Ent().Affiliate.Get(ctx, into); err != nil {
		_, err = found(m.Into, err, "intoId", "affiliate")
		return err
	}
	switch {
	case m.From.Status == affiliate.StatusARCHIVED:
		return problem.At(problem.State, "fromId", "the affiliate is archived, or was merged")
	case m.Into.Status != affiliate.StatusACTIVE:
		return problem.At(problem.State, "intoId", "the affiliate is %s", m.Into.Status)
	}
	return nil
}

// recruits moves everybody whom the merged one recruited under the survivor.
func (m *Merging) recruits(ctx context.Context, tx *store.Tx) error {
	below, err := Recruited(ctx, tx, m.Into.ID, m.From.ID)
	if err != nil {
		return err
	}
	if below {
		up := tx.Ent().Affiliate.UpdateOne(m.Into).ClearParentID()
		if m.From.ParentID != nil {
			up.SetParentID(*m.From.ParentID)
		}
		if err := up.Exec(ctx); err != nil {
			return err
		}
	}
	return tx.Ent().Affiliate.Update().Where(affiliate.ParentID(m.From.ID)).SetParentID(m.Into.ID).Exec(ctx)
}

// places joins the places in programs, and ends those of the merged one.
func (m *Merging) places(ctx context.Context, tx *store.Tx) error {
	rows, err := tx.Ent().Enrollment.Query().Where(enrollment.AffiliateID(m.From.ID), enrollment.StatusNEQ(enrollment.StatusENDED)).
		Order(ent.Asc(enrollment.FieldID)).All(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := m.join(ctx, tx, row); err != nil {
			return err
		}
		if _, err := turn(ctx, tx, row, enrollment.StatusENDED); err != nil {
			return err
		}
	}
	return nil
}

// join gives the survivor a place like one of the merged one's. It is no joining anew,
// and its event says so: nobody is paid for it a second time.
func (m *Merging) join(ctx context.Context, tx *store.Tx, row *ent.Enrollment) error {
	own, err := placeOf(ctx, tx, m.Into.ID, row.ProgramID)
	event := "enrollment.created"
	switch {
	case ent.IsNotFound(err):
		own, err = tx.Ent().Enrollment.Create().SetAffiliateID(m.Into.ID).SetProgramID(row.ProgramID).SetStatus(row.Status).Save(ctx)
	case err == nil && row.Status == enrollment.StatusACTIVE && own.Status != enrollment.StatusACTIVE:
		event = enrollmentEvents[enrollment.StatusACTIVE]
		own, err = tx.Ent().Enrollment.UpdateOne(own).SetStatus(enrollment.StatusACTIVE).Save(ctx)
	default:
		return err
	}
	if err != nil {
		return err
	}
	e := enrollmentEvent(event, own)
	e.Facts["merged_from"] = m.From.ID
	tx.Emit(e)
	return nil
}

// MergedIn writes who was merged into whom, and says so to both: after everything of the
// merged one's has found its way, since from here on it finds it by this row. Those who
// were merged into the merged one before are the survivor's too.
func MergedIn(ctx context.Context, tx *store.Tx, m Merging) error {
	err := tx.Ent().AffiliateMerge.Create().SetID(m.ID).SetFromID(m.From.ID).SetIntoID(m.Into.ID).SetSurvivorID(m.Into.ID).SetReason(m.Reason).Exec(ctx)
	if err != nil {
		return err
	}
	if err := tx.Ent().AffiliateMerge.Update().Where(affiliatemerge.SurvivorID(m.From.ID)).SetSurvivorID(m.Into.ID).Exec(ctx); err != nil {
		return err
	}
	for _, who := range []string{m.From.ID, m.Into.ID} {
		tx.Emit(store.Event{Type: "affiliate.merged", Subject: who, AffiliateID: who, Facts: canon.Facts{"merge_id": m.ID, "from_id": m.From.ID, "into_id": m.Into.ID}})
	}
	tx.Note(m.From.ID, map[string]string{"merged into": m.Into.ID})
	tx.Note(m.Into.ID, map[string]string{"merged from": m.From.ID})
	return nil
}

// Survivor gives who an affiliate is now that was merged; itself for any other.
func Survivor(ctx context.Context, c *ent.Client, affiliateID string) (string, error) {
	m, err := c.AffiliateMerge.Query().Where(affiliatemerge.FromID(affiliateID)).Only(ctx)
	if ent.IsNotFound(err) {
		return affiliateID, nil
	}
	if err != nil {
		return "", err
	}
	return m.SurvivorID, nil
}
