package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// LedgerCheckpoint is a balance of an account up to and including one entry, so that a balance need not be summed from the beginning.
type LedgerCheckpoint struct{ ent.Schema }

// Mixin of LedgerCheckpoint.
func (LedgerCheckpoint) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of LedgerCheckpoint.
func (LedgerCheckpoint) Fields() []ent.Field {
	return []ent.Field{
		ref("account_id", "The account."),
		field.Int64("through_seq").Immutable().Comment("Last millisecond of entry ids covered."),
		currency(),
		minorImmutable("balance", "Balance through that entry."),
		field.Int64("entries").Immutable().Comment("How many entries it covers."),
	}
}

// Indexes of LedgerCheckpoint.
func (LedgerCheckpoint) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "account_id", "id"),
	}
}

// Annotations of LedgerCheckpoint.
func (LedgerCheckpoint) Annotations() []schema.Annotation { return unlisted() }
