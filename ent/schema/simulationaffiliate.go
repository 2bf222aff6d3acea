package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// SimulationAffiliate is what an affiliate has of the period of a simulation, and would have.
type SimulationAffiliate struct{ ent.Schema }

// Mixin of SimulationAffiliate.
func (SimulationAffiliate) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of SimulationAffiliate.
func (SimulationAffiliate) Fields() []ent.Field {
	return []ent.Field{
		field.String("simulation_id").Immutable().Annotations(textC(), entgql.Skip()).Comment("The simulation."),
		field.String("affiliate_id").Immutable().Annotations(textC(), entgql.Type("ID")).Comment("The affiliate."),
		currency(),
		minorImmutable("before", "What is left of what it earned."),
		minorImmutable("after", "What would be left."),
	}
}

// Edges of SimulationAffiliate.
func (SimulationAffiliate) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("simulation", Simulation.Type).Unique().Field("simulation_id").Required().Immutable().Annotations(entgql.Skip()).Comment("The simulation."),
		edge.To("affiliate", Affiliate.Type).Unique().Field("affiliate_id").Required().Immutable().Annotations(entgql.Skip()).Comment("The affiliate."),
	}
}

// Indexes of SimulationAffiliate.
func (SimulationAffiliate) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "simulation_id", "affiliate_id", "currency").Unique(),
		index.Fields("merchant_id", "affiliate_id"),
	}
}

// Annotations of SimulationAffiliate.
func (SimulationAffiliate) Annotations() []schema.Annotation { return listed() }
