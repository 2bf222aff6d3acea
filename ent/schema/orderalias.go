package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// OrderAlias is another id under which a shop speaks of an order.
type OrderAlias struct{ ent.Schema }

// Mixin of OrderAlias.
func (OrderAlias) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of OrderAlias.
func (OrderAlias) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program of the order."),
		field.String("order_scope").Default("").MaxLen(64).Immutable().Annotations(textC()).Comment("The scope of the order's id (Q48)."),
		field.String("alias").NotEmpty().MaxLen(128).Immutable().Annotations(textC()).Comment("The other id."),
		field.String("order_external_id").NotEmpty().MaxLen(128).Immutable().Annotations(textC()).Comment("The order's id; the order need not be known yet."),
	}
}

// Edges of OrderAlias.
func (OrderAlias) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Annotations(entgql.Skip()).Comment("The program of the order."),
	}
}

// Indexes of OrderAlias.
func (OrderAlias) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "program_id", "order_scope", "alias").Unique(),
		index.Fields("merchant_id", "program_id", "order_scope", "order_external_id"),
	}
}

// Annotations of OrderAlias.
func (OrderAlias) Annotations() []schema.Annotation {
	return append(unlisted(), entsql.Table("order_aliases"))
}
