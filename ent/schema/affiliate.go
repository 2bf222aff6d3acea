package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Affiliate is a partner who sends visitors.
type Affiliate struct{ ent.Schema }

// Mixin of Affiliate.
func (Affiliate) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of Affiliate.
func (Affiliate) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").NotEmpty().MaxLen(200).Annotations(personal()).Comment("Name shown to the merchant."),
		field.String("email").NotEmpty().MaxLen(320).Annotations(personal()).Comment("Where the affiliate is reached, lower case."),
		hidden("email_hash", "Keyed hash of the canonical address, for self-referral checks."),
		field.Enum("status").Values("PENDING", "ACTIVE", "SUSPENDED", "REJECTED", "ARCHIVED").Default("PENDING").Comment("Only an active affiliate earns."),
		field.String("status_reason").Default("").MaxLen(500).Annotations(personal()).Comment("Why the status is what it is."),
		refOptional("parent_id", "Who recruited the affiliate."),
		refOptional("group_id", "Group whose terms apply."),
		packed("fields", "Custom fields."),
		payoutCurrency("What the affiliate is paid in; none is what the program says."),
		field.Bytes("claim_hash").Optional().Nillable().Unique().Sensitive().Annotations(entgql.Skip()).Comment("SHA-256 of the claim that lets the applicant set a password, once."),
		field.Time("decided_at").Optional().Nillable().Comment("When the application was approved or rejected."),
	}
}

// Edges of Affiliate.
func (Affiliate) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("children", Affiliate.Type).Annotations(entgql.Skip()).From("parent").Unique().Field("parent_id").Comment("Who recruited the affiliate."),
		edge.To("group", AffiliateGroup.Type).Unique().Field("group_id").Comment("Group whose terms apply."),
		edge.To("enrollments", Enrollment.Type).Annotations(entgql.Skip()).Comment("Programs the affiliate joined."),
		edge.To("merges", AffiliateMerge.Type).Annotations(entgql.Skip()).Comment("Into whom it was merged, if it was."),
		edge.To("links", Link.Type).Annotations(entgql.RelayConnection()).Comment("The affiliate's links."),
	}
}

// Indexes of Affiliate.
func (Affiliate) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "email").Unique(),
		index.Fields("merchant_id", "email_hash"),
		index.Fields("merchant_id", "parent_id", "id"),
		index.Fields("merchant_id", "group_id"),
		index.Fields("merchant_id", "status", "created_at", "id"),
	}
}

// Annotations of Affiliate.
func (Affiliate) Annotations() []schema.Annotation { return listed() }
