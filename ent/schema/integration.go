package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Integration is a shop or CRM that is connected to a program.
type Integration struct{ ent.Schema }

// Mixin of Integration.
func (Integration) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of Integration.
func (Integration) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program its orders go to."),
		field.Enum("provider").Values("SHOPIFY", "STRIPE", "HUBSPOT", "WOOCOMMERCE", "SALESFORCE").Immutable().Comment("What is connected."),
		field.String("name").NotEmpty().MaxLen(120).Comment("What people call it."),
		field.String("order_scope").Default("").MaxLen(64).Immutable().Annotations(textC()).Comment("Sets apart shops whose order ids overlap (Q48)."),
		hidden("secret_sealed", "The signing secret, sealed."),
		hidden("prior_secret_sealed", "The secret before a rotation, still accepted until prior_until."),
		field.Time("prior_until").Optional().Nillable().Comment("Until when the secret before is accepted."),
		field.Enum("status").Values("ACTIVE", "DISABLED", "PENDING", "DISCONNECTED").Default("ACTIVE").Comment("Only an active integration accepts messages."),
		field.String("account").Default("").MaxLen(255).Comment("Which account of the provider, such as a shop's host; empty where nothing is called."),
		field.Enum("access").Values("NONE", "KEYS", "OAUTH").Default("NONE").Comment("By what the account is called."),
		hidden("credentials_sealed", "What the account is called with, sealed."),
		field.Int("credentials_number").Default(0).Annotations(entgql.Skip()).Comment("Counts the credentials."),
		field.Time("credentials_until").Optional().Nillable().Comment("Until when the access token is good; it is renewed before."),
		field.Time("renewing_until").Optional().Nillable().Annotations(entgql.Skip()).Comment("One server renews the token; until then the others leave it alone."),
		field.Strings("scopes").Optional().Comment("What the account has granted."),
		field.Time("connected_at").Optional().Nillable().Comment("When the credentials were given."),
		field.Time("checked_at").Optional().Nillable().Comment("When the account was last asked whether it can be reached."),
		field.String("problem").Default("").MaxLen(200).Comment("Why the account cannot be called; empty when it can."),
		field.String("grant_state").Optional().Nillable().MaxLen(64).Annotations(entgql.Skip(), textC()).Comment("The hash of the state of an authorization under way."),
		hidden("grant_sealed", "The authorization under way, sealed."),
		field.Time("grant_until").Optional().Nillable().Annotations(entgql.Skip()).Comment("When the authorization under way is too late."),
	}
}

// Edges of Integration.
func (Integration) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Comment("The program its orders go to."),
	}
}

// Indexes of Integration.
func (Integration) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "program_id"),
		index.Fields("merchant_id", "grant_state").Unique(),
	}
}

// Annotations of Integration.
func (Integration) Annotations() []schema.Annotation { return listed() }
