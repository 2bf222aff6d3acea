package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// IdempotencyRecord remembers what a command with a key did, so that a repeat gets the same answer and no second effect.
type IdempotencyRecord struct{ ent.Schema }

// Mixin of IdempotencyRecord.
func (IdempotencyRecord) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of IdempotencyRecord.
func (IdempotencyRecord) Fields() []ent.Field {
	return []ent.Field{
		field.String("principal_id").Immutable().Annotations(textC()).Comment("Who sent the key."),
		field.String("command").Immutable().MaxLen(80).Annotations(textC()).Comment("The mutation field."),
		field.String("key").Immutable().MaxLen(200).Annotations(textC()).Comment("The client's key."),
		field.Bytes("fingerprint").Immutable().Comment("SHA-256 of the canonical input without the key."),
		field.Bytes("outcome").Comment("Ids and typed facts of what was done."),
		field.Bytes("selection_hash").Optional().Comment("Hash of the selection the reply answers."),
		field.Bytes("reply").Optional().Comment("The bytes of the root field, at most 64 KiB."),
		field.Time("expires_at").Immutable().Comment("When the key may be forgotten."),
	}
}

// Indexes of IdempotencyRecord.
func (IdempotencyRecord) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "principal_id", "command", "key").Unique(),
		index.Fields("expires_at"),
	}
}

// Annotations of IdempotencyRecord.
func (IdempotencyRecord) Annotations() []schema.Annotation { return unlisted() }
