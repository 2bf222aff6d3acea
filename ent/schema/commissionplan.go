package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// CommissionPlan says what a program's affiliates earn. Its terms live in versions.
type CommissionPlan struct{ ent.Schema }

// Mixin of CommissionPlan.
func (CommissionPlan) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of CommissionPlan.
func (CommissionPlan) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program."),
		field.String("name").NotEmpty().MaxLen(120).Comment("Name of the plan."),
		field.Enum("status").Values("DRAFT", "ACTIVE", "ARCHIVED").Default("DRAFT").Comment("A program has at most one active plan."),
	}
}

// Edges of CommissionPlan.
func (CommissionPlan) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Comment("The program."),
		edge.To("versions", PlanVersion.Type).Comment("Its terms, oldest first."),
	}
}

// Indexes of CommissionPlan.
func (CommissionPlan) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "program_id"),
	}
}

// Annotations of CommissionPlan.
func (CommissionPlan) Annotations() []schema.Annotation { return listed() }
