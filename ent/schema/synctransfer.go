package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// SyncTransfer is one time that a record was written, or refused.
type SyncTransfer struct{ ent.Schema }

// Mixin of SyncTransfer.
func (SyncTransfer) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of SyncTransfer.
func (SyncTransfer) Fields() []ent.Field {
	return []ent.Field{
		ref("item_id", "What was written."),
		field.Int64("changed").Immutable().Comment("The change up to which it was."),
		field.String("refused").Default("").MaxLen(200).Immutable().Comment("Why it was refused, as a code; empty when it was written."),
		field.Int64("lag_ms").Immutable().Comment("Milliseconds from the first change that was not written."),
	}
}

// Edges of SyncTransfer.
func (SyncTransfer) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("item", SyncItem.Type).Unique().Field("item_id").Required().Immutable().Annotations(entgql.Skip()).Comment("What was written."),
	}
}

// Indexes of SyncTransfer.
func (SyncTransfer) Indexes() []ent.Index {
	return []ent.Index{index.Fields("merchant_id", "item_id", "created_at")}
}

// Annotations of SyncTransfer.
func (SyncTransfer) Annotations() []schema.Annotation { return unlisted() }
