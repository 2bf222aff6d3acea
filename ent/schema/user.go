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
		field.String("email").NotEmpty().MaxLen(320).Unique().Comment("Log-in name, lower case."),
		field.String("name").Default("").MaxLen(200).Comment("How the person is called."),
		field.Bytes("password_hash").Sensitive().Annotations(entgql.Skip()).Comment("argon2id, encoded with its parameters."),
		field.Enum("status").Values("ACTIVE", "DISABLED").Default("ACTIVE").Comment("A disabled user cannot sign in."),
	}
}

// Annotations of User.
func (User) Annotations() []schema.Annotation { return plain() }
