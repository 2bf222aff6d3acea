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

// WebhookDelivery is one event on its way to one endpoint. Its id goes out with every try of it.
type WebhookDelivery struct{ ent.Schema }

// Mixin of WebhookDelivery.
func (WebhookDelivery) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of WebhookDelivery.
func (WebhookDelivery) Fields() []ent.Field {
	return []ent.Field{
		ref("endpoint_id", "Where it goes."),
		field.String("event_id").Default("").MaxLen(40).Immutable().Annotations(textC()).Comment("What happened; empty for a test."),
		field.String("event_type").MaxLen(60).Immutable().Comment("The type of the event."),
		field.String("subject_id").Default("").MaxLen(40).Immutable().Annotations(textC()).Comment("What it happened to."),
		field.Int64("sequence").Immutable().Annotations(entgql.Type("Int")).Comment("Counts the events for the endpoint, in their order."),
		field.Enum("status").Values("PENDING", "DELIVERED", "FAILED", "SKIPPED").Default("PENDING").Comment("What became of it."),
		field.Int("tries").Default(0).Comment("How often it was sent."),
		field.Int("tries_before").Default(0).Annotations(entgql.Skip()).Comment("How often it had been sent when it was last asked for anew."),
		field.Time("next_at").Optional().Nillable().Comment("When it is sent next; while it is being sent, when it is taken up again should the server be lost."),
		field.Time("delivered_at").Optional().Nillable().Comment("When the endpoint took it."),
		field.Int("last_status").Default(0).Comment("HTTP status of the last try; 0 when there was no answer."),
		field.String("last_error").Default("").MaxLen(200).Comment("Why the last try failed."),
	}
}

// Edges of WebhookDelivery.
func (WebhookDelivery) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("endpoint", WebhookEndpoint.Type).Unique().Field("endpoint_id").Required().Immutable().Comment("Where it goes."),
		edge.To("attempts", WebhookAttempt.Type).Annotations(entgql.RelayConnection()).Comment("Each try, in pages."),
	}
}

// Indexes of WebhookDelivery.
func (WebhookDelivery) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "endpoint_id", "created_at", "id"),
		index.Fields("endpoint_id", "next_at", "sequence").Annotations(entsql.IndexWhere("next_at IS NOT NULL")),
		index.Fields("endpoint_id", "subject_id", "sequence").Annotations(entsql.IndexWhere("next_at IS NOT NULL")),
	}
}

// Annotations of WebhookDelivery.
func (WebhookDelivery) Annotations() []schema.Annotation { return listed() }
