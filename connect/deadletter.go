package connect

import (
	"context"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/ent/syncitem"
	"github.com/tributary/tributary/ent/synctransfer"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// DeadLetter is a record that was refused for good.
type DeadLetter struct {
	Cursor      string // its place in the list
	Kind        Kind
	RecordID    string
	Reason      string     // what the other side answered, or GONE
	Tries       int        // since it last changed
	Since       *time.Time // when the first change was made that is not written
	First, Last *time.Time // when it was tried since it last changed, of the last 30 days
}

// DeadLetters lists up to limit dead letters of an integration after a place, and says
// whether there are more. Errors: NOT_FOUND id, WRONG_STATE id for one that is not
// written to.
func (s *Service) DeadLetters(ctx context.Context, integrationID, after string, limit int) ([]DeadLetter, bool, error) {
	if _, _, err := s.written(ctx, integrationID); err != nil {
		return nil, false, err
	}
	items, err := s.store.Client().SyncItem.Query().
		Where(syncitem.IntegrationID(integrationID), syncitem.StatusEQ(syncitem.StatusDEAD), syncitem.IDGT(after)).
		Order(ent.Asc(syncitem.FieldID)).Limit(limit + 1).All(ctx)
	if err != nil {
		return nil, false, err
	}
	more := len(items) > limit
	items = items[:min(limit, len(items))]
	letters, at := make([]DeadLetter, len(items)), map[string]int{}
	ids := make([]string, len(items))
	for i, d := range items {
		ids[i], at[d.ID] = d.ID, i
		letters[i] = DeadLetter{Cursor: d.ID, Kind: Kind(d.Kind), RecordID: d.SubjectID, Reason: d.Reason, Tries: d.Tries, Since: d.Since}
	}
	if len(ids) == 0 {
		return nil, false, nil
	}
	tried, err := s.store.Client().SyncTransfer.Query().Where(synctransfer.ItemIDIn(ids...)).
		Order(ent.Asc(synctransfer.FieldCreatedAt, synctransfer.FieldID)).All(ctx)
	for _, one := range tried {
		i := at[one.ItemID]
		if one.Changed != items[i].Changed {
			continue
		}
		if letters[i].First == nil {
			letters[i].First = &one.CreatedAt
		}
		letters[i].Last = &one.CreatedAt
	}
	return letters, more, err
}

// DeadLetterInput names a dead letter.
type DeadLetterInput struct {
	IntegrationID string
	Kind          Kind
	RecordID      string
	Reason        string // why it is dismissed
}

// DeadLetterOutcome says whether it was a dead letter until now.
type DeadLetterOutcome struct{ Done bool }

// ReplayDeadLetter leaves a dead letter to be written once more; what is none stays as it
// is. Errors: NOT_FOUND integrationId or recordId, WRONG_STATE integrationId for one that
// is not written to or is disconnected.
func (s *Service) ReplayDeadLetter(ctx context.Context, in DeadLetterInput) (DeadLetterOutcome, error) {
	return s.letter(ctx, "syncDeadLetterReplay", in, func(ctx context.Context, tx *store.Tx) (int, error) {
		tx.AfterCommit(s.nudgeSync)
		return tx.DoorRemark(ctx, store.Remark{IntegrationID: in.IntegrationID, Kind: string(in.Kind), SubjectID: in.RecordID, Dead: true})
	})
}

// maxDismissal bounds why something was dismissed, in bytes.
const maxDismissal = 200

// DismissDeadLetter lays a dead letter aside until it changes; what is none stays as it
// is. Errors: those of ReplayDeadLetter, INVALID reason for none and TOO_LARGE reason.
func (s *Service) DismissDeadLetter(ctx context.Context, in DeadLetterInput) (DeadLetterOutcome, error) {
	switch in.Reason = strings.TrimSpace(in.Reason); {
	case in.Reason == "":
		return DeadLetterOutcome{}, problem.At(problem.Invalid, "reason", "say why")
	case len(in.Reason) > maxDismissal:
		return DeadLetterOutcome{}, problem.At(problem.TooLarge, "reason", "must be at most %d bytes", maxDismissal)
	}
	return s.letter(ctx, "syncDeadLetterDismiss", in, func(ctx context.Context, tx *store.Tx) (int, error) {
		return tx.Ent().SyncItem.Update().
			Where(syncitem.IntegrationID(in.IntegrationID), syncitem.KindEQ(syncitem.Kind(in.Kind)), syncitem.SubjectID(in.RecordID), syncitem.StatusEQ(syncitem.StatusDEAD)).
			SetStatus(syncitem.StatusDISMISSED).SetDismissed(in.Reason).Save(ctx)
	})
}

// letter runs a command on a record that an integration knows.
func (s *Service) letter(ctx context.Context, name string, in DeadLetterInput, do func(context.Context, *store.Tx) (int, error)) (DeadLetterOutcome, error) {
	row, _, err := s.written(ctx, in.IntegrationID)
	if err != nil {
		return DeadLetterOutcome{}, asField(err, "integrationId")
	}
	if row.Status == integration.StatusDISCONNECTED {
		return DeadLetterOutcome{}, problem.At(problem.State, "integrationId", "the integration is disconnected")
	}
	return store.Run(ctx, s.store, store.Command{Name: name, Subject: row.ID}, func(ctx context.Context, tx *store.Tx) (DeadLetterOutcome, error) {
		known, err := tx.Ent().SyncItem.Query().
			Where(syncitem.IntegrationID(row.ID), syncitem.KindEQ(syncitem.Kind(in.Kind)), syncitem.SubjectID(in.RecordID)).Exist(ctx)
		if err != nil {
			return DeadLetterOutcome{}, err
		}
		if !known {
			return DeadLetterOutcome{}, problem.At(problem.NotFound, "recordId", "the record is not known there")
		}
		note := map[string]string{"kind": string(in.Kind), "record": in.RecordID}
		if in.Reason != "" {
			note["reason"] = in.Reason
		}
		tx.Note(row.ID, note)
		n, err := do(ctx, tx)
		return DeadLetterOutcome{Done: n > 0}, err
	})
}

// asField says that a problem with the id is one with another field.
func asField(err error, field string) error {
	if p, is := problem.As(err); is {
		return problem.At(p.Code, field, "%s", p.Message)
	}
	return err
}
