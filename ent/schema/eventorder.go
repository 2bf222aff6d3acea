package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// EventOrder gives an event its place in the one order everybody reads.
type EventOrder struct{ ent.Schema }

// Mixin of EventOrder.
func (EventOrder) Mixin() []ent.Mixin {
	return []ent.Mixin{}
}

// Fields of EventOrder.
func (EventOrder) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").StorageKey("seq").Immutable().Comment("Place in the order, from 1, without gaps."),
		field.String("merchant_id").Immutable().Annotations(textC()).Comment("The merchant that owns the event."),
		field.String("event_id").Immutable().Unique().Annotations(textC()).Comment("The event."),
	}
}

// Indexes of EventOrder.
func (EventOrder) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "id"),
	}
}

// Annotations of EventOrder.
func (EventOrder) Annotations() []schema.Annotation { return unlisted() }
