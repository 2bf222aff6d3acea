package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// OneTimeCode is a secret that a person may use once: to verify an address, to
// set a new password, or in place of the second factor.
type OneTimeCode struct{ ent.Schema }

// Mixin of OneTimeCode.
func (OneTimeCode) Mixin() []ent.Mixin {
	return []ent.Mixin{Global{}}
}

// Fields of OneTimeCode.
func (OneTimeCode) Fields() []ent.Field {
	return []ent.Field{
		field.String("user_id").Immutable().Annotations(textC()).Comment("Whose code it is."),
		field.Enum("purpose").Values("VERIFY_EMAIL", "RESET_PASSWORD", "RECOVERY").Immutable().Comment("What it is good for."),
		field.Bytes("hash").Immutable().Unique().Sensitive().Comment("Keyed hash of the code."),
		field.Time("expires_at").Optional().Nillable().Immutable().Comment("When it stops working; never for a recovery code."),
		field.Time("used_at").Optional().Nillable().Comment("When it was used or replaced."),
	}
}

// Indexes of OneTimeCode.
func (OneTimeCode) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id", "purpose")}
}

// Annotations of OneTimeCode.
func (OneTimeCode) Annotations() []schema.Annotation { return unlisted() }
