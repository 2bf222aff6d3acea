package export

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/export"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// errTakenUp ends the work of whoever was slower: another has taken it up.
var errTakenUp = errors.New("export: it was taken up by another")

// WorkOn writes an export that waits, from where whoever worked on it stopped. One that is
// finished stays as it is. It may be called at any time and any number of times, at once
// too: who takes the work up later goes on, and the earlier one writes no more.
func (s *Service) WorkOn(ctx context.Context, exportID string) error {
	row, err := s.takeUp(ctx, exportID)
	if err != nil || row == nil {
		return err
	}
	err = s.write(ctx, row)
	switch {
	case errors.Is(err, errTakenUp):
		return nil
	case err == nil || passes(err) || ctx.Err() != nil:
		return err
	}
	if err = s.fail(ctx, row, err); errors.Is(err, errTakenUp) {
		return nil
	}
	return err
}

// passes reports whether a fault is of the moment: the work is taken up again. What the
// API says of a database that is away is one of them.
func passes(err error) bool {
	code := problem.CodeOf(err)
	return store.Infrastructure(err) || code == problem.Unavailable || code == problem.Deadline
}

// takeUp makes the caller the one who writes; nil when there is nothing to do.
func (s *Service) takeUp(ctx context.Context, exportID string) (*ent.Export, error) {
	return store.Run(ctx, s.Store, store.Command{Name: "exportTakeUp", Subject: exportID, Quiet: true}, func(ctx context.Context, tx *store.Tx) (*ent.Export, error) {
		if err := tx.Lock(ctx, "exports", exportID); err != nil {
			return nil, err
		}
		row, err := tx.Ent().Export.Get(ctx, exportID)
		if ent.IsNotFound(err) || err == nil && row.Status != export.StatusQUEUED && row.Status != export.StatusRUNNING {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return tx.Ent().Export.UpdateOneID(exportID).SetHolder(row.Holder + 1).SetStatus(export.StatusRUNNING).SetBeatAt(tx.Now()).Save(ctx)
	})
}

// holding runs a command of whoever holds the work, and says that it goes on. The lock
// keeps another from taking it up between the look and the commit.
func (s *Service) holding(ctx context.Context, row *ent.Export, fn func(ctx context.Context, tx *store.Tx, set *ent.ExportUpdateOne) error) error {
	_, err := store.Run(ctx, s.Store, store.Command{Name: "exportWork", Subject: row.ID, Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		if err := tx.Lock(ctx, "exports", row.ID); err != nil {
			return 0, err
		}
		mine, err := tx.Ent().Export.Query().Where(export.ID(row.ID), export.Holder(row.Holder), export.StatusEQ(export.StatusRUNNING)).Exist(ctx)
		if err == nil && !mine {
			err = errTakenUp
		}
		if err != nil {
			return 0, err
		}
		set := tx.Ent().Export.UpdateOneID(row.ID).SetBeatAt(tx.Now())
		if err := fn(ctx, tx, set); err != nil {
			return 0, err
		}
		return 0, set.Exec(ctx)
	})
	return err
}

func (s *Service) fail(ctx context.Context, row *ent.Export, cause error) error {
	reason := "something went wrong on our side"
	if p, known := problem.As(cause); known {
		reason = p.Message
	} else {
		s.Store.Log().Error("an export failed", "export", row.ID, "error", cause)
	}
	return s.holding(ctx, row, func(_ context.Context, tx *store.Tx, set *ent.ExportUpdateOne) error {
		set.SetStatus(export.StatusFAILED).SetReason(reason[:min(len(reason), 500)]).SetFinishedAt(tx.Now())
		return nil
	})
}

// write reads pages until there are no more, a part of the file at a time.
func (s *Service) write(ctx context.Context, row *ent.Export) error {
	text := string(row.Document)
	columns, err := s.read.Columns(text)
	if err != nil {
		return err
	}
	as, believed := context.Context(nil), time.Time{}
	for {
		if now := s.Store.Now(); as == nil || now.Sub(believed) > rightsFor {
			if as, err = s.maker(ctx, row); err != nil {
				return err
			}
			believed = now
		}
		one, err := s.gather(as, row, text, columns)
		if err == nil {
			err = s.keep(ctx, row, one)
		}
		if err != nil || one.done {
			return err
		}
	}
}

// maker is the context of who asked, with the rights it has now.
func (s *Service) maker(ctx context.Context, row *ent.Export) (context.Context, error) {
	v, err := s.Rights(ctx, row.MerchantID, row.Principal, scopesIn(row.Scopes))
	if err == nil && !v.Can(trust.ProgramRead) || err != nil && !passes(err) {
		err = problem.New(problem.Forbidden, "whoever asked for it may read it no more")
	}
	return trust.With(ctx, v), err
}

// part is a piece of a file that is not written yet.
type part struct {
	content []byte
	rows    int64
	cursor  string
	done    bool
}

// gather reads pages until they make a part. Time is looked at so that a part of few bytes
// that is hard to read says all the same that the work goes on.
func (s *Service) gather(ctx context.Context, row *ent.Export, text string, columns []Column) (part, error) {
	one := part{cursor: row.Cursor}
	var to bytes.Buffer
	sheet := newSheet(string(row.Format), columns, &to)
	if row.Bytes == 0 {
		sheet.head()
	}
	for began := time.Now(); !one.done && to.Len() < partBytes && time.Since(began) < stepFor; {
		page, err := s.read.Read(ctx, text, one.cursor, row.ID)
		if err != nil {
			return one, err
		}
		for _, r := range page.Rows {
			if err := sheet.row(r); err != nil {
				return one, err
			}
		}
		one.rows += int64(len(page.Rows))
		one.cursor, one.done = page.Next, page.Done
	}
	one.content = to.Bytes()
	return one, nil
}

// keep writes a part and where the next begins, in one commit.
func (s *Service) keep(ctx context.Context, row *ent.Export, one part) error {
	err := s.holding(ctx, row, func(ctx context.Context, tx *store.Tx, set *ent.ExportUpdateOne) error {
		size := int64(len(one.content))
		set.SetCursor(one.cursor).SetRows(row.Rows + one.rows).SetBytes(row.Bytes + size).SetParts(row.Parts + 1)
		if one.done {
			set.SetStatus(export.StatusDONE).SetFinishedAt(tx.Now()).SetExpiresAt(tx.Now().Add(keptFor))
		}
		if size == 0 {
			return nil
		}
		return tx.Ent().ExportPart.Create().SetID(tx.ID(id.ExportPart)).SetExportID(row.ID).SetFirst(row.Bytes).SetContent(one.content).Exec(ctx)
	})
	if err == nil {
		row.Cursor, row.Rows, row.Bytes, row.Parts = one.cursor, row.Rows+one.rows, row.Bytes+int64(len(one.content)), row.Parts+1
	}
	return err
}

// Resume leaves exports that nobody works on any more, such as those of a server that was
// killed, to be taken up. It reports how many there were.
func (s *Service) Resume(ctx context.Context, limit int) (int, error) {
	left, err := s.Store.DoorStaleExports(ctx, s.Store.Now().Add(-stale), limit)
	for _, one := range left {
		if err != nil {
			break
		}
		ctx := trust.With(ctx, trust.System(one.MerchantID))
		_, err = store.Run(ctx, s.Store, store.Command{Name: "exportResume", Subject: one.ExportID, Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
			if err := tx.Ent().Export.UpdateOneID(one.ExportID).SetBeatAt(tx.Now()).Exec(ctx); err != nil {
				return 0, err
			}
			return 0, s.Desk.Leave(ctx, tx, queue.Job{Kind: exportJob, Merchant: tx.MerchantID(), Subject: one.ExportID})
		})
	}
	return len(left), err
}
