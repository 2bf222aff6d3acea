package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// AuditRecord says who did what to which row and what changed, without personal values.
type AuditRecord struct{ ent.Schema }

// Mixin of AuditRecord.
func (AuditRecord) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of AuditRecord.
func (AuditRecord) Fields() []ent.Field {
	return []ent.Field{
		field.String("actor_id").Immutable().Annotations(textC()).Comment("The principal: user, token or the system."),
		field.String("actor_kind").Immutable().MaxLen(20).Comment("User, token, publishable key or system."),
		field.String("action").Immutable().MaxLen(80).Comment("The command."),
		field.String("subject_id").Default("").Immutable().Annotations(textC()).Comment("What it was done to."),
		field.String("request_id").Default("").MaxLen(64).Immutable().Comment("The request it came with."),
		field.Enum("outcome").Values("DONE", "DENIED").Immutable().Comment("Whether it was done."),
		stringMap("changes", "Changed fields, before and after; secrets and personal values masked."),
	}
}

// Indexes of AuditRecord.
func (AuditRecord) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "subject_id"),
		index.Fields("merchant_id", "actor_id"),
	}
}

// Annotations of AuditRecord.
func (AuditRecord) Annotations() []schema.Annotation { return listed() }
