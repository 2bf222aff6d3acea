package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// WebhookAttempt is one try of a delivery, with what was answered.
type WebhookAttempt struct{ ent.Schema }

// Mixin of WebhookAttempt.
func (WebhookAttempt) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of WebhookAttempt.
func (WebhookAttempt) Fields() []ent.Field {
	return []ent.Field{
		ref("delivery_id", "What was sent."),
		field.Int("number").Immutable().Comment("Counts the tries of the delivery."),
		field.Int("status").Immutable().Comment("HTTP status; 0 when there was no answer."),
		field.Int("duration_ms").Immutable().Comment("Milliseconds from the first byte out to the last byte in."),
		field.String("error").Default("").MaxLen(200).Immutable().Comment("Why it failed; empty when it did not."),
		field.Time("retry_at").Optional().Nillable().Immutable().Comment("When it was to be tried again."),
		hidden("answer_sealed", "The first KiB of the answer's body, sealed."),
	}
}

// Edges of WebhookAttempt.
func (WebhookAttempt) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("delivery", WebhookDelivery.Type).Ref("attempts").Unique().Field("delivery_id").Required().Immutable().Comment("What was sent."),
	}
}

// Indexes of WebhookAttempt.
func (WebhookAttempt) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "delivery_id", "created_at", "id"),
	}
}

// Annotations of WebhookAttempt.
func (WebhookAttempt) Annotations() []schema.Annotation { return listed() }
