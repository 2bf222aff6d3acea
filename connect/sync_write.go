package connect

import (
	"context"
	"errors"
	"time"

	"github.com/tributary/tributary/internal/store"
)

// reasonGone is what a record says that is not there any more.
const reasonGone = "GONE"

// maxRefusal bounds what is kept of a refusal.
const maxRefusal = 200

// write writes what is due of a kind. What became of those that were written stands
// even when the others failed.
func (t *turning) write(ctx context.Context, k Kind) error {
	most := t.dest.Most()
	if t.feed.Failures >= opens {
		most = 1 // is it back?
	}
	due, err := t.store.DoorDueItems(ctx, t.feed, string(k), most)
	if err != nil || len(due) == 0 {
		return err
	}
	batch, items, err := t.batch(ctx, k, due)
	if err != nil || len(batch) == 0 {
		return err
	}
	written, err := t.dest.Push(ctx, t.call, t.row.Account, t.c, k, batch)
	for i, w := range written {
		switch {
		case !w.Known:
		case w.Refused != "":
			t.refuse(items[i], clean(w.Refused, maxRefusal))
		default:
			t.done.Items = append(t.done.Items, store.SettledItem{DueItem: items[i], RemoteID: w.RemoteID})
		}
		t.done.Worked = t.done.Worked || w.Known
	}
	return err
}

// batch reads the records as they stand now, which is not before they were claimed,
// and maps them. Those that cannot be are refused here.
func (t *turning) batch(ctx context.Context, k Kind, due []store.DueItem) (batch []Outgoing, items []store.DueItem, err error) {
	ids := make([]string, len(due))
	for i, d := range due {
		ids[i] = d.SubjectID
	}
	read, err := t.reading(ctx, t.row)
	if err != nil {
		return nil, nil, err
	}
	records, err := read.records(ctx, k, ids)
	if err != nil {
		return nil, nil, err
	}
	m, err := t.mapOf(ctx, t.dest, t.row, k)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range due {
		rec, there := records[d.SubjectID]
		if !there {
			t.refuse(d, reasonGone)
			continue
		}
		out, fault := m.outgoing(d.SubjectID, rec)
		if fault != "" {
			t.refuse(d, clean(fault, maxRefusal))
			continue
		}
		out.RemoteID, out.OrderID = d.Called, read.orders[d.SubjectID]
		batch, items = append(batch, out), append(items, d)
	}
	return batch, items, nil
}

// refuse writes down that a record was refused, and when it is tried again.
func (t *turning) refuse(d store.DueItem, why string) {
	s := store.SettledItem{DueItem: d, Refused: why}
	if d.Tries < len(refusedPauses) && why != reasonGone {
		s.NextAt = t.store.Now().Add(refusedPauses[d.Tries] / 1000 * time.Duration(t.jitter()))
	}
	t.done.Items = append(t.done.Items, s)
}

// link binds deals to their customers, as far as both are written.
func (t *turning) link(ctx context.Context) error {
	due, err := t.store.DoorDueLinks(ctx, t.feed, linksATurn)
	if err != nil {
		return err
	}
	for _, l := range due {
		s := store.SettledLink{DueLink: l, NextAt: t.store.Now().Add(linkAgain)}
		if l.From != "" && l.To != "" {
			err := t.dest.Link(ctx, t.call, t.row.Account, t.c, Written{Known: true, RemoteID: l.From}, KindDeal, Written{Known: true, RemoteID: l.To}, KindCustomer)
			if answered, refused := errors.AsType[Answered](err); err != nil && (!refused || answered >= 500) {
				return err
			}
			if err == nil {
				s.NextAt, t.done.Worked = time.Time{}, true
			}
		}
		t.done.Links = append(t.done.Links, s)
	}
	return nil
}
