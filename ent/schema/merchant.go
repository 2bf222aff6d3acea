package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"

	"github.com/tributary/tributary/internal/money"
)

// Merchant is a company that runs programs. Every live merchant has a test twin, another row that the same wall keeps apart.
type Merchant struct{ ent.Schema }

// Mixin of Merchant.
func (Merchant) Mixin() []ent.Mixin {
	return []ent.Mixin{Global{}, Edited{}}
}

// Fields of Merchant.
func (Merchant) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").NotEmpty().MaxLen(200).Comment("The merchant's trading name."),
		field.Enum("mode").Values("LIVE", "TEST").Immutable().Comment("Whether money here is real."),
		field.String("twin_id").Optional().Annotations(entgql.Skip(), textC()).Comment("The same merchant in the other mode."),
		field.String("currency").GoType(money.Currency("")).MaxLen(3).Annotations(entgql.Type("CurrencyCode")).Comment("Default currency of new programs."),
		field.String("time_zone").Default("UTC").MaxLen(64).Comment("IANA zone of reports and new programs; it never changes, since numbers are kept by its days."),
		field.Int64("clock_ahead_ms").Default(0).Annotations(entgql.Skip()).Comment("How far a sandbox's clock was put forward; nothing for a live merchant."),
	}
}

// Annotations of Merchant.
func (Merchant) Annotations() []schema.Annotation { return plain() }
