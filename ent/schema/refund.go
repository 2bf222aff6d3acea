package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Refund is money given back on lines of an order.
type Refund struct{ ent.Schema }

// Mixin of Refund.
func (Refund) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of Refund.
func (Refund) Fields() []ent.Field {
	return []ent.Field{
		ref("conversion_id", "The order."),
		field.String("external_id").NotEmpty().MaxLen(128).Immutable().Annotations(textC()).Comment("The shop's own id of the refund, unique in its order (Q05)."),
		currency(),
		minorImmutable("amount", "How much of the commissionable base was given back; negative where it came back to the merchant."),
		field.Bytes("lines").Immutable().Annotations(entgql.Skip()).Comment("Canonical bytes: line, quantity, amount."),
		field.Time("occurred_at").Immutable().Comment("When the shop says it happened."),
		field.String("reason").Default("").MaxLen(300).Immutable().Annotations(personal()).Comment("Why."),
		field.Enum("reason_code").Values("RETURN", "CANCELLED", "DUPLICATE", "FRAUD", "NOT_RECEIVED", "DEFECTIVE", "PAYMENT_FAILED", "PRICE_CHANGE", "TEST", "OTHER").Default("OTHER").Immutable().Comment("Why, as a code."),
		minorFromZero("fee", "What the bank charged the merchant for a chargeback."),
		field.Enum("kind").Values("REFUND", "CANCELLATION", "EDIT", "CHARGEBACK", "CHARGEBACK_WON", "CHARGEBACK_LOST").Default("REFUND").Immutable().Comment("What gave the money back."),
	}
}

// Edges of Refund.
func (Refund) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("conversion", Conversion.Type).Ref("refunds").Unique().Field("conversion_id").Required().Immutable().Comment("The order."),
	}
}

// Indexes of Refund.
func (Refund) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "conversion_id", "external_id").Unique(),
	}
}

// Annotations of Refund.
func (Refund) Annotations() []schema.Annotation { return plain() }
