package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Enrollment is an affiliate's place in a program.
type Enrollment struct{ ent.Schema }

// Mixin of Enrollment.
func (Enrollment) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of Enrollment.
func (Enrollment) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program joined."),
		ref("affiliate_id", "Who joined."),
		field.Enum("status").Values("PENDING", "ACTIVE", "ENDED").Default("ACTIVE").Comment("Only an active enrollment earns."),
	}
}

// Edges of Enrollment.
func (Enrollment) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Comment("The program joined."),
		edge.From("affiliate", Affiliate.Type).Ref("enrollments").Unique().Field("affiliate_id").Required().Immutable().Comment("Who joined."),
	}
}

// Indexes of Enrollment.
func (Enrollment) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "program_id", "affiliate_id").Unique(),
		index.Fields("merchant_id", "affiliate_id"),
	}
}

// Annotations of Enrollment.
func (Enrollment) Annotations() []schema.Annotation { return listed() }
