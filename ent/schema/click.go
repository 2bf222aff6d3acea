package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Click is one recorded opening of a link. Rows arrive in batches from the click stream; no foreign key points here or leaves here.
type Click struct{ ent.Schema }

// Mixin of Click.
func (Click) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}}
}

// Fields of Click.
func (Click) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program promoted."),
		ref("affiliate_id", "Who sent the visitor."),
		ref("link_id", "The link opened."),
		field.Time("clicked_at").Immutable().Comment("When the link was opened."),
		field.Enum("kind").Values("HUMAN", "BOT", "PREFETCH", "DUPLICATE").Immutable().Comment("What kind of opening it was."),
		field.Bool("payable").Immutable().Comment("Whether it may earn credit."),
		field.String("reason").Default("").MaxLen(40).Immutable().Comment("Why it may not."),
		field.Bool("consent").Immutable().Comment("Whether the visitor allows identifiers."),
		stringMap("sub_ids", "The link's labels and those in the address."),
		field.String("referrer").Default("").MaxLen(500).Immutable().Annotations(personal()).Comment("Host and path the visitor came from."),
		field.String("agent").Default("").MaxLen(60).Immutable().Annotations(personal()).Comment("Family of the browser or program."),
		hidden("network_hash", "Keyed hash of the truncated address, for duplicates."),
		hidden("visitor_hash", "Keyed hash of link, truncated address and browser, for repeats that several servers answered."),
	}
}

// Indexes of Click. Each one is written for every visitor: an index without a
// list or a look-up that needs it costs more here than anywhere else.
func (Click) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "affiliate_id", "created_at", "id"),
		index.Fields("merchant_id", "link_id"),
	}
}

// Annotations of Click.
func (Click) Annotations() []schema.Annotation { return listed() }
