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

// SyncFeed is how the writing to one integration goes. One server at a time writes to it.
type SyncFeed struct{ ent.Schema }

// Mixin of SyncFeed.
func (SyncFeed) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of SyncFeed.
func (SyncFeed) Fields() []ent.Field {
	return []ent.Field{
		ref("integration_id", "What is written to."),
		field.Time("due_at").Optional().Nillable().Comment("When there is something to write; none while there is nothing."),
		field.Time("lease_until").Optional().Nillable().Comment("A server writes to it; until then the others leave it alone."),
		field.Int64("turn").Default(0).Comment("Counts who has taken it up: what an earlier one says is left out."),
		field.Time("paused_until").Optional().Nillable().Comment("It is not called before."),
		field.Int("failures").Default(0).Comment("Calls that have failed since one worked."),
		field.Int("prepared").Default(0).Comment("Which of the fields it needs have been made."),
		field.Time("worked_at").Optional().Nillable().Comment("When something was last written."),
		field.Time("failed_at").Optional().Nillable().Comment("When a call last failed."),
		field.String("problem").Default("").MaxLen(200).Comment("Why the last call failed; empty when it did not."),
	}
}

// Edges of SyncFeed.
func (SyncFeed) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("integration", Integration.Type).Unique().Field("integration_id").Required().Immutable().Annotations(entgql.Skip()).Comment("What is written to."),
	}
}

// Indexes of SyncFeed.
func (SyncFeed) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "integration_id").Unique(),
		index.Fields("due_at", "id").Annotations(entsql.IndexWhere("due_at IS NOT NULL")),
	}
}

// Annotations of SyncFeed.
func (SyncFeed) Annotations() []schema.Annotation { return unlisted() }
