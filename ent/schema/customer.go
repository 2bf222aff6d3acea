package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Customer is the merchant's buyer. Personal values are sealed; look-ups go by keyed hash.
type Customer struct{ ent.Schema }

// Mixin of Customer.
func (Customer) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of Customer.
func (Customer) Fields() []ent.Field {
	return []ent.Field{
		field.Bytes("identity_hash").Immutable().Annotations(entgql.Skip()).Comment("Keyed hash of the strongest identity given: shop id, else e-mail."),
		hidden("email_hash", "Keyed hash of the normalised address."),
		hidden("self_hash", "Keyed hash of the canonical address, for self-referral checks."),
		hidden("email_sealed", "The address, sealed."),
		hidden("name_sealed", "The name, sealed."),
		field.Int("orders").Default(0).Comment("Conversions of this customer."),
		field.String("segment").Optional().Nillable().MaxLen(200).Comment("The merchant's group of buyers that it belongs to, such as vip."),
		field.Time("segment_at").Optional().Nillable().Comment("When the segment last changed, as the side that changed it says."),
		field.String("segment_by").Optional().Nillable().MaxLen(40).Comment("Which side changed it: PLATFORM, or the integration's id."),
		field.Time("segment_told_at").Optional().Nillable().Annotations(entgql.Skip()).Comment("The newest that an integration has told of it."),
		field.String("lifecycle_stage").Optional().Nillable().MaxLen(200).Comment("How far the buyer has come, such as customer."),
		field.Time("lifecycle_stage_at").Optional().Nillable().Comment("When the stage last changed, as the side that changed it says."),
		field.String("lifecycle_stage_by").Optional().Nillable().MaxLen(40).Comment("Which side changed it: PLATFORM, or the integration's id."),
		field.Time("lifecycle_stage_told_at").Optional().Nillable().Annotations(entgql.Skip()).Comment("The newest that an integration has told of it."),
	}
}

// Indexes of Customer.
func (Customer) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "identity_hash").Unique(),
		index.Fields("merchant_id", "email_hash"),
	}
}

// Annotations of Customer.
func (Customer) Annotations() []schema.Annotation { return listed() }
