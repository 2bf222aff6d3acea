package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// FieldMap is a version of what the merchant says about the fields of one kind of record of an integration; the highest number is in force.
type FieldMap struct{ ent.Schema }

// Mixin of FieldMap.
func (FieldMap) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of FieldMap.
func (FieldMap) Fields() []ent.Field {
	return []ent.Field{
		ref("integration_id", "Whose fields they are."),
		field.Enum("kind").Values("CUSTOMER", "AFFILIATE", "DEAL").Immutable().Comment("The kind of record."),
		field.Int("number").Immutable().Comment("Counts the versions."),
		field.Bytes("document").Immutable().Comment("What the merchant says, over the provider's defaults."),
		field.Bytes("slots").Immutable().Comment("The fields of the account that it names, as they were when it was checked."),
	}
}

// Edges of FieldMap.
func (FieldMap) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("integration", Integration.Type).Unique().Field("integration_id").Required().Immutable().Annotations(entgql.Skip()).Comment("Whose fields they are."),
	}
}

// Indexes of FieldMap.
func (FieldMap) Indexes() []ent.Index {
	return []ent.Index{index.Fields("merchant_id", "integration_id", "kind", "number").Unique()}
}

// Annotations of FieldMap.
func (FieldMap) Annotations() []schema.Annotation { return unlisted() }
