package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Simulation is what terms would have paid on the conversions of a period, and the differences it would make to put them into effect.
type Simulation struct{ ent.Schema }

// Mixin of Simulation.
func (Simulation) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of Simulation.
func (Simulation) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program."),
		ref("plan_id", "The plan whose terms they are, or would be."),
		field.String("plan_version_id").Optional().Nillable().Annotations(textC()).Comment("The version whose terms they are; for terms that were written for the simulation, the one that applying it has made."),
		hidden("terms", "Canonical bytes of the terms."),
		field.Enum("recovery").Values("RECOVER", "ABSORB", "RECOVER_WITHIN").Default("RECOVER").Immutable().Annotations(entgql.Skip()).Comment("Who bears what is given back of commission that was paid out."),
		field.Int("recovery_days").Default(0).Immutable().Annotations(entgql.Skip()).Comment("For RECOVER_WITHIN: days from the event until the merchant bears it."),
		field.Time("period_from").Immutable().Comment("First instant of the period."),
		field.Time("period_until").Immutable().Comment("First instant after the period."),
		field.Enum("status").Values("QUEUED", "RUNNING", "DONE", "FAILED", "APPLYING", "APPLIED", "REFUSED").Default("QUEUED").Comment("Where it stands."),
		field.String("reason").Default("").MaxLen(200).Comment("Why it failed or was refused."),
		field.Int64("done").Default(0).Annotations(entgql.Type("Int")).Comment("How many conversions it has been through; while it is applied, how many of those to change."),
		field.Int64("total").Default(0).Annotations(entgql.Type("Int")).Comment("Of how many."),
		field.Int64("looked_at").Default(0).Annotations(entgql.Type("Int")).Comment("How many conversions of the period were computed again."),
		field.Int64("changed").Default(0).Annotations(entgql.Type("Int")).Comment("How many of them would be changed."),
		field.Int64("pinned_rows").Default(0).Annotations(entgql.Type("Int")).Comment("How much was left alone, as people decided it."),
		field.Int64("skipped").Default(0).Annotations(entgql.Type("Int")).Comment("How many were not changed when it was applied, because they had changed by themselves."),
		field.Int64("journal_position").Default(0).Annotations(entgql.Type("Int")).Comment("Place in the journal at which it began to read."),
		field.String("hash").Default("").MaxLen(64).Comment("SHA-256 of all that it read, in hexadecimal; the same as long as nothing of it changes."),
		field.Bytes("totals").Optional().Annotations(entgql.Skip()).Comment("Sums by currency."),
		field.Time("applied_at").Optional().Nillable().Comment("When it was put into effect."),
		field.String("apply_reason").Default("").MaxLen(500).Annotations(personal()).Comment("Why it was put into effect."),
		field.Time("checked_at").Optional().Nillable().Annotations(entgql.Skip()).Comment("When nothing was found to have moved before it was applied."),
		field.Time("beat_at").Optional().Nillable().Annotations(entgql.Skip()).Comment("When whoever works on it last said so."),
		field.Int("holder").Default(0).Annotations(entgql.Skip()).Comment("Counts who took the work up; only the last one writes."),
	}
}

// Edges of Simulation.
func (Simulation) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Annotations(entgql.Skip()).Comment("The program."),
		edge.To("plan", CommissionPlan.Type).Unique().Field("plan_id").Required().Immutable().Annotations(entgql.Skip()).Comment("The plan whose terms they are."),
		edge.To("plan_version", PlanVersion.Type).Unique().Field("plan_version_id").Annotations(entgql.Skip()).Comment("The version whose terms they are."),
	}
}

// Indexes of Simulation.
func (Simulation) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "program_id"),
		index.Fields("merchant_id", "plan_id"),
		index.Fields("merchant_id", "plan_version_id"),
		index.Fields("status", "beat_at"),
	}
}

// Annotations of Simulation.
func (Simulation) Annotations() []schema.Annotation { return listed() }
