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

// Dispute is an affiliate's claim on a sale that is missing or wrong, with its evidence and what came of it.
type Dispute struct{ ent.Schema }

// Mixin of Dispute.
func (Dispute) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of Dispute.
func (Dispute) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program of the sale."),
		ref("affiliate_id", "Who claims."),
		field.Enum("kind").Values("MISSING", "WRONG").Immutable().Comment("Whether the sale is not there, or is there and wrong."),
		field.Enum("status").Values("OPEN", "ANSWERED", "ACCEPTED", "DECLINED", "WITHDRAWN").Default("OPEN").Comment("Where the claim stands."),
		field.String("sale_key").NotEmpty().MaxLen(160).Immutable().Annotations(entgql.Skip(), textC()).Comment("Names the sale, so that it is claimed once at a time."),
		field.String("conversion_id").Optional().Nillable().Immutable().Annotations(textC()).Comment("The sale that is wrong; none when it is missing."),
		field.String("order_external_id").Default("").MaxLen(128).Immutable().Annotations(textC()).Comment("The shop's id of the order."),
		field.Time("occurred_at").Immutable().Comment("When the sale happened."),
		currency(),
		minorImmutable("amount", "What was sold, as the affiliate says."),
		field.String("click_id").Default("").MaxLen(40).Immutable().Annotations(textC()).Comment("The click that brought the buyer."),
		field.String("coupon_code").Default("").MaxLen(64).Immutable().Comment("The coupon that the buyer used."),
		field.String("evidence").NotEmpty().MaxLen(4000).Immutable().Annotations(personal()).Comment("What the affiliate says."),
		field.Strings("evidence_links").Optional().Immutable().Annotations(personal()).Comment("Addresses of what supports it."),
		stringMap("trace", "What the platform knew of the sale when the claim was opened, as far as it is the affiliate's."),
		field.JSON("staff_trace", map[string]string{}).Optional().Annotations(entgql.Skip(), personal()).Comment("What it knew besides."),
		field.Time("opened_at").Immutable().Comment("When it was opened, by the merchant's clock."),
		field.Time("answer_due_at").Immutable().Comment("When the merchant is to have decided."),
		field.Time("answered_at").Optional().Nillable().Comment("When the merchant first answered."),
		field.Time("escalated_at").Optional().Nillable().Comment("When it was overdue and somebody was told to decide."),
		field.Time("decided_at").Optional().Nillable().Comment("When it was accepted, declined or withdrawn."),
		field.Bool("automatic").Default(false).Comment("Whether the deadline decided it."),
		field.Enum("effect").Values("REATTRIBUTE", "RECORD", "CREDIT").Optional().Nillable().Comment("What an acceptance did."),
		field.String("outcome").Default("").MaxLen(500).Annotations(personal()).Comment("Why it was decided so."),
		field.String("outcome_id").Default("").MaxLen(40).Annotations(entgql.Type("ID"), textC()).Comment("The conversion or the adjustment that the acceptance changed or made."),
	}
}

// Edges of Dispute.
func (Dispute) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Comment("The program of the sale."),
		edge.To("affiliate", Affiliate.Type).Unique().Field("affiliate_id").Required().Immutable().Comment("Who claims."),
		edge.To("conversion", Conversion.Type).Unique().Field("conversion_id").Immutable().Comment("The sale that is wrong."),
		edge.To("comments", DisputeComment.Type).Annotations(entgql.RelayConnection()).Comment("What both sides said, in pages."),
	}
}

// Indexes of Dispute.
func (Dispute) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "affiliate_id", "program_id", "sale_key").Unique().Annotations(entsql.IndexWhere("decided_at IS NULL")),
		index.Fields("merchant_id", "affiliate_id", "created_at", "id"),
		index.Fields("merchant_id", "program_id", "created_at", "id"),
		index.Fields("merchant_id", "conversion_id"),
		index.Fields("answer_due_at", "id").Annotations(entsql.IndexWhere("decided_at IS NULL")),
	}
}

// Annotations of Dispute.
func (Dispute) Annotations() []schema.Annotation { return listed() }
