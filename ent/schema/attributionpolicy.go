package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// AttributionPolicy is one version of a program's rules on credit.
type AttributionPolicy struct{ ent.Schema }

// Mixin of AttributionPolicy.
func (AttributionPolicy) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of AttributionPolicy.
func (AttributionPolicy) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program."),
		field.Int("number").Immutable().Comment("Version, from 1."),
		field.Int64("window_seconds").Immutable().Annotations(entgql.Skip()).Comment("How long after a touch a conversion still earns."),
		field.Bytes("document").Immutable().Annotations(entgql.Skip()).Comment("The policy's canonical bytes."),
		field.Time("valid_from").Immutable().Comment("First instant it applies."),
	}
}

// Edges of AttributionPolicy.
func (AttributionPolicy) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Comment("The program."),
	}
}

// Indexes of AttributionPolicy.
func (AttributionPolicy) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "program_id", "number").Unique(),
	}
}

// Annotations of AttributionPolicy.
func (AttributionPolicy) Annotations() []schema.Annotation { return listed() }
