package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// RateBucket is how far ahead of time one caller has spent its allowance. All
// servers of a house share it.
type RateBucket struct{ ent.Schema }

// Fields of RateBucket.
func (RateBucket) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").Immutable().NotEmpty().MaxLen(80).Annotations(textC()).Comment("Whose allowance of what: kind, colon, id or keyed hash."),
		field.Int64("arrival_us").Comment("Theoretical arrival time of the generic cell rate algorithm, microseconds since 1970."),
	}
}

// Annotations of RateBucket.
func (RateBucket) Annotations() []schema.Annotation { return unlisted() }
