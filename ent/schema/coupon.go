package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Coupon is a code that credits its affiliate when a buyer uses it.
type Coupon struct{ ent.Schema }

// Mixin of Coupon.
func (Coupon) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of Coupon.
func (Coupon) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program it belongs to."),
		field.String("affiliate_id").Annotations(textC()).Comment("Who earns when it is used."),
		field.String("code").NotEmpty().MaxLen(64).Immutable().Comment("The code as people write it."),
		field.String("code_key").NotEmpty().MaxLen(200).Immutable().Annotations(entgql.Skip(), textC()).Comment("The code normalised and case-folded: unique in its program (Q40)."),
		field.Enum("status").Values("ACTIVE", "ARCHIVED").Default("ACTIVE").Comment("An archived code credits nobody."),
		field.Time("valid_from").Optional().Nillable().Comment("First instant it credits."),
		field.Time("valid_until").Optional().Nillable().Comment("First instant it no longer credits."),
		field.Int("max_uses").Optional().Nillable().Comment("How many conversions it may credit."),
		field.Bool("exclusive").Default(false).Immutable().Comment("Whether its affiliate alone spreads it: policies may place such codes before clicks."),
		field.Int("uses").Default(0).Comment("How many conversions it has credited."),
	}
}

// Edges of Coupon.
func (Coupon) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Comment("The program it belongs to."),
		edge.To("affiliate", Affiliate.Type).Unique().Field("affiliate_id").Required().Comment("Who earns when it is used."),
	}
}

// Indexes of Coupon.
func (Coupon) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "program_id", "code_key").Unique(),
		index.Fields("merchant_id", "affiliate_id"),
	}
}

// Annotations of Coupon.
func (Coupon) Annotations() []schema.Annotation { return listed() }
