package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Export is a list or report that is being written into a file, or has been.
type Export struct{ ent.Schema }

// Mixin of Export.
func (Export) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of Export.
func (Export) Fields() []ent.Field {
	return []ent.Field{
		field.String("principal").Immutable().Annotations(textC()).Comment("The person or token who asked, with whose rights it is read."),
		field.Bool("person").Immutable().Comment("Whether that is a person."),
		field.String("scopes").Default("").MaxLen(2000).Immutable().Comment("What a token could do then; it does no more."),
		field.String("name").MaxLen(120).Immutable().Annotations(personal()).Comment("Of the file."),
		field.Enum("format").Values("CSV", "JSONL").Immutable().Comment("Form of the file."),
		hidden("document", "The query."),
		field.Enum("status").Values("QUEUED", "RUNNING", "DONE", "FAILED").Default("QUEUED").Comment("Where it stands."),
		field.String("reason").Default("").MaxLen(500).Comment("Why it failed."),
		field.String("cursor").Default("").MaxLen(500).Comment("Where the next page begins."),
		field.Int64("rows").Default(0).Comment("How many rows have been written."),
		field.Int64("bytes").Default(0).Comment("How many bytes they take."),
		field.Int("parts").Default(0).Comment("In how many parts."),
		field.Time("finished_at").Optional().Nillable().Comment("When the last row was written."),
		field.Time("expires_at").Comment("When it is deleted."),
		field.Time("beat_at").Comment("When whoever works on it last said so."),
		field.Int("holder").Default(0).Comment("Counts who took the work up; only the last one writes."),
	}
}

// Indexes of Export.
func (Export) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "principal", "id"),
		index.Fields("status", "beat_at"),
		index.Fields("expires_at"),
	}
}

// Annotations of Export.
func (Export) Annotations() []schema.Annotation { return unlisted() }
