package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Attribution is the decision on who gets credit for a conversion, with the frozen facts it was made from.
type Attribution struct{ ent.Schema }

// Mixin of Attribution.
func (Attribution) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of Attribution.
func (Attribution) Fields() []ent.Field {
	return []ent.Field{
		ref("conversion_id", "What was decided about."),
		ref("policy_id", "The rules that decided."),
		field.String("affiliate_id").Optional().Nillable().Immutable().Annotations(textC()).Comment("Who gets credit by this row, if anyone."),
		field.Int("revision").Immutable().Comment("Rows on one conversion are numbered from 1; a decision has one for each affiliate with credit."),
		field.String("rule").Immutable().MaxLen(60).Comment("The rule that decided."),
		field.String("reason").Default("").MaxLen(500).Immutable().Annotations(personal()).Comment("Why a person decided so; whoever has credit by it sees it."),
		field.Bytes("facts").Immutable().Annotations(entgql.Skip()).Comment("Canonical bytes of the touches looked at."),
		field.Bytes("upline").Optional().Immutable().Annotations(entgql.Skip()).Comment("Canonical bytes of who was above the affiliate then; none where the terms have no levels."),
		field.Bytes("unpaid").Optional().Immutable().Annotations(entgql.Skip()).Comment("Canonical bytes of what was computed for the affiliate where terms that count earned it nothing."),
		field.Bytes("decision").Immutable().Annotations(entgql.Skip()).Comment("Canonical bytes of the decision."),
	}
}

// Edges of Attribution.
func (Attribution) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("conversion", Conversion.Type).Ref("attributions").Unique().Field("conversion_id").Required().Immutable().Comment("What was decided about."),
		edge.To("policy", AttributionPolicy.Type).Unique().Field("policy_id").Required().Immutable().Comment("The rules that decided."),
		edge.To("affiliate", Affiliate.Type).Unique().Field("affiliate_id").Immutable().Comment("Who gets credit."),
	}
}

// Indexes of Attribution.
func (Attribution) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "conversion_id", "revision").Unique(),
		index.Fields("merchant_id", "affiliate_id"),
		index.Fields("merchant_id", "policy_id"),
	}
}

// Annotations of Attribution.
func (Attribution) Annotations() []schema.Annotation { return plain() }
