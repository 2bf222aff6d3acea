package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// DisputeComment is what one side of a dispute said. Append-only.
type DisputeComment struct{ ent.Schema }

// Mixin of DisputeComment.
func (DisputeComment) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of DisputeComment.
func (DisputeComment) Fields() []ent.Field {
	return []ent.Field{
		ref("dispute_id", "The dispute."),
		ref("affiliate_id", "Whose dispute it is."),
		field.Enum("side").Values("AFFILIATE", "MERCHANT").Immutable().Comment("Which side said it."),
		field.String("text").NotEmpty().MaxLen(4000).Immutable().Annotations(personal()).Comment("What was said."),
	}
}

// Edges of DisputeComment.
func (DisputeComment) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("dispute", Dispute.Type).Ref("comments").Unique().Field("dispute_id").Required().Immutable().Comment("The dispute."),
		edge.To("affiliate", Affiliate.Type).Unique().Field("affiliate_id").Required().Immutable().Comment("Whose dispute it is."),
	}
}

// Indexes of DisputeComment.
func (DisputeComment) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "dispute_id", "created_at", "id"),
		index.Fields("merchant_id", "affiliate_id"),
	}
}

// Annotations of DisputeComment.
func (DisputeComment) Annotations() []schema.Annotation { return listed() }
