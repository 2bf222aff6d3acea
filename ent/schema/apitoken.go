package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// ApiToken is a machine's credential: a secret token with scopes, or a publishable key bound to origins.
type ApiToken struct{ ent.Schema }

// Mixin of ApiToken.
func (ApiToken) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of ApiToken.
func (ApiToken) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").NotEmpty().MaxLen(120).Comment("What the token is for."),
		field.Enum("kind").Values("SECRET", "PUBLISHABLE").Immutable().Comment("Secret token or publishable key."),
		field.String("hint").MaxLen(24).Comment("Prefix and last four characters, to recognise it."),
		field.JSON("scopes", []string{}).Annotations(entgql.Skip()).Comment("What it may do."),
		field.JSON("origins", []string{}).Optional().Annotations(entgql.Type("[String!]")).Comment("Where a publishable key may be used."),
		refOptional("affiliate_id", "Whose rows alone the token sees, when set."),
		field.String("created_by").Immutable().Annotations(textC()).Comment("The principal that made it."),
		field.Time("expires_at").Optional().Nillable().Comment("When it stops working."),
		field.Time("revoked_at").Optional().Nillable().Comment("When it was revoked."),
		field.Bytes("hash").Unique().Sensitive().Annotations(entgql.Skip()).Comment("SHA-256 of the secret; rotation changes it."),
		field.Bytes("former_hash").Optional().Unique().Sensitive().Annotations(entgql.Skip()).Comment("SHA-256 of the secret before the last rotation."),
		field.Time("former_expires_at").Optional().Nillable().Comment("Until when the secret before the last rotation works beside the new one."),
		field.JSON("addresses", []string{}).Optional().Annotations(entgql.Type("[String!]")).Comment("Networks a secret token may be used from; anywhere when empty."),
		field.Bool("registered_only").Default(false).Comment("Whether it may run registered operations only."),
		field.Time("last_used_at").Optional().Nillable().Comment("Last use, at most one write a minute."),
	}
}

// Indexes of ApiToken.
func (ApiToken) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "affiliate_id"),
	}
}

// Annotations of ApiToken.
func (ApiToken) Annotations() []schema.Annotation { return listed() }
