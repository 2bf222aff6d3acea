package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tributary/tributary/internal/money"
)

// ExchangeRate is what one unit of a source's base currency cost on a day.
// Append-only: what a commission was converted by stays what the source said.
type ExchangeRate struct{ ent.Schema }

// Mixin of ExchangeRate.
func (ExchangeRate) Mixin() []ent.Mixin {
	return []ent.Mixin{Global{}}
}

// Fields of ExchangeRate.
func (ExchangeRate) Fields() []ent.Field {
	return []ent.Field{
		field.String("source").Immutable().MaxLen(20).Annotations(textC()).Comment("Who published it, such as ECB."),
		field.String("day").Immutable().MaxLen(10).Annotations(textC()).Comment("The day it is for, as 2026-03-31."),
		field.String("currency").GoType(money.Currency("")).Immutable().MaxLen(3).Annotations(textC()).Comment("ISO 4217 code."),
		field.Int64("mantissa").Immutable().Comment("The rate without its point: units of the currency for one of the base."),
		field.Int("scale").Immutable().Comment("How many of the mantissa's digits stand after the point."),
	}
}

// Indexes of ExchangeRate.
func (ExchangeRate) Indexes() []ent.Index {
	return []ent.Index{index.Fields("source", "currency", "day").Unique()}
}

// Annotations of ExchangeRate.
func (ExchangeRate) Annotations() []schema.Annotation { return unlisted() }
