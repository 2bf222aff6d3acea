package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Payout is money sent to one affiliate in a batch.
type Payout struct{ ent.Schema }

// Mixin of Payout.
func (Payout) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of Payout.
func (Payout) Fields() []ent.Field {
	return []ent.Field{
		ref("batch_id", "The batch."),
		ref("affiliate_id", "Who is paid."),
		field.String("method_id").Optional().Nillable().Immutable().Annotations(textC()).Comment("How."),
		currency(),
		minorImmutable("amount", "How much; frozen when the batch was made."),
		field.Enum("status").Values("RESERVED", "APPROVED", "SETTLED", "FAILED", "CANCELLED", "RETURNED").Default("RESERVED").Comment("Where the money is."),
		field.String("reference").Default("").MaxLen(200).Comment("The bank's or rail's reference."),
		field.String("reason").Default("").MaxLen(500).Annotations(personal()).Comment("Why it failed, was cancelled or came back."),
		field.Time("settled_at").Optional().Nillable().Comment("When it was settled or failed."),
		field.String("returned_on").Optional().Nillable().MaxLen(10).Annotations(textC()).Comment("The day on which the bank sent it back, YYYY-MM-DD; none when it did not."),
	}
}

// Edges of Payout.
func (Payout) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("batch", PayoutBatch.Type).Ref("payouts").Unique().Field("batch_id").Required().Immutable().Comment("The batch."),
		edge.To("affiliate", Affiliate.Type).Unique().Field("affiliate_id").Required().Immutable().Comment("Who is paid."),
		edge.To("method", PayoutMethod.Type).Unique().Field("method_id").Immutable().Comment("How."),
	}
}

// Indexes of Payout.
func (Payout) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "batch_id", "affiliate_id").Unique(),
		index.Fields("merchant_id", "affiliate_id", "created_at", "id"),
		index.Fields("merchant_id", "method_id"),
	}
}

// Annotations of Payout.
func (Payout) Annotations() []schema.Annotation { return listed() }
