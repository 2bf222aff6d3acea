package track

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/predicate"
	"github.com/tributary/tributary/ent/provenance"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
)

// matchWithin is how far apart two sources may date an order that they have nothing but
// the number in common of: shops begin their numbers anew (Q48).
const matchWithin = 30 * 24 * time.Hour

// ofScope matches the orders among which a message's is looked for.
func (m message) ofScope() predicate.Conversion {
	return conversion.And(conversion.ProgramID(m.ProgramID), conversion.OrderScope(m.SourceScope))
}

// find gives the order that a message means, and how that is known; nil when it is not
// here. Its own id counts before the same id written otherwise, and both before the
// number, which is believed only when nothing speaks against it.
func (m message) find(ctx context.Context, tx *store.Tx) (*ent.Conversion, provenance.MatchedBy, error) {
	idKey, numberKey := m.Keys()
	rows, err := tx.Ent().Conversion.Query().Where(m.ofScope(),
		conversion.Or(conversion.ExternalID(m.ExternalID), conversion.IDKey(idKey), conversion.NumberKey(numberKey))).All(ctx)
	if err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		if row.ExternalID == m.ExternalID {
			return row, m.byID(), nil
		}
	}
	for _, row := range rows {
		if text(row.IDKey) == idKey {
			return row, m.byID(), nil
		}
	}
	for _, row := range rows {
		if text(row.NumberKey) != numberKey {
			continue
		}
		if is, err := m.meansNumbered(ctx, tx, row, idKey); is || err != nil {
			return row, provenance.MatchedByORDER_NUMBER, err
		}
	}
	return nil, "", nil
}

// byID is how an order is known by its id: a payment's id may have led to it.
func (m message) byID() provenance.MatchedBy {
	if m.Teller.Key != "" {
		return provenance.MatchedByTRANSACTION
	}
	return provenance.MatchedByEXTERNAL_ID
}

// meansNumbered reports whether a message is about an order that has its number. It is
// not when the two are of other kinds or currencies, or far apart in time, and not when
// its own source has told that order under another id: a source's ids tell its orders
// apart.
func (m message) meansNumbered(ctx context.Context, tx *store.Tx, row *ent.Conversion, idKey string) (bool, error) {
	apart := m.OccurredAt.Sub(row.OccurredAt).Abs()
	if string(row.Kind) != string(m.Kind) || row.Currency != m.Currency || apart > matchWithin {
		return false, nil
	}
	if m.first(row) && order.Bare(row.ExternalID) != idKey {
		return false, nil
	}
	told, err := tx.Ent().Provenance.Query().Where(provenance.ConversionID(row.ID), m.ofTeller()).All(ctx)
	for _, p := range told {
		if order.Bare(p.Key) != idKey {
			return false, err
		}
	}
	return err == nil, err
}

// keyed gives the order the keys that a message knows better: its number, and the id of
// a shop, or of whoever tells a number, in place of what was a number all along. A key
// that another order has stays with that.
func (m message) keyed(ctx context.Context, tx *store.Tx, row *ent.Conversion, set *ent.ConversionUpdate) error {
	if m.Number == "" {
		return nil
	}
	idKey, numberKey := m.Keys()
	unproven := text(row.IDKey) == text(row.NumberKey)
	if idKey != text(row.IDKey) && (unproven || m.Teller.Kind == order.TellerShop) {
		free, err := m.free(ctx, tx, row, conversion.IDKey(idKey))
		if err != nil {
			return err
		}
		if free {
			set.SetIDKey(idKey)
		}
	}
	if numberKey != text(row.NumberKey) && unproven {
		free, err := m.free(ctx, tx, row, conversion.NumberKey(numberKey))
		if err != nil {
			return err
		}
		if free {
			set.SetNumberKey(numberKey)
		}
	}
	return nil
}

func (m message) free(ctx context.Context, tx *store.Tx, row *ent.Conversion, key predicate.Conversion) (bool, error) {
	taken, err := tx.Ent().Conversion.Query().Where(m.ofScope(), key, conversion.IDNEQ(row.ID)).Exist(ctx)
	return !taken, err
}

// Meant gives the ids of the orders of a scope that go by an id, at most two, of which
// each is another program's: by the id itself, or else the same id written otherwise, the
// number, or an id under which a source has told it. No programID is any program.
func Meant(ctx context.Context, c *ent.Client, programID, scope, externalID string) ([]string, error) {
	of := []predicate.Conversion{conversion.OrderScope(scope)}
	if programID != "" {
		of = append(of, conversion.ProgramID(programID))
	}
	bare := order.Bare(externalID)
	for _, key := range []predicate.Conversion{
		conversion.ExternalID(externalID), conversion.IDKey(bare), conversion.NumberKey(bare), conversion.HasProvenancesWith(provenance.Key(externalID)),
	} {
		ids, err := c.Conversion.Query().Where(of...).Where(key).Limit(2).IDs(ctx)
		if err != nil || len(ids) > 0 {
			return ids, err
		}
	}
	return nil, nil
}
