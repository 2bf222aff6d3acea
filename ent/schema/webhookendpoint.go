package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// WebhookEndpoint is an address of the merchant's that is told what happens.
type WebhookEndpoint struct{ ent.Schema }

// Mixin of WebhookEndpoint.
func (WebhookEndpoint) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of WebhookEndpoint.
func (WebhookEndpoint) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Default("").MaxLen(120).Comment("What people call it."),
		field.String("host").MaxLen(255).Comment("The host of its address; the whole address may hold a secret."),
		hidden("url_sealed", "The address, sealed: whoever has it may be able to post to it."),
		field.Strings("types").Optional().Comment("Which types of events are sent; all when empty."),
		refOptional("program_id", "Only what happens in this program."),
		refOptional("affiliate_id", "Only what concerns this affiliate."),
		field.Enum("ordering").Values("NONE", "ENTITY", "ENDPOINT").Default("NONE").Comment("Whether an event waits until the one before it has arrived."),
		field.Enum("origin").Values("API", "REST_HOOK").Default("API").Immutable().Comment("Whether people made it, or a tool that subscribed by itself."),
		field.Enum("status").Values("ENABLED", "DISABLED", "DELETED").Default("ENABLED").Comment("Nothing is sent to one that is not enabled."),
		field.Enum("reason").Values("BY_HAND", "GONE", "FAILING").Optional().Nillable().Comment("Why it is disabled."),
		field.Time("disabled_at").Optional().Nillable().Comment("When it was disabled."),
		hidden("secret_sealed", "The signing secret, sealed."),
		hidden("prior_secret_sealed", "The secret before a rotation, with which is signed as well until prior_until."),
		field.Time("prior_until").Optional().Nillable().Comment("Until when the secret before the last rotation signs as well."),
		field.Time("failing_since").Optional().Nillable().Comment("The first failure since the last success."),
		field.Time("paused_until").Optional().Nillable().Comment("The address asked not to be called before."),
		field.Int64("last_sequence").Default(0).Annotations(entgql.Skip()).Comment("The number of the last event that is meant for it."),
		field.Time("due_at").Optional().Nillable().Annotations(entgql.Skip()).Comment("When a delivery of it is to be looked for."),
	}
}

// Edges of WebhookEndpoint.
func (WebhookEndpoint) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Comment("Only what happens in this program."),
		edge.To("affiliate", Affiliate.Type).Unique().Field("affiliate_id").Comment("Only what concerns this affiliate."),
	}
}

// Indexes of WebhookEndpoint.
func (WebhookEndpoint) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "program_id"),
		index.Fields("merchant_id", "affiliate_id"),
		index.Fields("due_at", "id").Annotations(entsql.IndexWhere("due_at IS NOT NULL")),
	}
}

// Annotations of WebhookEndpoint.
func (WebhookEndpoint) Annotations() []schema.Annotation { return listed() }
