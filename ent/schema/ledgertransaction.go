package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// LedgerTransaction is one balanced set of entries. Append-only.
type LedgerTransaction struct{ ent.Schema }

// Mixin of LedgerTransaction.
func (LedgerTransaction) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of LedgerTransaction.
func (LedgerTransaction) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("kind").Values("ACCRUAL", "APPROVAL", "ADJUSTMENT", "REVERSAL", "REJECTION", "RESERVATION", "RELEASE", "PAYOUT").Immutable().Comment("What happened."),
		field.String("source_key").NotEmpty().MaxLen(200).Immutable().Annotations(textC()).Comment("Names the cause; one cause posts once."),
		field.String("subject_id").Immutable().Annotations(textC()).Comment("The commission or payout it is about."),
		field.String("memo").Default("").MaxLen(500).Immutable().Comment("Why, in words."),
	}
}

// Edges of LedgerTransaction.
func (LedgerTransaction) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("entries", LedgerEntry.Type).Comment("Its sides; they sum to zero."),
	}
}

// Indexes of LedgerTransaction.
func (LedgerTransaction) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "source_key").Unique(),
		index.Fields("merchant_id", "subject_id"),
	}
}

// Annotations of LedgerTransaction.
func (LedgerTransaction) Annotations() []schema.Annotation { return listed() }
