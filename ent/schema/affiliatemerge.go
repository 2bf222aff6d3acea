package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// AffiliateMerge says that one affiliate is another from an instant on.
type AffiliateMerge struct{ ent.Schema }

// Mixin of AffiliateMerge.
func (AffiliateMerge) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of AffiliateMerge.
func (AffiliateMerge) Fields() []ent.Field {
	return []ent.Field{
		ref("from_id", "Who was merged; once."),
		ref("into_id", "Into whom."),
		field.String("survivor_id").Annotations(textC()).Comment("Who that is now: who it was merged into may have been merged since."),
		field.String("reason").MaxLen(500).Immutable().Annotations(personal()).Comment("Why, in words."),
	}
}

// Edges of AffiliateMerge.
func (AffiliateMerge) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("from", Affiliate.Type).Ref("merges").Unique().Field("from_id").Required().Immutable().Comment("Who was merged."),
		edge.To("into", Affiliate.Type).Unique().Field("into_id").Required().Immutable().Comment("Into whom."),
		edge.To("survivor", Affiliate.Type).Unique().Field("survivor_id").Required().Comment("Who that is now."),
	}
}

// Indexes of AffiliateMerge.
func (AffiliateMerge) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "from_id").Unique(),
		index.Fields("merchant_id", "into_id"),
		index.Fields("merchant_id", "survivor_id"),
	}
}

// Annotations of AffiliateMerge.
func (AffiliateMerge) Annotations() []schema.Annotation { return unlisted() }
