package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// Event is something that happened, for followers and feeds to read. Append-only; its place in the order is an EventOrder row.
type Event struct{ ent.Schema }

// Mixin of Event.
func (Event) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of Event.
func (Event) Fields() []ent.Field {
	return []ent.Field{
		field.String("type").NotEmpty().MaxLen(60).Immutable().Comment("What happened."),
		field.Int("type_version").Immutable().Comment("Version of the type's facts."),
		field.String("subject_id").Immutable().Annotations(textC()).Comment("What it happened to."),
		field.String("program_id").Optional().Nillable().Immutable().Annotations(textC()).Comment("Which program, if one."),
		field.String("affiliate_id").Optional().Nillable().Immutable().Annotations(textC()).Comment("Which affiliate may see it, if one."),
		field.Bytes("facts").Immutable().Comment("Canonical bytes of ids, hashes and amounts."),
	}
}

// Annotations of Event.
func (Event) Annotations() []schema.Annotation { return unlisted() }
