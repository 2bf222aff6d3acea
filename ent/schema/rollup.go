package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Rollup is the numbers of a quarter of an hour by everything a report can ask by, or of an hour, a day or a month by what most do, kept by a follower of the journal.
type Rollup struct{ ent.Schema }

// Mixin of Rollup.
func (Rollup) Mixin() []ent.Mixin {
	return []ent.Mixin{Internal{}}
}

// Fields of Rollup.
func (Rollup) Fields() []ent.Field {
	return []ent.Field{
		field.String("digest").MaxLen(64).Immutable().Annotations(textC()).Comment("SHA-256 of all that names the bucket, in hexadecimal."),
		field.Enum("basis").Values("OPENED", "CLICK", "CONVERSION", "APPROVAL", "PAYOUT").Immutable().Comment("Which date the period is of; OPENED is clicks themselves, by when they were opened."),
		field.String("period").MaxLen(17).Immutable().Annotations(textC()).Comment("When it begins, YYYY-MM-DDTHH:MM in UTC, after a letter for its length: Q for a quarter of an hour, H for an hour, D and M for a day and a month where the merchant is. What is longer than a quarter keeps neither coupon, country, device, channel nor labels."),
		ref("program_id", "The program, or empty for payouts, which are of no one program."),
		ref("affiliate_id", "The affiliate, or empty for conversions without credit."),
		ref("link_id", "The link that was opened; empty when there is none."),
		field.String("coupon").Default("").MaxLen(255).Immutable().Annotations(textC()).Comment("The first code the buyer used."),
		field.String("country").Default("").MaxLen(2).Immutable().Comment("The buyer's country."),
		field.String("device").Default("").MaxLen(16).Immutable().Comment("What the buyer ordered on."),
		field.String("channel").Default("").MaxLen(255).Immutable().Annotations(textC()).Comment("Through which it was placed."),
		field.String("sub_ids").Default("").Immutable().Annotations(textC(), personal()).Comment("Canonical JSON of the labels that reports know."),
		field.String("currency").MaxLen(3).Immutable().Comment("Currency of the amounts; empty on rows that count clicks."),
		field.Int64("clicks").Default(0).Comment("Payable clicks."),
		field.Int64("clicks_unpayable").Default(0).Comment("Clicks that may not earn."),
		field.Int64("clicks_unique").Default(0).Comment("Openings by people, repeated ones left out."),
		field.Int64("conversions").Default(0).Comment("Accepted conversions."),
		field.Int64("leads").Default(0).Comment("Accepted conversions that are leads or sign-ups."),
		minorFromZero("sales", "Base of accepted conversions."),
		minorFromZero("refunded", "Base given back."),
		minorFromZero("pending", "Commission accrued and not payable."),
		minorFromZero("approved", "Commission that became payable, less what was reversed after."),
		minorFromZero("rejected", "Commission that was rejected."),
		minorFromZero("reversed", "Commission that was taken back."),
		minorFromZero("paid", "Payouts settled."),
	}
}

// Indexes of Rollup.
func (Rollup) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "digest").Unique(),
		index.Fields("merchant_id", "basis", "period"),
		index.Fields("merchant_id", "affiliate_id", "basis", "period"),
	}
}

// Annotations of Rollup.
func (Rollup) Annotations() []schema.Annotation { return unlisted() }
