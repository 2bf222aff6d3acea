package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// Follower is how far a reader of the journal has come.
type Follower struct{ ent.Schema }

// Mixin of Follower.
func (Follower) Mixin() []ent.Mixin {
	return []ent.Mixin{}
}

// Fields of Follower.
func (Follower) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").Immutable().NotEmpty().MaxLen(60).Annotations(textC()).Comment("The follower's name."),
		field.Int64("seq").Default(0).Comment("Last event whose effect is committed."),
		field.String("state").Default("").Comment("The follower's own small state."),
		field.Time("moved_at").Default(epoch).Comment("When it last moved."),
	}
}

// Annotations of Follower.
func (Follower) Annotations() []schema.Annotation { return unlisted() }
