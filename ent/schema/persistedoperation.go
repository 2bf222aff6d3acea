package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// PersistedOperation is a GraphQL document that a merchant has registered: a
// page's key may run these and nothing else.
type PersistedOperation struct{ ent.Schema }

// Mixin of PersistedOperation.
func (PersistedOperation) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of PersistedOperation.
func (PersistedOperation) Fields() []ent.Field {
	return []ent.Field{
		field.String("hash").Immutable().MaxLen(64).Annotations(textC()).Comment("SHA-256 of the document in lower-case hexadecimal."),
		field.String("name").Immutable().MaxLen(120).Comment("The operation's name."),
		field.Text("document").Immutable().Comment("The GraphQL document."),
		field.Time("retired_at").Optional().Nillable().Comment("When it stopped being allowed."),
	}
}

// Indexes of PersistedOperation.
func (PersistedOperation) Indexes() []ent.Index {
	return []ent.Index{index.Fields("merchant_id", "hash").Unique()}
}

// Annotations of PersistedOperation.
func (PersistedOperation) Annotations() []schema.Annotation { return listed() }
