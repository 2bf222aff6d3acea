package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// LedgerLock closes a merchant's book up to an instant. Append-only.
type LedgerLock struct{ ent.Schema }

// Mixin of LedgerLock.
func (LedgerLock) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of LedgerLock.
func (LedgerLock) Fields() []ent.Field {
	return []ent.Field{
		field.Time("until").Immutable().Annotations(entgql.OrderField("UNTIL")).Comment("Everything before this instant is locked."),
		field.String("reason").MaxLen(500).Immutable().Annotations(personal()).Comment("Why, in words."),
	}
}

// Indexes of LedgerLock.
func (LedgerLock) Indexes() []ent.Index {
	return []ent.Index{index.Fields("merchant_id", "until").Unique()}
}

// Annotations of LedgerLock.
func (LedgerLock) Annotations() []schema.Annotation { return listed() }
