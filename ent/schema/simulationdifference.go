package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// SimulationDifference is a commission that a simulation would change, or that it left alone.
type SimulationDifference struct{ ent.Schema }

// Mixin of SimulationDifference.
func (SimulationDifference) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of SimulationDifference.
func (SimulationDifference) Fields() []ent.Field {
	return []ent.Field{
		field.String("simulation_id").Immutable().Annotations(textC(), entgql.Skip()).Comment("The simulation."),
		field.Enum("kind").Values("CHANGED", "CARRIED", "PINNED", "SKIPPED").Immutable().Annotations(entgql.Skip()).Comment("A difference, what comes with one unchanged, or what is left alone."),
		field.Enum("reason").Values("MORE", "LESS", "BEGINS", "ENDS", "SAME", "CREDIT_BY_HAND", "REJECTED", "ADJUSTMENT", "TIED", "CHANGED_SINCE").Comment("How it differs, or why it was left alone."),
		field.String("conversion_id").Optional().Nillable().Immutable().Annotations(textC(), entgql.Type("ID")).Comment("What it is owed for; none for an adjustment."),
		field.String("affiliate_id").Optional().Nillable().Immutable().Annotations(textC(), entgql.Type("ID")).Comment("Who is owed; none where a person gave the credit to nobody."),
		field.String("commission_id").Optional().Nillable().Immutable().Annotations(textC(), entgql.Type("ID")).Comment("The commission as it was; none where nothing was earned."),
		field.String("new_commission_id").Optional().Nillable().Annotations(textC(), entgql.Type("ID")).Comment("The commission that took its place."),
		field.Enum("commission_kind").Values("CONVERSION", "ADJUSTMENT", "OVERRIDE", "TIER", "BONUS").Default("CONVERSION").Immutable().Comment("Of the commission: earned by credit, adjusted by hand, earned on the sale of somebody recruited, what a tier that counts for a whole period adds, or a bonus."),
		field.String("seller_id").Default("").Immutable().Annotations(textC(), entgql.Skip()).Comment("Whose sale it was earned on, for one of the upline."),
		field.Bool("waits").Default(false).Immutable().Annotations(entgql.Skip()).Comment("Whether it would wait until its affiliate is active in the program."),
		field.String("tier").Default("").Immutable().MaxLen(500).Annotations(entgql.Skip()).Comment("The tiers of the whole period at which it would stand."),
		field.String("once_key").Optional().Nillable().Immutable().MaxLen(300).Annotations(entgql.Skip(), textC()).Comment("What a bonus would be owed for once."),
		field.Int("level").Default(1).Immutable().Annotations(entgql.Skip()).Comment("Of the commission."),
		currency(),
		minorImmutable("before", "What was accrued."),
		minorImmutable("before_left", "What was left of it after refunds."),
		minorImmutable("after", "What would have been accrued."),
		minorImmutable("after_left", "What would be left of it."),
		field.Int64("absorbed_minor").Default(0).Immutable().Annotations(entgql.Skip()).Comment("How much of it the merchant would go on bearing."),
		field.Enum("outcome").Values("APPLIED", "SKIPPED").Optional().Nillable().Annotations(entgql.Skip()).Comment("What became of it."),
		field.String("seen").Default("").Immutable().MaxLen(64).Annotations(entgql.Skip()).Comment("Hash of the conversion as it was read."),
		hidden("trace", "Canonical bytes of the computation."),
	}
}

// Edges of SimulationDifference.
func (SimulationDifference) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("simulation", Simulation.Type).Unique().Field("simulation_id").Required().Immutable().Annotations(entgql.Skip()).Comment("The simulation."),
	}
}

// Indexes of SimulationDifference.
func (SimulationDifference) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "simulation_id", "kind", "id"),
		index.Fields("merchant_id", "conversion_id"),
	}
}

// Annotations of SimulationDifference.
func (SimulationDifference) Annotations() []schema.Annotation { return listed() }
