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

// SyncItem is one record as an integration knows it, and whether that is how it stands here. However often it changes, it is written as it stands.
type SyncItem struct{ ent.Schema }

// Mixin of SyncItem.
func (SyncItem) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of SyncItem.
func (SyncItem) Fields() []ent.Field {
	return []ent.Field{
		ref("integration_id", "Where it is written."),
		field.Enum("kind").Values("CUSTOMER", "AFFILIATE", "DEAL").Immutable().Comment("The kind of record."),
		ref("subject_id", "Which one."),
		field.Enum("status").Values("PENDING", "SENT", "FAILED", "DEAD", "DISMISSED").Default("PENDING").Comment("Whether it is written; a dead one is not tried again by itself, and one that is dismissed not with the others either."),
		field.Int64("changed").Default(1).Comment("Counts its changes."),
		field.Int64("sent").Default(0).Comment("The change up to which it is written."),
		field.Int("tries").Default(0).Comment("How often it was refused since it last changed."),
		field.Int("rank").Default(0).Comment("0 for what has just changed, 1 for what was there before."),
		field.Time("since").Optional().Nillable().Comment("When the first change was made that is not written."),
		field.Time("next_at").Optional().Nillable().Comment("When it is written next."),
		field.Time("link_at").Optional().Nillable().Comment("When a deal is linked to its customer; none when it is, or has none."),
		field.String("remote_id").Default("").MaxLen(64).Annotations(textC()).Comment("What it is known by there."),
		field.String("reason").Default("").MaxLen(200).Comment("Why it was refused, as a code."),
		field.String("dismissed").Default("").MaxLen(200).Comment("Why it was last dismissed, as a person says.").Annotations(entgql.Skip()),
		field.Time("sent_at").Optional().Nillable().Comment("When it was last written."),
	}
}

// Edges of SyncItem.
func (SyncItem) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("integration", Integration.Type).Unique().Field("integration_id").Required().Immutable().Annotations(entgql.Skip()).Comment("Where it is written."),
	}
}

// Indexes of SyncItem.
func (SyncItem) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "integration_id", "kind", "subject_id").Unique(),
		index.Fields("integration_id", "kind", "rank", "next_at", "id").Annotations(entsql.IndexWhere("next_at IS NOT NULL")),
		index.Fields("integration_id", "link_at", "id").Annotations(entsql.IndexWhere("link_at IS NOT NULL")),
		index.Fields("merchant_id", "integration_id", "status", "id"),
		index.Fields("merchant_id", "integration_id", "kind", "remote_id"),
	}
}

// Annotations of SyncItem.
func (SyncItem) Annotations() []schema.Annotation { return unlisted() }
