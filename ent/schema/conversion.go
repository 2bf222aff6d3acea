package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Conversion is what the merchant pays for: a sale, a lead or a sign-up. A sale is an order with lines.
type Conversion struct{ ent.Schema }

// Mixin of Conversion.
func (Conversion) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of Conversion.
func (Conversion) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program that pays."),
		field.String("customer_id").Optional().Nillable().Annotations(textC()).Comment("The buyer."),
		field.Enum("kind").Values("SALE", "LEAD", "SIGNUP").Immutable().Comment("What was achieved."),
		field.Enum("status").Values("PENDING", "ACCEPTED", "PARTIALLY_REFUNDED", "REFUNDED", "CANCELLED", "CHARGED_BACK").Comment("Where the order stands."),
		field.Enum("rating").Values("WAITING", "RATED", "UNRATED", "NO_CREDIT").Default("WAITING").Comment("Whether credit and commission are decided."),
		field.String("rating_reason").Default("").MaxLen(200).Comment("Why there is no commission, when there is none."),
		field.String("source").NotEmpty().MaxLen(32).Immutable().Comment("Who reported it first."),
		field.JSON("sources", []string{}).Annotations(entgql.Skip()).Comment("Everyone who reported it."),
		field.String("order_scope").Default("").MaxLen(64).Immutable().Annotations(entgql.Skip(), textC()).Comment("Sets apart shops whose order ids overlap (Q48)."),
		field.String("external_id").NotEmpty().MaxLen(128).Immutable().Annotations(textC()).Comment("The shop's own order id."),
		field.String("order_number").Default("").MaxLen(64).Comment("The number people see."),
		field.String("id_key").Optional().Nillable().MaxLen(128).Annotations(entgql.Skip(), textC()).Comment("The shop's order id without its wrapping; another source may write it otherwise."),
		field.String("number_key").Optional().Nillable().MaxLen(128).Annotations(entgql.Skip(), textC()).Comment("The number people see without its sign, or else the id; none where another order has it."),
		field.String("told_kind").Default("").Immutable().MaxLen(16).Annotations(entgql.Skip()).Comment("What kind of source told it first, under its external id; empty where that is a provenance of its own."),
		field.String("told_by").Default("").Immutable().MaxLen(64).Annotations(entgql.Skip(), textC()).Comment("Of the source that told it first: the integration of a shop, or the token or person that called."),
		field.Int64("told_given").Default(0).Immutable().Annotations(entgql.Skip()).Comment("A bit for each part of an order that it was first told with."),
		field.String("spoken").Default("").MaxLen(16).Annotations(entgql.Skip()).Comment("What kind of source the lines and amounts are of."),
		field.Time("occurred_at").Immutable().Comment("When the shop says it happened."),
		currency(),
		minor("total", "What the buyer paid in all."),
		minor("base", "What commission is computed from: lines after discount, before tax and shipping."),
		minorFromZero("refunded", "How much of the base has been given back."),
		minorFromZero("tax", "Tax in the total."),
		minorFromZero("shipping", "Shipping in the total."),
		minorFromZero("discount", "Discount already taken off the lines."),
		field.String("click_id").Optional().Nillable().Annotations(textC()).Comment("The click named by the order, if any."),
		field.JSON("coupon_codes", []string{}).Optional().Annotations(entgql.Skip()).Comment("Codes the buyer used."),
		stringMap("sub_ids", "Labels of the credited link and click."),
		field.String("country").Default("").MaxLen(2).Comment("The buyer's country, ISO 3166-1 alpha-2; empty when it is not known."),
		field.Enum("device").Values("UNKNOWN", "DESKTOP", "MOBILE", "TABLET", "OTHER").Default("UNKNOWN").Comment("What the buyer ordered on."),
		field.String("channel").Default("").MaxLen(255).Comment("Through which it was placed, in the source's words."),
		packed("fields", "Custom fields of the order."),
		packed("customer_fields", "Custom fields of the buyer, as the order told them."),
		packed("profile", "What was known of the buyer, from a CRM or the merchant, when the order became theirs: the segment and the lifecycle stage."),
		field.Int64("source_version").Default(0).Annotations(entgql.Skip()).Comment("Ordering of messages about this order; older ones never overwrite."),
		field.Bytes("digest").Annotations(entgql.Skip()).Comment("SHA-256 of the order's canonical bytes."),
	}
}

// Edges of Conversion.
func (Conversion) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Comment("The program that pays."),
		edge.To("customer", Customer.Type).Unique().Field("customer_id").Comment("The buyer."),
		edge.To("lines", ConversionLine.Type).Comment("What was bought."),
		edge.To("refunds", Refund.Type).Comment("What was given back."),
		edge.To("attributions", Attribution.Type).Annotations(entgql.Skip()).Comment("Decisions on credit, newest last."),
		edge.From("provenances", Provenance.Type).Ref("conversion").Annotations(entgql.Skip()).Comment("How it was told."),
		edge.To("commissions", Commission.Type).Comment("What is owed for it."),
	}
}

// Indexes of Conversion.
func (Conversion) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "program_id", "order_scope", "external_id").Unique(),
		index.Fields("merchant_id", "program_id", "order_scope", "id_key").Unique(),
		index.Fields("merchant_id", "program_id", "order_scope", "number_key").Unique(),
		index.Fields("merchant_id", "customer_id", "program_id", "occurred_at"),
		index.Fields("merchant_id", "click_id"),
		index.Fields("merchant_id", "rating"),
		index.Fields("merchant_id", "program_id", "occurred_at", "id"),
	}
}

// Annotations of Conversion.
func (Conversion) Annotations() []schema.Annotation { return listed() }
