package track

import (
	"cmp"
	"context"

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

// first reports whether this source is the one that told a conversion first.
func (m message) first(row *ent.Conversion) bool {
	return row.ToldKind == string(m.Teller.Kind) && row.ToldBy == m.Teller.ID && row.Source == m.Source
}

// ToldBy gives the ways in which a conversion was told, at most 20: the one that made it,
// and then the first first. The telling that made it stands with the conversion; told so
// again, it has a row that counts the others.
func ToldBy(ctx context.Context, c *ent.Client, conversionID string) ([]*ent.Provenance, error) {
	row, err := c.Conversion.Get(ctx, conversionID)
	if err != nil {
		return nil, err
	}
	rows, err := c.Provenance.Query().Where(provenance.ConversionID(row.ID)).
		Order(ent.Asc(provenance.FieldCreatedAt, provenance.FieldID)).Limit(maxTellings).All(ctx)
	if err != nil || row.ToldKind == "" {
		return rows, err
	}
	first := &ent.Provenance{
		Kind: provenance.Kind(row.ToldKind), Teller: row.ToldBy, Source: row.Source, Key: row.ExternalID, MatchedBy: provenance.MatchedByFIRST,
		CreatedAt: row.CreatedAt, LastTold: row.CreatedAt, Times: 1, Given: row.ToldGiven,
	}
	told := []*ent.Provenance{first}
	for _, p := range rows {
		if p.Kind == first.Kind && p.Teller == first.Teller && p.Source == first.Source && p.Key == first.Key {
			first.Times, first.LastTold, first.Given = first.Times+p.Times, p.LastTold, first.Given|p.Given
		} else {
			told = append(told, p)
		}
	}
	return told[:min(len(told), maxTellings)], nil
}
