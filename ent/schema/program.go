package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"

	"github.com/tributary/tributary/internal/money"
)

// Program is what affiliates join: its hosts, currency, time zone and pay-out threshold.
type Program struct{ ent.Schema }

// Mixin of Program.
func (Program) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of Program.
func (Program) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").NotEmpty().MaxLen(200).Comment("Name shown to affiliates."),
		field.Enum("status").Values("ACTIVE", "PAUSED", "ARCHIVED").Default("ACTIVE").Comment("Only an active program earns."),
		field.Enum("admission").Values("OPEN", "APPROVAL", "PRIVATE").Default("APPROVAL").Comment("How affiliates get in."),
		field.String("currency").GoType(money.Currency("")).MaxLen(3).Annotations(entgql.Type("CurrencyCode")).Comment("Default currency of fixed amounts and of the threshold."),
		field.String("time_zone").Default("UTC").MaxLen(64).Comment("IANA zone in which days begin and end."),
		field.String("fallback_url").NotEmpty().MaxLen(2048).Comment("Where visitors go when a link cannot earn."),
		payoutCurrency("What its affiliates are paid in unless they say otherwise; none is the currency of each order."),
		field.Int("dispute_days").Default(60).Comment("How many days after a sale an affiliate may dispute it."),
		field.Int("dispute_answer_days").Default(30).Comment("How many days the merchant has to decide a dispute."),
		field.Enum("dispute_overdue").Values("ACCEPT", "DECLINE", "ESCALATE").Default("ESCALATE").Comment("What becomes of a dispute that was not decided in time."),
		minorFromZero("threshold", "Smallest pay-out, in the program's currency."),
	}
}

// Annotations of Program.
func (Program) Annotations() []schema.Annotation { return listed() }
