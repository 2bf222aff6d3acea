package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// LedgerAccount is one account of a merchant's book in one currency.
type LedgerAccount struct{ ent.Schema }

// Mixin of LedgerAccount.
func (LedgerAccount) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of LedgerAccount.
func (LedgerAccount) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("kind").Values("EXPENSE", "PENDING", "PAYABLE", "RESERVED", "CLEARING", "EXCHANGE").Immutable().Comment("What the account stands for."),
		field.String("affiliate_id").Optional().Nillable().Immutable().Annotations(textC()).Comment("Whose account; none for the merchant's own."),
		field.String("owner_key").Default("").Immutable().Annotations(entgql.Skip(), textC()).Comment("The affiliate's id, or empty."),
		currency(),
		field.Bool("guarded").Immutable().Annotations(entgql.Skip()).Comment("Whether the balance is kept on the row, under its lock."),
		minorFromZero("balance", "Running balance of a guarded account; credits are positive."),
	}
}

// Edges of LedgerAccount.
func (LedgerAccount) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("affiliate", Affiliate.Type).Unique().Field("affiliate_id").Immutable().Comment("Whose account."),
	}
}

// Indexes of LedgerAccount.
func (LedgerAccount) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "kind", "owner_key", "currency").Unique(),
		index.Fields("merchant_id", "affiliate_id"),
	}
}

// Annotations of LedgerAccount.
func (LedgerAccount) Annotations() []schema.Annotation { return listed() }
