package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Reconciliation compares the orders that changed at a shop in a time with those that are known here.
type Reconciliation struct{ ent.Schema }

// Mixin of Reconciliation.
func (Reconciliation) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of Reconciliation.
func (Reconciliation) Fields() []ent.Field {
	return []ent.Field{
		ref("integration_id", "The shop."),
		field.Time("since_at").Immutable().Comment("First instant of the time."),
		field.Time("until_at").Immutable().Comment("First instant after it."),
		field.Bool("scheduled").Default(true).Immutable().Comment("Nobody asked for it."),
		field.Enum("status").Values("RUNNING", "DONE").Default("RUNNING").Comment("Whether all pages have been read."),
		field.String("cursor").Default("").MaxLen(2000).Comment("Where the next page begins."),
		field.Time("next_at").Optional().Nillable().Comment("When it is gone on with; later while somebody is at it."),
		field.Int("seen").Default(0).Comment("Orders that the shop has named."),
		field.Int("missing").Default(0).Comment("Those that were not known here."),
		field.Int("differing").Default(0).Comment("Those of which less was known here."),
		field.Strings("missing_ids").Optional().Comment("The first of them."),
		field.Strings("differing_ids").Optional().Comment("The first of them."),
		field.String("problem").Default("").MaxLen(200).Comment("Why the last page could not be read; empty when it could."),
		field.Time("finished_at").Optional().Nillable().Comment("When the last page was read."),
	}
}

// Edges of Reconciliation.
func (Reconciliation) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("integration", Integration.Type).Unique().Field("integration_id").Required().Immutable().Annotations(entgql.Skip()).Comment("The shop."),
	}
}

// Indexes of Reconciliation.
func (Reconciliation) Indexes() []ent.Index {
	return []ent.Index{index.Fields("merchant_id", "integration_id", "id")}
}

// Annotations of Reconciliation.
func (Reconciliation) Annotations() []schema.Annotation { return unlisted() }
