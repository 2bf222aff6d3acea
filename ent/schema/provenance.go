package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Provenance is one way in which a conversion was told after the first, which stands with
// the conversion itself: by whom, and under which id.
type Provenance struct{ ent.Schema }

// Mixin of Provenance.
func (Provenance) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of Provenance.
func (Provenance) Fields() []ent.Field {
	return []ent.Field{
		ref("conversion_id", "What was told."),
		field.Enum("kind").Values("SHOP", "IMPORT", "API", "SYSTEM").Immutable().Comment("What kind of source told it."),
		field.String("teller").Default("").MaxLen(64).Immutable().Annotations(textC()).Comment("The integration of a shop, or the token or person that called."),
		field.String("source").NotEmpty().MaxLen(32).Immutable().Annotations(textC()).Comment("The name it goes by."),
		field.String("key").NotEmpty().MaxLen(128).Immutable().Annotations(textC()).Comment("The source's own id of the order."),
		field.Enum("matched_by").Values("FIRST", "EXTERNAL_ID", "ORDER_NUMBER", "TRANSACTION").Immutable().Comment("How it was known that the source means this conversion."),
		field.Time("last_told").Comment("When it was told so last; first when the row was made."),
		field.Int("times").Default(1).Comment("How often it was told so."),
		field.Int64("given").Default(0).Comment("A bit for each part of an order that it ever gave."),
	}
}

// Edges of Provenance.
func (Provenance) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("conversion", Conversion.Type).Unique().Field("conversion_id").Required().Immutable().Annotations(entgql.Skip()).Comment("What was told."),
	}
}

// Indexes of Provenance.
func (Provenance) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "conversion_id", "kind", "teller", "source", "key").Unique(),
		index.Fields("merchant_id", "key"),
	}
}

// Annotations of Provenance.
func (Provenance) Annotations() []schema.Annotation { return unlisted() }
