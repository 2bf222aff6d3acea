package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Integration is a shop or CRM that is connected to a program.
type Integration struct{ ent.Schema }

// Mixin of Integration.
func (Integration) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of Integration.
func (Integration) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program its orders go to."),
		field.Enum("provider").Values("SHOPIFY").Immutable().Comment("What is connected."),
		field.String("name").NotEmpty().MaxLen(120).Comment("What people call it."),
		field.String("order_scope").Default("").MaxLen(64).Immutable().Annotations(textC()).Comment("Sets apart shops whose order ids overlap (Q48)."),
		hidden("secret_sealed", "The signing secret, sealed."),
		hidden("prior_secret_sealed", "The secret before a rotation, still accepted until prior_until."),
		field.Time("prior_until").Optional().Nillable().Comment("Until when the secret before is accepted."),
		field.Enum("status").Values("ACTIVE", "DISABLED").Default("ACTIVE").Comment("A disabled integration accepts nothing."),
	}
}

// Edges of Integration.
func (Integration) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Comment("The program its orders go to."),
	}
}

// Indexes of Integration.
func (Integration) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "program_id"),
	}
}

// Annotations of Integration.
func (Integration) Annotations() []schema.Annotation { return listed() }
