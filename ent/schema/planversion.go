package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// PlanVersion is the terms of a plan from an instant on. Versions are never edited.
type PlanVersion struct{ ent.Schema }

// Mixin of PlanVersion.
func (PlanVersion) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of PlanVersion.
func (PlanVersion) Fields() []ent.Field {
	return []ent.Field{
		ref("plan_id", "The plan."),
		field.Int("number").Immutable().Comment("Version, from 1."),
		field.Bytes("document").Immutable().Annotations(entgql.Skip()).Comment("The terms' canonical bytes."),
		field.Time("valid_from").Immutable().Comment("First instant it applies."),
		field.Int("hold_days").Immutable().Comment("Days between the event and automatic approval."),
		field.Enum("recovery").Values("RECOVER", "ABSORB", "RECOVER_WITHIN").Default("RECOVER").Immutable().Comment("Who bears what is given back of commission that was paid out."),
		field.Int("recovery_days").Default(0).Immutable().Comment("For RECOVER_WITHIN: days from the event until the merchant bears it."),
		field.Bool("recount").Default(false).Immutable().Comment("Whether applying a simulation made it: it is the terms of what that changed, and of no other event."),
		field.Bool("auto_approve").Immutable().Comment("Whether commissions are approved when the hold ends."),
	}
}

// Edges of PlanVersion.
func (PlanVersion) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("plan", CommissionPlan.Type).Ref("versions").Unique().Field("plan_id").Required().Immutable().Comment("The plan."),
	}
}

// Indexes of PlanVersion.
func (PlanVersion) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "plan_id", "number").Unique(),
	}
}

// Annotations of PlanVersion.
func (PlanVersion) Annotations() []schema.Annotation { return plain() }
