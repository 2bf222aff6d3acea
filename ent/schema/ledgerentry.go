package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// LedgerEntry is one side of a ledger transaction. Append-only.
type LedgerEntry struct{ ent.Schema }

// Mixin of LedgerEntry.
func (LedgerEntry) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of LedgerEntry.
func (LedgerEntry) Fields() []ent.Field {
	return []ent.Field{
		ref("transaction_id", "The transaction."),
		ref("account_id", "The account."),
		currency(),
		minorImmutable("amount", "Credit positive, debit negative."),
		field.Time("effective_at").Optional().Nillable().Immutable().Comment("The instant whose period it counts in: its cause's, or its own when that period was locked; none when they are one."),
	}
}

// Edges of LedgerEntry.
func (LedgerEntry) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("transaction", LedgerTransaction.Type).Ref("entries").Unique().Field("transaction_id").Required().Immutable().Comment("The transaction."),
		edge.To("account", LedgerAccount.Type).Unique().Field("account_id").Required().Immutable().Comment("The account."),
	}
}

// Indexes of LedgerEntry.
func (LedgerEntry) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "transaction_id"),
		index.Fields("merchant_id", "account_id", "id"),
	}
}

// Annotations of LedgerEntry.
func (LedgerEntry) Annotations() []schema.Annotation { return listed() }
