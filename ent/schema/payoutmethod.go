package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// PayoutMethod is how an affiliate wants to be paid. Details are sealed.
type PayoutMethod struct{ ent.Schema }

// Mixin of PayoutMethod.
func (PayoutMethod) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of PayoutMethod.
func (PayoutMethod) Fields() []ent.Field {
	return []ent.Field{
		ref("affiliate_id", "Who is paid."),
		field.Enum("rail").Values("MANUAL", "CSV").Immutable().Comment("Way to send money."),
		hidden("details_sealed", "Account details, sealed."),
		field.String("hint").Default("").MaxLen(40).Annotations(personal()).Comment("Enough to recognise the account, no more."),
		field.Enum("status").Values("ACTIVE", "REMOVED").Default("ACTIVE").Comment("Removed methods are kept for history."),
	}
}

// Edges of PayoutMethod.
func (PayoutMethod) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("affiliate", Affiliate.Type).Unique().Field("affiliate_id").Required().Immutable().Comment("Who is paid."),
	}
}

// Indexes of PayoutMethod.
func (PayoutMethod) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "affiliate_id"),
	}
}

// Annotations of PayoutMethod.
func (PayoutMethod) Annotations() []schema.Annotation { return listed() }
