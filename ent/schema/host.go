package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Host is a domain of a program: where links may lead, or the merchant's own domain that serves links.
type Host struct{ ent.Schema }

// Mixin of Host.
func (Host) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of Host.
func (Host) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program it belongs to."),
		field.String("name").NotEmpty().MaxLen(253).Immutable().Comment("Host name, lower case, without port."),
		field.Enum("purpose").Values("DESTINATION", "TRACKING").Immutable().Comment("Allowed target of links, or server of links."),
		field.String("tracking_name").Optional().Nillable().Unique().Immutable().Annotations(entgql.Skip(), textC()).Comment("The name again when it serves links: unique among all merchants."),
		field.Time("removed_at").Optional().Nillable().Comment("When the host was taken off the program."),
	}
}

// Edges of Host.
func (Host) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Comment("The program it belongs to."),
	}
}

// Indexes of Host.
func (Host) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "program_id", "purpose", "name").Unique(),
	}
}

// Annotations of Host.
func (Host) Annotations() []schema.Annotation { return listed() }
