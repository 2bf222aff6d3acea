package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// ExportPart is a piece of an export's file.
type ExportPart struct{ ent.Schema }

// Mixin of ExportPart.
func (ExportPart) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of ExportPart.
func (ExportPart) Fields() []ent.Field {
	return []ent.Field{
		ref("export_id", "The export."),
		field.Int64("first").Immutable().Comment("Place of its first byte in the file."),
		field.Bytes("content").Immutable().Annotations(personal()).Comment("The bytes."),
	}
}

// Edges of ExportPart.
func (ExportPart) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("export", Export.Type).Unique().Field("export_id").Required().Immutable().Annotations(entgql.Skip()).Comment("The export."),
	}
}

// Indexes of ExportPart.
func (ExportPart) Indexes() []ent.Index {
	return []ent.Index{index.Fields("merchant_id", "export_id", "first").Unique()}
}

// Annotations of ExportPart.
func (ExportPart) Annotations() []schema.Annotation { return unlisted() }
