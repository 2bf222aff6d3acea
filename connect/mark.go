package connect

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/internal/store"
)

// Follower marks what has changed, for each integration that is written to.
func (s *Service) Follower() store.Follower { return store.Follower{Name: "sync", Apply: s.mark} }

// destinations are the names of the providers that are written to.
func (s *Service) destinations() (names []integration.Provider) {
	for name, p := range s.providers {
		if _, is := p.(Destination); is {
			names = append(names, integration.Provider(name))
		}
	}
	return names
}

// aboutSales and aboutPeople begin the types of events that change records, whose
// subject is a conversion, an affiliate, and a customer.
var (
	aboutSales  = []string{"conversion.", "refund.", "chargeback."}
	aboutPeople = []string{"affiliate."}
	aboutBuyers = []string{"customer."}
)

func about(of string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(of, p) })
}

// changed are the subjects of events.
type changed struct{ sales, people, buyers []string }

func (c *changed) add(e store.Event) {
	switch {
	case about(e.Type, aboutSales):
		c.sales = append(c.sales, e.Subject)
	case about(e.Type, aboutBuyers):
		c.buyers = append(c.buyers, e.Subject)
	case about(e.Type, aboutPeople):
		c.people = append(c.people, e.Subject)
	case strings.HasPrefix(e.Type, "enrollment."):
		c.people = append(c.people, e.AffiliateID)
	}
}

func (c changed) none() bool { return len(c.sales)+len(c.people)+len(c.buyers) == 0 }

// changedSince are the subjects of events that did not happen before an integration
// was there; those are written when somebody asks for them.
func changedSince(events []store.Event, at time.Time, follows func(string) bool) (c changed) {
	for _, e := range events {
		if !e.At.Before(at) && follows(e.Type) {
			c.add(e)
		}
	}
	return c
}

// mark is told of a merchant's events.
func (s *Service) mark(ctx context.Context, tx *store.Tx, events []store.Event) error {
	if changedSince(events, time.Time{}, everything).none() { // most events are about other things
		return nil
	}
	rows, err := tx.Ent().Integration.Query().Where(integration.ProviderIn(s.destinations()...), integration.StatusNEQ(integration.StatusDISCONNECTED)).
		Order(ent.Asc(integration.FieldID)).All(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	for _, row := range rows {
		follows, called := s.follows(row)
		if !called {
			continue
		}
		items, err := s.marked(ctx, tx, row, changedSince(events, row.CreatedAt, follows))
		if err != nil {
			return err
		}
		if err := tx.DoorMark(ctx, row.ID, 0, items); err != nil {
			return err
		}
	}
	tx.AfterCommit(s.nudgeSync)
	return nil
}

func everything(string) bool { return true }

// follows says which events an integration is written to for, and whether it can be
// called: a shop may only send messages.
func (s *Service) follows(row *ent.Integration) (func(string) bool, bool) {
	if f, is := s.providers[string(row.Provider)].(Following); is {
		return f.Follows, len(row.CredentialsSealed) > 0
	}
	return everything, true
}

// marked are the records of a program that subjects stand for, as far as the integration
// takes them: conversions with their customers, customers, and affiliates who take part.
func (s *Service) marked(ctx context.Context, tx *store.Tx, row *ent.Integration, c changed) (items []store.Marked, err error) {
	programID, known := row.ProgramID, map[store.Marked]bool{}
	kinds := s.providers[string(row.Provider)].(Destination).Kinds()
	put := func(m store.Marked) {
		if plain := (store.Marked{Kind: m.Kind, SubjectID: m.SubjectID}); !known[plain] && slices.Contains(kinds, Kind(m.Kind)) {
			known[plain] = true
			items = append(items, m)
		}
	}
	if len(c.sales) > 0 {
		sales, err := tx.Ent().Conversion.Query().Where(conversion.ProgramID(programID), conversion.IDIn(c.sales...)).
			Select(conversion.FieldID, conversion.FieldCustomerID).Order(ent.Asc(conversion.FieldID)).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, v := range sales {
			put(store.Marked{Kind: string(KindDeal), SubjectID: v.ID, Linked: v.CustomerID != nil})
			if v.CustomerID != nil {
				put(store.Marked{Kind: string(KindCustomer), SubjectID: *v.CustomerID})
			}
		}
	}
	if len(c.buyers) > 0 {
		of := tx.Ent().Conversion.Query().Where(conversion.ProgramID(programID), conversion.CustomerIDIn(c.buyers...))
		if _, only := s.providers[string(row.Provider)].(Following); only {
			of.Where(conversion.Source(sourceOf(row)), conversion.OrderScope(row.OrderScope))
		}
		buyers, err := of.Order(ent.Asc(conversion.FieldCustomerID)).Unique(true).Select(conversion.FieldCustomerID).Strings(ctx)
		if err != nil {
			return nil, err
		}
		for _, id := range buyers {
			put(store.Marked{Kind: string(KindCustomer), SubjectID: id})
		}
	}
	if len(c.people) > 0 {
		people, err := tx.Ent().Enrollment.Query().Where(enrollment.ProgramID(programID), enrollment.AffiliateIDIn(c.people...)).
			Select(enrollment.FieldAffiliateID).Order(ent.Asc(enrollment.FieldAffiliateID)).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range people {
			put(store.Marked{Kind: string(KindAffiliate), SubjectID: e.AffiliateID})
		}
	}
	return items, nil
}
