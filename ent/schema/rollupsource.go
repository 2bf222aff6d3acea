package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// RollupSource is what one thing has been counted as, so that it can be taken out of its buckets when it changes.
type RollupSource struct{ ent.Schema }

// Mixin of RollupSource.
func (RollupSource) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of RollupSource.
func (RollupSource) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").MaxLen(200).Immutable().Annotations(textC()).Comment("A conversion, a commission without one, a payout, or clicks stored at once."),
		field.String("counted").Annotations(textC(), personal()).Comment("What it adds to which buckets, as JSON."),
	}
}

// Indexes of RollupSource.
func (RollupSource) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "name").Unique(),
	}
}

// Annotations of RollupSource.
func (RollupSource) Annotations() []schema.Annotation { return unlisted() }
