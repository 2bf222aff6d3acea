package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
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
		field.Enum("kind").Values("ACCRUAL", "APPROVAL", "ADJUSTMENT", "REVERSAL", "REJECTION", "RESERVATION", "RELEASE", "PAYOUT", "EXCHANGE", "RETURN", "MERGE").Immutable().Comment("What happened."),
		field.String("source_key").NotEmpty().MaxLen(200).Immutable().Annotations(textC()).Comment("Names the cause; one cause posts once."),
		field.String("subject_id").Immutable().Annotations(textC()).Comment("The commission or payout it is about."),
		field.String("memo").Default("").MaxLen(500).Immutable().Comment("Why, in words."),
		field.String("cause_id").Optional().Immutable().Annotations(textC()).Comment("What made it happen: a conversion, a refund or a payout batch; empty when a person did."),
		field.String("reverses_id").Optional().Immutable().Annotations(textC()).Comment("The transaction that it takes back, in whole or in part; empty when it takes back none."),
		field.Time("event_at").Optional().Nillable().Immutable().Comment("When its cause happened; none when it is the command that posted it."),
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
		index.Fields("merchant_id", "cause_id").Annotations(entsql.IndexWhere("cause_id IS NOT NULL")),
		index.Fields("merchant_id", "reverses_id").Annotations(entsql.IndexWhere("reverses_id IS NOT NULL")),
	}
}

// Annotations of LedgerTransaction.
func (LedgerTransaction) Annotations() []schema.Annotation { return listed() }
