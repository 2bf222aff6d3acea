package schema

import (
	"time"

	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"

	"github.com/tributary/tributary/internal/money"
)

// Owned is every row that belongs to one merchant: a text id, the merchant it
// belongs to and the instant the command that made it ran. Both are set by the
// wall, never by a caller.
type Owned struct{ mixin.Schema }

// Fields of an owned row.
func (Owned) Fields() []ent.Field {
	return []ent.Field{
		idField(),
		field.String("merchant_id").Immutable().Annotations(entgql.Skip(), textC()).
			Comment("The merchant that owns the row."),
		field.Time("created_at").Immutable().Default(epoch).Annotations(entgql.OrderField("CREATED_AT")).
			Comment("When the row was made, by the server's clock."),
	}
}

// Indexes that composite foreign keys and list orders need.
func (Owned) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "id").Unique(),
		index.Fields("merchant_id", "created_at", "id"),
	}
}

// Internal is an owned row that no list shows: no order, no list index.
type Internal struct{ mixin.Schema }

// Fields of an internal row.
func (Internal) Fields() []ent.Field {
	return []ent.Field{
		idField(),
		field.String("merchant_id").Immutable().Annotations(entgql.Skip(), textC()).
			Comment("The merchant that owns the row."),
		field.Time("created_at").Immutable().Default(epoch).
			Comment("When the row was made, by the server's clock."),
	}
}

// Indexes that composite foreign keys need.
func (Internal) Indexes() []ent.Index {
	return []ent.Index{index.Fields("merchant_id", "id").Unique()}
}

// Global is a row outside any merchant. The list of such entities is short and
// commented in internal/store/wall.go.
type Global struct{ mixin.Schema }

// Fields of a global row.
func (Global) Fields() []ent.Field {
	return []ent.Field{
		idField(),
		field.Time("created_at").Immutable().Default(epoch).
			Comment("When the row was made, by the server's clock."),
	}
}

// Edited is a row that people edit: it counts its edits, so that an edit based
// on an older state is refused as a conflict.
type Edited struct{ mixin.Schema }

// Fields of an edited row.
func (Edited) Fields() []ent.Field {
	return []ent.Field{
		field.Time("updated_at").Default(epoch).
			Comment("When the row last changed, by the server's clock."),
		field.Int("version").Default(1).
			Comment("Counts the edits; send it back as expectedVersion."),
	}
}

// epoch is the placeholder the wall replaces with the command's instant, so
// that no row is ever stamped by a clock of its own.
func epoch() time.Time { return time.Unix(0, 0).UTC() }

func idField() ent.Field {
	return field.String("id").Immutable().NotEmpty().MaxLen(40).Annotations(textC()).
		Comment("Prefixed, time-ordered identifier.")
}

// textC makes a column compare byte by byte on PostgreSQL, as SQLite does.
func textC() schema.Annotation {
	return entsql.Annotation{Collation: "C"}
}

// ref is a required, immutable reference to another row of the same merchant.
func ref(name, comment string) ent.Field {
	return field.String(name).Immutable().Annotations(textC()).Comment(comment)
}

// refOptional is a reference that may be absent.
func refOptional(name, comment string) ent.Field {
	return field.String(name).Optional().Nillable().Annotations(textC()).Comment(comment)
}

// minor is an amount in minor units of the row's currency. The API shows it as
// Money under the name without _minor.
func minor(name, comment string) ent.Field {
	return field.Int64(name + "_minor").Annotations(entgql.Skip()).Comment(comment)
}

// minorImmutable is an amount that is written once.
func minorImmutable(name, comment string) ent.Field {
	return field.Int64(name + "_minor").Immutable().Annotations(entgql.Skip()).Comment(comment)
}

// minorFromZero is an amount that starts at nothing and grows.
func minorFromZero(name, comment string) ent.Field {
	return field.Int64(name + "_minor").Default(0).Annotations(entgql.Skip()).Comment(comment)
}

func currency() ent.Field {
	return field.String("currency").GoType(money.Currency("")).Immutable().MaxLen(3).
		Annotations(entgql.Type("CurrencyCode")).Comment("ISO 4217 code of every amount in the row.")
}

// payoutCurrency is a currency that somebody may ask to be paid in.
func payoutCurrency(comment string) ent.Field {
	return field.String("payout_currency").GoType(money.Currency("")).Optional().Nillable().MaxLen(3).
		Annotations(entgql.Type("CurrencyCode")).Comment(comment)
}

// frozenText is written once, by the command that converts the row's amount.
func frozenText(name, comment string) ent.Field {
	return field.String(name).Default("").MaxLen(40).Annotations(entgql.Skip(), textC()).Comment(comment)
}

// hidden is opaque bytes that never leave by the API.
func hidden(name, comment string) ent.Field {
	return field.Bytes(name).Optional().Annotations(entgql.Skip()).Comment(comment)
}

func stringMap(name, comment string) ent.Field {
	return field.JSON(name, map[string]string{}).Optional().
		Annotations(entgql.Type("StringMap"), personal()).Comment(comment)
}

// packed are custom fields, each with its type; the API shows them as CustomField.
func packed(name, comment string) ent.Field {
	return field.JSON(name, map[string]string{}).Optional().Annotations(entgql.Skip(), personal()).Comment(comment)
}

func unlisted() []schema.Annotation { return []schema.Annotation{entgql.Skip(entgql.SkipAll)} }

func listed() []schema.Annotation {
	return []schema.Annotation{entgql.RelayConnection()}
}

func plain() []schema.Annotation { return nil }
