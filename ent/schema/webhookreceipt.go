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

// WebhookReceipt is one message a shop or CRM sent us, kept sealed, with what became of it.
type WebhookReceipt struct{ ent.Schema }

// Mixin of WebhookReceipt.
func (WebhookReceipt) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of WebhookReceipt.
func (WebhookReceipt) Fields() []ent.Field {
	return []ent.Field{
		ref("integration_id", "Who sent it."),
		field.String("topic").MaxLen(80).Immutable().Comment("What the sender says it is about."),
		field.String("delivery_id").MaxLen(128).Immutable().Annotations(textC()).Comment("The sender's id of the delivery."),
		field.String("event_id").Default("").MaxLen(128).Immutable().Annotations(textC()).Comment("The sender's id of the event behind it."),
		field.String("business_key").Default("").MaxLen(300).Immutable().Annotations(textC()).Comment("Topic, object and version: equal messages are applied once."),
		field.String("waits_for").Optional().Nillable().MaxLen(200).Annotations(entgql.Skip(), textC()).Comment("The order a parked message waits for."),
		field.Enum("status").Values("APPLIED", "DUPLICATE", "PARKED", "IGNORED", "REFUSED", "RECEIVED", "DEAD").Comment("What became of it."),
		field.String("reason").Default("").MaxLen(500).Comment("Why it was parked, ignored or refused."),
		field.String("subject").Default("").MaxLen(200).Immutable().Annotations(textC()).Comment("What it is about: messages of one subject are worked off in the order in which they came."),
		field.Int("tries").Default(0).Comment("How often it was taken up since it was last asked for."),
		field.Int("failures").Default(0).Comment("How often that failed."),
		field.Time("next_at").Optional().Nillable().Comment("When it is taken up next; while it is worked on, when another server takes it up should this one be lost."),
		field.Time("done_at").Optional().Nillable().Comment("When it came to its end."),
		field.Int("size").Immutable().Comment("Bytes received."),
		hidden("body_sealed", "The body, sealed; of a refused message the first KiB."),
	}
}

// Edges of WebhookReceipt.
func (WebhookReceipt) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("integration", Integration.Type).Unique().Field("integration_id").Required().Immutable().Comment("Who sent it."),
	}
}

// Indexes of WebhookReceipt.
func (WebhookReceipt) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "integration_id", "status", "created_at", "id"),
		index.Fields("merchant_id", "integration_id", "business_key"),
		index.Fields("merchant_id", "waits_for"),
		index.Fields("integration_id", "next_at", "id").Annotations(entsql.IndexWhere("next_at IS NOT NULL")),
		index.Fields("integration_id", "subject", "id").Annotations(entsql.IndexWhere("next_at IS NOT NULL")),
	}
}

// Annotations of WebhookReceipt.
func (WebhookReceipt) Annotations() []schema.Annotation { return listed() }
