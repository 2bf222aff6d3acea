package connect

import (
	"context"
	"strings"
	"time"

	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/syncitem"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// What a receipt says of what a CRM told.
const (
	reasonEcho      = "ECHO: it was written from here"
	reasonElsewhere = "ACCOUNT: it is of another account"
	reasonUnmapped  = "FIELD: no field of the map brings it in"
	reasonStranger  = "RECORD: it is of no customer that was written there"
	reasonUnborn    = "RECORD_UNKNOWN"
	reasonSame      = "SAME: it stands so already, or something newer was told"
	reasonOurs      = "POLICY: ours stands, and is written there again"
)

// RecordName is the OrderID of a message about a record of a CRM: what messages about it
// wait under.
func RecordName(remoteID string) string { return "record:" + remoteID }

// hear does what a CRM's word about a record asks for: a field that is mapped on the way
// in changes the customer, under the field's policy.
func (s *Service) hear(ctx context.Context, row *ent.Integration, told Told) (verdict, error) {
	dest, is := s.providers[string(row.Provider)].(Destination)
	switch {
	case told.Echo:
		return ignored(reasonEcho), nil
	case told.Account != row.Account:
		return ignored(reasonElsewhere), nil
	case !is:
		return ignored(reasonUnmapped), nil
	}
	m, err := s.mapOf(ctx, dest, row, KindCustomer)
	if err != nil {
		return verdict{}, err
	}
	field, mapped := m.Document.Into(told.Field)
	if !mapped || toldFields[field.Source] == nil {
		return ignored(reasonUnmapped), nil
	}
	value, err := m.incoming(field, told.Value)
	if err != nil {
		return refusal(err), nil
	}
	customerID, v, err := s.heardOf(ctx, row, told.RemoteID)
	if err != nil || customerID == "" {
		return v, err
	}
	at := told.At
	if now := s.store.Now(); at.After(now) { // its clock is ahead; ours must not wait for it
		at = now
	}
	return s.hearField(ctx, row, customerID, field, standing{value: value, at: at, by: row.ID})
}

// heardFields are the fields of a CRM that the map of its customers brings in, by its
// names; none for a shop.
func (s *Service) heardFields(ctx context.Context, row *ent.Integration) (names []string, err error) {
	dest, is := s.providers[string(row.Provider)].(Destination)
	if !is {
		return nil, nil
	}
	m, err := s.mapOf(ctx, dest, row, KindCustomer)
	for _, f := range m.Document.Fields {
		if (f.Direction == mapping.In || f.Direction == mapping.Both) && toldFields[f.Source] != nil {
			names = append(names, f.Target)
		}
	}
	return names, err
}

// incoming maps one value on its way in. A value that was cleared there is none here.
func (m Map) incoming(field mapping.Field, value string) (string, error) {
	if value == "" {
		return "", nil
	}
	got, faults := mapping.Apply(mapping.Document{Fields: []mapping.Field{field}}, m.Catalogue, mapping.In, mapping.Record{field.Target: value})
	if len(faults) > 0 {
		return "", problem.At(problem.Invalid, field.Target, "%s", faults[0].Message)
	}
	text, _ := got[field.Source].(string) // it is a text: only texts may come in
	return text, nil
}

// heardOf finds whose record it is. A record of nobody's waits while a customer is still
// on its way there: the CRM may speak of it before we know what it is called.
func (s *Service) heardOf(ctx context.Context, row *ent.Integration, remoteID string) (string, verdict, error) {
	of := s.store.Client().SyncItem.Query().Where(syncitem.IntegrationID(row.ID), syncitem.KindEQ(syncitem.KindCUSTOMER))
	// This is asked first: one that arrives there between the two questions is found.
	unborn, err := of.Clone().Where(syncitem.RemoteID(""), syncitem.StatusNotIn(syncitem.StatusDEAD, syncitem.StatusDISMISSED)).Exist(ctx)
	if err != nil {
		return "", verdict{}, err
	}
	item, err := of.Where(syncitem.RemoteID(remoteID)).Order(ent.Asc(syncitem.FieldID)).First(ctx)
	switch {
	case err == nil:
		return item.SubjectID, verdict{}, nil
	case !ent.IsNotFound(err):
		return "", verdict{}, err
	case unborn:
		return "", verdict{status: webhookreceipt.StatusPARKED, reason: reasonUnborn, waitsFor: waitKey(row, RecordName(remoteID))}, nil
	}
	return "", ignored(reasonStranger), nil
}

// hearField changes a customer as it was told, and says so. Where ours stands it is
// written there again, so that both sides end as one.
func (s *Service) hearField(ctx context.Context, row *ent.Integration, customerID string, field mapping.Field, said standing) (verdict, error) {
	return store.Run(ctx, s.store, store.Command{Name: "customerHear", Subject: customerID, Intake: true}, func(ctx context.Context, tx *store.Tx) (verdict, error) {
		c, err := lockedCustomer(ctx, tx, customerID)
		if err != nil {
			return verdict{}, err
		}
		f := toldFields[field.Source]
		before := f.read(c)
		after, ours := before.hears(field.Policy, said)
		if after == before {
			return ignored(reasonSame), nil
		}
		if err := s.change(ctx, tx, c, f, before, after); err != nil {
			return verdict{}, err
		}
		switch {
		case ours && field.Direction == mapping.Both && after.value != said.value:
			tx.AfterCommit(s.nudgeSync)
			return verdict{status: webhookreceipt.StatusAPPLIED, reason: reasonOurs}, tx.DoorMark(ctx, row.ID, 0, []store.Marked{{Kind: string(KindCustomer), SubjectID: c.ID}})
		case after.value == before.value:
			return ignored(reasonSame), nil
		}
		return applied(), nil
	})
}

func lockedCustomer(ctx context.Context, tx *store.Tx, customerID string) (*ent.Customer, error) {
	if err := tx.Lock(ctx, "customers", customerID); err != nil {
		return nil, err
	}
	c, err := tx.Ent().Customer.Get(ctx, customerID)
	if ent.IsNotFound(err) {
		err = problem.At(problem.NotFound, "id", "the customer was not found")
	}
	return c, err
}

// change writes how a value stands. A value that is another one is an event; the event
// holds no value, because it goes to partners.
func (s *Service) change(ctx context.Context, tx *store.Tx, c *ent.Customer, f *toldField, before, after standing) error {
	up := tx.Ent().Customer.UpdateOneID(c.ID)
	if f.write(up, after); after.value != before.value {
		tx.Emit(store.Event{Type: "customer.changed", Subject: c.ID, Facts: canon.Facts{"field": f.name, "by": after.by}})
	}
	return up.Exec(ctx)
}

// SetCustomerInput says what a customer is to the merchant; nil leaves a value alone, and
// "" clears it.
type SetCustomerInput struct {
	CustomerID              string
	Segment, LifecycleStage *string
}

// CustomerOutcome is the customer.
type CustomerOutcome struct{ CustomerID string }

// SetCustomer says from here what a CRM may also tell. It is written where the customer
// is known. Errors: NOT_FOUND id, INVALID and TOO_LARGE with their field.
func (s *Service) SetCustomer(ctx context.Context, in SetCustomerInput) (CustomerOutcome, error) {
	said := map[string]*string{"customer.segment": in.Segment, "customer.lifecycle_stage": in.LifecycleStage}
	for path, field := range map[string]string{"customer.segment": "segment", "customer.lifecycle_stage": "lifecycleStage"} {
		if err := checkTold(field, said[path]); err != nil {
			return CustomerOutcome{}, err
		}
	}
	return store.Run(ctx, s.store, store.Command{Name: "customerSet", Subject: in.CustomerID}, func(ctx context.Context, tx *store.Tx) (CustomerOutcome, error) {
		c, err := lockedCustomer(ctx, tx, in.CustomerID)
		if err != nil {
			return CustomerOutcome{}, err
		}
		for _, path := range []string{"customer.segment", "customer.lifecycle_stage"} {
			f, value := toldFields[path], said[path]
			if value == nil {
				continue
			}
			before := f.read(c)
			after := standing{value: *value, at: latest(tx.Now(), before.at), by: SidePlatform, told: before.told}
			if err := s.change(ctx, tx, c, f, before, after); err != nil {
				return CustomerOutcome{}, err
			}
		}
		return CustomerOutcome{c.ID}, nil
	})
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func checkTold(field string, value *string) error {
	switch {
	case value == nil:
	case len([]rune(*value)) > maxTold:
		return problem.At(problem.TooLarge, field, "must have at most %d characters", maxTold)
	case strings.TrimSpace(*value) != *value || clean(*value, 4*maxTold) != *value:
		return problem.At(problem.Invalid, field, "must not begin or end with a space")
	}
	return nil
}
