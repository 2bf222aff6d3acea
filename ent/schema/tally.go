package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Tally is a running sum of a program's day for one affiliate and currency, kept by a follower of the journal.
type Tally struct{ ent.Schema }

// Mixin of Tally.
func (Tally) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of Tally.
func (Tally) Fields() []ent.Field {
	return []ent.Field{
		ref("program_id", "The program, or empty for payouts, which are of no one program."),
		ref("affiliate_id", "The affiliate, or empty for conversions without credit."),
		field.String("day").MaxLen(10).Immutable().Annotations(textC()).Comment("Day in the program's time zone, YYYY-MM-DD."),
		field.String("currency").MaxLen(3).Immutable().Comment("Currency of the amounts; empty on the row that counts clicks."),
		field.Int64("clicks").Default(0).Comment("Payable clicks."),
		field.Int64("clicks_unpayable").Default(0).Comment("Clicks that may not earn."),
		field.Int64("conversions").Default(0).Comment("Accepted conversions."),
		minorFromZero("sales", "Base of accepted conversions."),
		minorFromZero("refunded", "Base given back."),
		minorFromZero("accrued", "Commission accrued, less what was reversed or rejected."),
		minorFromZero("approved", "Commission that became payable, less what was reversed after."),
		minorFromZero("paid", "Payouts settled."),
	}
}

// Indexes of Tally.
func (Tally) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "program_id", "affiliate_id", "day", "currency").Unique(),
		index.Fields("merchant_id", "affiliate_id", "day"),
	}
}

// Annotations of Tally.
func (Tally) Annotations() []schema.Annotation { return unlisted() }
