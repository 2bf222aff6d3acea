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

// ClickDay is a day of an affiliate's clicks in a program whose terms pay for clicks, and how many of them have been paid.
type ClickDay struct{ ent.Schema }

// Mixin of ClickDay.
func (ClickDay) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of ClickDay.
func (ClickDay) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program."),
		ref("affiliate_id", "Whose clicks they are."),
		ref("plan_version_id", "The terms of the day."),
		field.Time("from_at").Immutable().Comment("First instant of the day."),
		field.Time("until_at").Immutable().Comment("First instant after it."),
		field.Time("stored_from").Comment("When the first of its clicks was stored, by the server's clock."),
		field.Time("stored_until").Comment("When the last of them was."),
		field.Time("due_at").Optional().Nillable().Comment("When its clicks are counted; none while there are no new ones."),
		field.Int64("paid").Default(0).Comment("How many of its clicks have been paid."),
		field.Int("times").Default(0).Comment("How many commissions were made of it."),
	}
}

// Edges of ClickDay.
func (ClickDay) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Annotations(entgql.Skip()).Comment("The program."),
		edge.To("affiliate", Affiliate.Type).Unique().Field("affiliate_id").Required().Immutable().Annotations(entgql.Skip()).Comment("Whose clicks they are."),
		edge.To("plan_version", PlanVersion.Type).Unique().Field("plan_version_id").Required().Immutable().Annotations(entgql.Skip()).Comment("The terms of the day."),
	}
}

// Indexes of ClickDay.
func (ClickDay) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "program_id", "affiliate_id", "from_at").Unique(),
		index.Fields("merchant_id", "affiliate_id"),
		index.Fields("merchant_id", "plan_version_id"),
		index.Fields("due_at", "id").Annotations(entsql.IndexWhere("due_at IS NOT NULL")),
	}
}

// Annotations of ClickDay.
func (ClickDay) Annotations() []schema.Annotation { return unlisted() }
