package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Touch is a contact that may earn credit for a customer: a click or a coupon used.
type Touch struct{ ent.Schema }

// Mixin of Touch.
func (Touch) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of Touch.
func (Touch) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program promoted."),
		ref("affiliate_id", "Whose contact it was."),
		field.String("customer_id").Optional().Nillable().Immutable().Annotations(textC()).Comment("The buyer, once known."),
		field.Enum("kind").Values("CLICK", "COUPON").Immutable().Comment("What kind of contact."),
		field.String("click_id").Optional().Nillable().Immutable().Annotations(textC()).Comment("The click, for a click."),
		field.String("link_id").Optional().Nillable().Immutable().Annotations(textC()).Comment("The link, for a click."),
		field.String("coupon_id").Optional().Nillable().Immutable().Annotations(textC()).Comment("The coupon, for a coupon."),
		field.Time("touched_at").Immutable().Comment("When it happened."),
		field.Bool("payable").Immutable().Default(true).Comment("Whether it may earn credit."),
		field.String("reason").Default("").MaxLen(40).Immutable().Comment("Why it may not."),
	}
}

// Indexes of Touch.
func (Touch) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "customer_id", "touched_at"),
		index.Fields("merchant_id", "program_id"),
		index.Fields("merchant_id", "affiliate_id"),
		index.Fields("merchant_id", "link_id"),
		index.Fields("merchant_id", "coupon_id"),
		index.Fields("merchant_id", "customer_id", "click_id").Unique(),
	}
}

// Annotations of Touch.
func (Touch) Annotations() []schema.Annotation { return unlisted() }
