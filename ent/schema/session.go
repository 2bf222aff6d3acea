package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Session is one log-in and its chain of refresh tokens.
type Session struct{ ent.Schema }

// Mixin of Session.
func (Session) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of Session.
func (Session) Fields() []ent.Field {
	return []ent.Field{
		field.String("user_id").Immutable().Annotations(textC()).Comment("Who signed in."),
		field.String("family").Immutable().Annotations(textC()).Comment("All sessions that descend from one log-in."),
		field.Bytes("refresh_hash").Immutable().Unique().Comment("SHA-256 of the refresh token."),
		field.Time("expires_at").Immutable().Comment("When the refresh token ends."),
		field.Time("ended_at").Optional().Nillable().Comment("When it was used, replaced or logged out."),
		field.String("end_reason").Default("").MaxLen(40).Comment("Why it ended."),
	}
}

// Indexes of Session.
func (Session) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "user_id"),
		index.Fields("user_id"),
		index.Fields("family"),
	}
}

// Annotations of Session.
func (Session) Annotations() []schema.Annotation { return unlisted() }
