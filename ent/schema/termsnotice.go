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

// TermsNotice is how far the affiliates of a program have been told of its new terms.
type TermsNotice struct{ ent.Schema }

// Mixin of TermsNotice.
func (TermsNotice) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of TermsNotice.
func (TermsNotice) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program."),
		ref("plan_version_id", "The new terms."),
		field.String("told").Default("").MaxLen(40).Annotations(textC()).Comment("The last enrollment, in the order of ids, whose affiliate has been told."),
		field.Time("done_at").Optional().Nillable().Comment("When all had been told."),
	}
}

// Edges of TermsNotice.
func (TermsNotice) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Annotations(entgql.Skip()).Comment("The program."),
		edge.To("plan_version", PlanVersion.Type).Unique().Field("plan_version_id").Required().Immutable().Annotations(entgql.Skip()).Comment("The new terms."),
	}
}

// Indexes of TermsNotice.
func (TermsNotice) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "plan_version_id").Unique(),
		index.Fields("merchant_id", "program_id"),
		index.Fields("id").Annotations(entsql.IndexWhere("done_at IS NULL")),
	}
}

// Annotations of TermsNotice.
func (TermsNotice) Annotations() []schema.Annotation { return unlisted() }
