package connect

import (
	"cmp"
	"context"
	"slices"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/orderalias"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track"
)

// A shop may speak of one order under several ids: an invoice, the payment of it and
// the session that led to it. Whoever knows that two are of one order says so, and
// from then on messages under either find it. Which of them came first changes nothing:
// what cannot be placed yet waits.

// mostNames is how many other ids of an order are looked at.
const mostNames = 20

// with takes over what a body says of its own delivery.
func (e Envelope) with(m Message) Envelope {
	e.Topic, e.EventID = cmp.Or(m.Topic, e.Topic), cmp.Or(m.EventID, e.EventID)
	e.DeliveryID = cmp.Or(e.DeliveryID, e.EventID)
	return e
}

// test reports whether a message is about what was only tried out.
func (m Message) test() bool { return m.Test || m.Order != nil && m.Order.Test }

// onlyNames reports whether a message says nothing but that ids are of one order.
func (m Message) onlyNames() bool {
	return m.Order == nil && len(m.OtherIDs) > 0 && len(m.Refunds)+len(m.Chargebacks) == 0 && m.CancelledAt.IsZero()
}

// meant finds the order that a message is about, under any of its ids, the one that it
// goes by before others; nil when it is not known here.
func (s *Service) meant(ctx context.Context, row *ent.Integration, msg Message) (*ent.Conversion, error) {
	sale, err := s.sale(ctx, row, msg.OrderID)
	if err != nil || sale != nil || !msg.Named {
		return sale, err
	}
	ids := append([]string{msg.OrderID}, msg.OtherIDs...)
	known, err := aliasesOf(s.store.Client(), row).Where(orderalias.AliasIn(ids...)).All(ctx)
	for _, one := range known {
		ids = append(ids, one.OrderExternalID)
	}
	if err != nil || len(ids) == 1 {
		return nil, err
	}
	sale, err = s.sales(row).Where(conversion.ExternalIDIn(ids...)).Order(ent.Asc(conversion.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return sale, err
}

func aliasesOf(c *ent.Client, row *ent.Integration) *ent.OrderAliasQuery {
	return c.OrderAlias.Query().Where(orderalias.ProgramID(row.ProgramID), orderalias.OrderScope(row.OrderScope))
}

// followNamed does what a message asks for whose order may go by another id, and says
// under which ids others may wait for it.
func (s *Service) followNamed(ctx context.Context, row *ent.Integration, msg Message, sale *ent.Conversion) (verdict, error) {
	msg, err := s.namesOf(ctx, row, msg, sale)
	if err != nil {
		return verdict{}, err
	}
	v, err := s.followHere(ctx, row, msg, sale)
	if err != nil {
		return v, err
	}
	v.names, err = s.called(ctx, row, msg)
	return v, err
}

// namesOf keeps the other ids that a message knows, and gives it back under the id
// that its order goes by.
func (s *Service) namesOf(ctx context.Context, row *ent.Integration, msg Message, sale *ent.Conversion) (Message, error) {
	if len(msg.OtherIDs) > 0 {
		if err := s.keepNames(ctx, row, msg); err != nil {
			return msg, err
		}
	}
	if sale == nil || sale.ExternalID == msg.OrderID {
		return msg, nil
	}
	msg.OrderID = sale.ExternalID
	if msg.Order != nil {
		under := *msg.Order
		under.Teller.Key, under.ExternalID = under.ExternalID, sale.ExternalID
		msg.Order = &under
	}
	return msg, nil
}

// keepNames writes ids down. An id that is known to be of another order stays with it.
func (s *Service) keepNames(ctx context.Context, row *ent.Integration, msg Message) error {
	_, err := store.Run(ctx, s.store, receiving, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, track.AliasIn(ctx, tx, track.Aliases{ProgramID: row.ProgramID, SourceScope: row.OrderScope, OrderExternalID: msg.OrderID, Others: msg.OtherIDs})
	})
	return err
}

// called lists every id under which messages may wait for the order of this one: its
// own, those that it tells, and those that are of the same order.
func (s *Service) called(ctx context.Context, row *ent.Integration, msg Message) ([]string, error) {
	ids := append([]string{msg.OrderID}, msg.OtherIDs...)
	known, err := aliasesOf(s.store.Client(), row).Where(orderalias.Or(orderalias.AliasIn(ids...), orderalias.OrderExternalIDIn(ids...))).Limit(mostNames).All(ctx)
	for _, one := range known {
		ids = append(ids, one.Alias, one.OrderExternalID)
	}
	slices.Sort(ids)
	return slices.Compact(ids), err
}
