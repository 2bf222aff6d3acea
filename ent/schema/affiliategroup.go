package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// AffiliateGroup gathers affiliates who share terms.
type AffiliateGroup struct{ ent.Schema }

// Mixin of AffiliateGroup.
func (AffiliateGroup) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of AffiliateGroup.
func (AffiliateGroup) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").NotEmpty().MaxLen(120).Comment("Name of the group."),
		field.String("description").Default("").MaxLen(1000).Comment("What sets the group apart."),
	}
}

// Indexes of AffiliateGroup.
func (AffiliateGroup) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "name").Unique(),
	}
}

// Annotations of AffiliateGroup.
func (AffiliateGroup) Annotations() []schema.Annotation { return listed() }
