package webhook

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/event"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/reply"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// How many messages a sample has, and how many of the last events are looked at.
const (
	sampleSize = 3
	sampleScan = 500
)

// samples gives messages as they would be sent, for who sets up an automation before
// anything has happened.
func (s *Service) samples(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := s.may(r.Context(), "webhookSamples", trust.EventRead); err != nil {
		return nil, err
	}
	if err := reply.Knows(r, "event"); err != nil {
		return nil, err
	}
	name := r.URL.Query().Get("event")
	kind, known := find(name)
	if !known {
		return nil, problem.At(problem.Invalid, "event", "%q is no type of event", clipped(name))
	}
	return s.sample(r.Context(), kind)
}

// sample takes the last events of a type, or makes one up when there are none.
func (s *Service) sample(ctx context.Context, kind Type) ([]json.RawMessage, error) {
	rows, err := s.store.Client().Event.Query().Order(ent.Desc(event.FieldID)).Limit(sampleScan).All(ctx)
	if err != nil {
		return nil, err
	}
	v, _ := trust.From(ctx)
	out := []json.RawMessage{}
	for _, row := range rows {
		if row.Type == kind.Name && v.Sees(value(row.AffiliateID)) && len(out) < sampleSize {
			e, err := eventOf(row)
			if err != nil {
				return nil, err
			}
			out = append(out, sampleOf(e))
		}
	}
	if len(out) == 0 {
		out = append(out, sampleOf(&store.Event{
			ID: "evt_00000000000000000000000000", Type: kind.Name, Version: kind.Version, At: s.store.Now(),
			Facts: canon.Facts{"amount": "1250", "currency": "USD"},
		}))
	}
	return out, nil
}

func sampleOf(e *store.Event) json.RawMessage {
	return message(store.ClaimedDelivery{ID: deliveryID(e.ID, "sample"), Type: e.Type, MadeAt: e.At, Event: e})
}

func eventOf(row *ent.Event) (*store.Event, error) {
	facts, err := canon.DecodeFacts(row.Facts)
	return &store.Event{
		ID: row.ID, Type: row.Type, Version: row.TypeVersion, Subject: row.SubjectID, ProgramID: value(row.ProgramID), AffiliateID: value(row.AffiliateID),
		At: row.CreatedAt.UTC(), Facts: facts,
	}, err
}
