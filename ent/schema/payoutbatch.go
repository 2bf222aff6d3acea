package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// PayoutBatch is a set of payouts made, approved and settled together.
type PayoutBatch struct{ ent.Schema }

// Mixin of PayoutBatch.
func (PayoutBatch) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of PayoutBatch.
func (PayoutBatch) Fields() []ent.Field {
	return []ent.Field{
		field.String("batch_key").NotEmpty().MaxLen(100).Immutable().Annotations(textC()).Comment("Names the run; the same key is the same batch (Q66)."),
		field.Enum("rail").Values("MANUAL", "CSV").Immutable().Comment("Way to send money."),
		field.Enum("status").Values("RESERVED", "APPROVED", "SETTLED", "CANCELLED", "FAILED").Default("RESERVED").Comment("Where the batch stands: SETTLED when some of it arrived, FAILED when nothing did."),
		currency(),
		minorImmutable("total", "Sum of its payouts."),
		field.Int("count").Immutable().Comment("How many payouts."),
		field.String("approved_by").Default("").Annotations(textC()).Comment("The principal that approved it."),
		field.Time("approved_at").Optional().Nillable().Comment("When it was approved."),
		field.Time("settled_at").Optional().Nillable().Comment("When its last payout was settled or failed."),
	}
}

// Edges of PayoutBatch.
func (PayoutBatch) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("payouts", Payout.Type).Annotations(entgql.RelayConnection()).Comment("Its payouts."),
	}
}

// Indexes of PayoutBatch.
func (PayoutBatch) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "batch_key").Unique(),
	}
}

// Annotations of PayoutBatch.
func (PayoutBatch) Annotations() []schema.Annotation { return listed() }
