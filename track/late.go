package track

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"

	"github.com/tributary/tributary/ent"
	entclick "github.com/tributary/tributary/ent/click"
	"github.com/tributary/tributary/ent/conversion"
	entlink "github.com/tributary/tributary/ent/link"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// An order may overtake its click. The token in it tells whose the sale is, but
// not what the address of the click said; the conversion gets those labels when
// both are there. Whoever comes second brings them: the writer looks for orders
// after its clicks are committed, and an order that found no click looks again
// after its own commit. Were either to look before, each could miss the other: the
// order reads no click, the clicks are committed, their writer finds no order, the
// order is committed.

// said is what the row of one click may change.
type said struct {
	link, click map[string]string // labels
	idle        bool              // it may not earn, and the row says why
}

// EventLate says of a conversion that what its click's row says came after it, and was
// added. Whoever decides on credit may look again.
const EventLate = "conversion.late_click"

// lateLabels gives conversions that are there already what the addresses of new
// clicks said. Most say nothing beside the link's own labels, and cost nothing.
func (s *Service) lateLabels(ctx context.Context, rows []clickRow) error {
	of := map[string]map[string]said{} // by merchant and click
	for _, r := range rows {
		idle := !r.id.payable()
		if !idle && (len(r.subIDs) == 0 || bytes.Equal(r.labels, appendLabels(nil, r.owner.SubIDs))) {
			continue
		}
		var labels map[string]string
		if len(r.subIDs) > 0 {
			if err := json.Unmarshal(r.subIDs, &labels); err != nil {
				return err
			}
		}
		if of[r.owner.MerchantID] == nil {
			of[r.owner.MerchantID] = map[string]said{}
		}
		of[r.owner.MerchantID][r.id.String()] = said{r.owner.SubIDs, labels, idle}
	}
	for merchantID, clicks := range of {
		if err := s.relabel(trust.With(ctx, trust.System(merchantID)), clicks); err != nil {
			return err
		}
	}
	return nil
}

// relabel changes the viewer's merchant's conversions of clicks, those that lack
// something.
func (s *Service) relabel(ctx context.Context, clicks map[string]said) error {
	ids := make([]string, 0, len(clicks))
	for id := range clicks {
		ids = append(ids, id)
	}
	found, err := s.store.Client().Conversion.Query().Where(conversion.ClickIDIn(ids...)).All(ctx)
	if err != nil {
		return err
	}
	for _, c := range found {
		if one := clicks[*c.ClickID]; !one.idle && maps.Equal(one.labelled(c.SubIds), c.SubIds) {
			continue
		}
		_, err := store.Run(ctx, s.store, store.Command{Name: "conversionLabel", Subject: c.ID}, func(ctx context.Context, tx *store.Tx) (string, error) {
			return c.ID, clicks[*c.ClickID].addTo(ctx, tx, c.ID)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// addTo reads the conversion again under its lock: a later message may have
// brought labels of its own meanwhile.
func (a said) addTo(ctx context.Context, tx *store.Tx, conversionID string) error {
	if err := tx.Lock(ctx, "conversions", conversionID); err != nil {
		return err
	}
	row, err := tx.Ent().Conversion.Query().Where(conversion.ID(conversionID)).Only(ctx)
	if err != nil {
		return err
	}
	tx.Emit(store.Event{Type: EventLate, Subject: row.ID, ProgramID: row.ProgramID, Facts: canon.Facts{"conversion_id": row.ID}})
	if maps.Equal(a.labelled(row.SubIds), row.SubIds) {
		return nil
	}
	return tx.Ent().Conversion.Update().Where(conversion.ID(conversionID)).SetSubIds(a.labelled(row.SubIds)).Exec(ctx)
}

// labelled are a conversion's labels with the click's: those of the order win, and
// what the conversion has of the link is the click's to change.
func (a said) labelled(has map[string]string) map[string]string {
	out := maps.Clone(a.click)
	if out == nil {
		out = map[string]string{}
	}
	for name, value := range has {
		if own, ofLink := a.link[name]; !ofLink || own != value || out[name] == "" {
			out[name] = value
		}
	}
	return out
}

// early is an order that is committed and found no click.
type early struct{ merchantID, clickID, linkID string }

// earlyAtOnce is how many such orders may wait to be looked at.
const earlyAtOnce = 1024

// hasten leaves an order for WriteClicks to look at, outside of its command: one
// that waited in it for another would keep a place that the other needs. One too
// many is left as it is.
func (s *Service) hasten(e early) {
	select {
	case s.early <- e:
	default:
		s.store.Log().Warn("an order may lack labels of its click", slog.String("click", e.clickID))
	}
}

// lookAgain looks at orders that found no click until ctx ends. An order is taken
// in whatever becomes of its labels.
func (s *Service) lookAgain(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-s.early:
			err := s.reconsider(trust.With(ctx, trust.System(e.merchantID)), e)
			if err != nil && ctx.Err() == nil {
				s.store.Log().Warn("an order may lack labels of its click", slog.String("click", e.clickID), slog.Any("error", err))
			}
		}
	}
}

// reconsider does nothing while the click has not arrived: its writer will.
func (s *Service) reconsider(ctx context.Context, e early) error {
	row, err := s.store.Client().Click.Query().Where(entclick.ID(e.clickID)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	l, err := s.store.Client().Link.Query().Where(entlink.ID(e.linkID)).Only(ctx)
	if err != nil {
		return err
	}
	return s.relabel(ctx, map[string]said{row.ID: {l.SubIds, row.SubIds, !row.Payable}})
}
