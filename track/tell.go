package track

import (
	"cmp"
	"context"
	"slices"

	"entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/predicate"
	"github.com/tributary/tributary/ent/provenance"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
	"github.com/tributary/tributary/trust"
)

// maxTellings is how many ways of having been told are shown of one conversion.
const maxTellings = 20

// tellerOf completes who tells an order: whoever runs the command, when nobody is named.
func tellerOf(t order.Teller, v trust.Viewer) order.Teller {
	if t.Kind == "" {
		t.Kind = order.TellerAPI
		if v.Kind == trust.KindSystem {
			t.Kind = order.TellerSystem
		}
	}
	t.ID = cmp.Or(t.ID, v.PrincipalID)
	return t
}

// ofTeller matches what this source has told.
func (m message) ofTeller() predicate.Provenance {
	return provenance.And(provenance.KindEQ(provenance.Kind(m.Teller.Kind)), provenance.Teller(m.Teller.ID), provenance.Source(m.Source))
}

// told notes that a conversion was told, and by which key it was known. A telling that
// was told before is the same row, told once more.
func (m message) told(ctx context.Context, tx *store.Tx, conversionID string, by provenance.MatchedBy) error {
	return tx.Ent().Provenance.Create().SetConversionID(conversionID).
		SetKind(provenance.Kind(m.Teller.Kind)).SetTeller(m.Teller.ID).SetSource(m.Source).SetKey(cmp.Or(m.Teller.Key, m.ExternalID)).
		SetMatchedBy(by).SetLastTold(tx.Now()).SetGiven(m.Given()).
		OnConflict(
			sql.ConflictColumns(provenance.FieldMerchantID, provenance.FieldConversionID, provenance.FieldKind, provenance.FieldTeller, provenance.FieldSource, provenance.FieldKey),
			sql.ResolveWith(func(u *sql.UpdateSet) {
				u.Add(provenance.FieldTimes, 1)
				u.SetExcluded(provenance.FieldLastTold)
				u.Set(provenance.FieldGiven, joined(provenance.FieldGiven))
			}),
		).Exec(ctx)
}

// joined is the bits of a column that a row has, and those that it was to be given.
func joined(column string) sql.Querier {
	return sql.ExprFunc(func(b *sql.Builder) {
		b.Ident(provenance.Table).WriteByte('.').Ident(column).WriteString(" | ").WriteString("excluded.").Ident(column)
	})
}

// ToldBy gives the ways in which a conversion was told, at most 20: the one that made it,
// and then the first first. Of tellings that came at once the clock may put another
// before it.
func ToldBy(ctx context.Context, c *ent.Client, conversionID string) ([]*ent.Provenance, error) {
	told, err := c.Provenance.Query().Where(provenance.ConversionID(conversionID)).
		Order(ent.Asc(provenance.FieldCreatedAt, provenance.FieldID)).Limit(maxTellings).All(ctx)
	if at := slices.IndexFunc(told, func(p *ent.Provenance) bool { return p.MatchedBy == provenance.MatchedByFIRST }); at > 0 {
		told = slices.Insert(slices.Delete(slices.Clone(told), at, at+1), 0, told[at])
	}
	return told, err
}
