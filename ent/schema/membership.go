package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Membership gives a user a role at one merchant.
type Membership struct{ ent.Schema }

// Mixin of Membership.
func (Membership) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of Membership.
func (Membership) Fields() []ent.Field {
	return []ent.Field{
		field.String("user_id").Immutable().Annotations(textC()).Comment("Who."),
		field.Enum("role").Values("OWNER", "MANAGER", "FINANCE", "ANALYST", "AFFILIATE").Comment("What the user may do here."),
		refOptional("affiliate_id", "Whose rows an affiliate member sees."),
		field.Time("ended_at").Optional().Nillable().Comment("When the membership ended."),
	}
}

// Indexes of Membership.
func (Membership) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "user_id").Unique(),
		index.Fields("user_id"),
		index.Fields("merchant_id", "affiliate_id"),
	}
}

// Annotations of Membership.
func (Membership) Annotations() []schema.Annotation { return listed() }
