package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// User is a person who signs in. A person may work for several merchants and be an affiliate of others.
type User struct{ ent.Schema }

// Mixin of User.
func (User) Mixin() []ent.Mixin {
	return []ent.Mixin{Global{}, Edited{}}
}

// Fields of User.
func (User) Fields() []ent.Field {
	return []ent.Field{
		field.String("email").NotEmpty().MaxLen(320).Unique().Annotations(personal()).Comment("Log-in name, lower case."),
		field.String("name").Default("").MaxLen(200).Annotations(personal()).Comment("How the person is called."),
		field.Bytes("password_hash").Sensitive().Annotations(entgql.Skip()).Comment("argon2id, encoded with its parameters."),
		field.Enum("status").Values("ACTIVE", "DISABLED").Default("ACTIVE").Comment("A disabled user cannot sign in."),
		field.Time("email_verified_at").Optional().Nillable().Comment("When the person showed that the address is theirs."),
		hidden("second_factor", "Sealed secret of the authenticator app; absent without one."),
		field.Time("second_factor_at").Optional().Nillable().Comment("When the second factor was first proven; from then on log-in asks for it."),
		field.Int64("second_factor_step").Default(0).Annotations(entgql.Skip()).Comment("Time step of the last code that was accepted: a code works once."),
	}
}

// Annotations of User.
func (User) Annotations() []schema.Annotation { return plain() }
