package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Brand is how a merchant's pages look. A merchant has one at most.
type Brand struct{ ent.Schema }

// Mixin of Brand.
func (Brand) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}, Edited{}}
}

// Fields of Brand.
func (Brand) Fields() []ent.Field {
	return []ent.Field{
		field.String("accent").Default("").MaxLen(20).Comment("The merchant's colour, as #rrggbb; empty for none."),
		hidden("logo", "The picture's file; nothing for none."),
		field.String("logo_type").Default("").MaxLen(20).Comment("Media type of the picture."),
	}
}

// Indexes of Brand.
func (Brand) Indexes() []ent.Index {
	return []ent.Index{index.Fields("merchant_id").Unique()}
}

// Annotations of Brand.
func (Brand) Annotations() []schema.Annotation { return unlisted() }
