package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Link sends visitors to a destination and names the affiliate who earns.
type Link struct{ ent.Schema }

// Mixin of Link.
func (Link) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of Link.
func (Link) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program it promotes."),
		field.String("affiliate_id").Annotations(textC()).Comment("Who earns from it."),
		refOptional("host_id", "The merchant's own domain that serves it; none means the platform's."),
		field.Uint64("number").Immutable().Unique().Annotations(entgql.Skip()).Comment("Short global number carried by click tokens, below 2^40."),
		field.String("host_key").Default("").MaxLen(253).Immutable().Annotations(entgql.Skip(), textC()).Comment("Name of the serving host, empty for the platform's."),
		field.String("slug").NotEmpty().MaxLen(64).Immutable().Annotations(textC()).Comment("Last part of the link's address."),
		field.String("destination").NotEmpty().MaxLen(2048).Comment("Where visitors are sent, on one of the program's hosts."),
		stringMap("sub_ids", "The affiliate's own labels, carried to every click and conversion."),
		field.Enum("status").Values("ACTIVE", "ARCHIVED").Default("ACTIVE").Comment("An archived link leads to the program's fallback."),
	}
}

// Edges of Link.
func (Link) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Comment("The program it promotes."),
		edge.From("affiliate", Affiliate.Type).Ref("links").Unique().Field("affiliate_id").Required().Comment("Who earns from it."),
		edge.To("host", Host.Type).Unique().Field("host_id").Comment("The domain that serves it."),
	}
}

// Indexes of Link.
func (Link) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("host_key", "slug").Unique(),
		index.Fields("merchant_id", "program_id"),
		index.Fields("merchant_id", "affiliate_id", "created_at", "id"),
		index.Fields("merchant_id", "host_id"),
	}
}

// Annotations of Link.
func (Link) Annotations() []schema.Annotation { return listed() }
