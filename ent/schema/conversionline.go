package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// ConversionLine is one line of an order.
type ConversionLine struct{ ent.Schema }

// Mixin of ConversionLine.
func (ConversionLine) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of ConversionLine.
func (ConversionLine) Fields() []ent.Field {
	return []ent.Field{
		ref("conversion_id", "The order."),
		field.String("external_id").NotEmpty().MaxLen(128).Immutable().Annotations(textC()).Comment("The shop's id of the line: never the product's (Q06)."),
		field.String("product_id").Default("").MaxLen(128).Comment("The shop's product id."),
		field.String("sku").Default("").MaxLen(128).Comment("Stock keeping unit."),
		field.String("category").Default("").MaxLen(128).Comment("The product's category, in the source's words."),
		field.String("title").Default("").MaxLen(300).Comment("What was bought."),
		field.Int64("quantity").Annotations(entgql.Type("Int")).Comment("How many."),
		field.Bool("gift_card").Default(false).Comment("Gift cards earn nothing."),
		currency(),
		minor("amount", "The line after its discounts, before tax."),
		minorFromZero("tax", "Tax of the line."),
		minorFromZero("discount", "Discount already taken off."),
		minorFromZero("refunded", "How much of the line has been given back."),
	}
}

// Edges of ConversionLine.
func (ConversionLine) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("conversion", Conversion.Type).Ref("lines").Unique().Field("conversion_id").Required().Immutable().Comment("The order."),
	}
}

// Indexes of ConversionLine.
func (ConversionLine) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "conversion_id", "external_id").Unique(),
	}
}

// Annotations of ConversionLine.
func (ConversionLine) Annotations() []schema.Annotation { return plain() }
