package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/tributary/tributary/internal/money"
)

// Commission is money owed to an affiliate for credit under a plan version, or by a manual adjustment with a reason.
type Commission struct{ ent.Schema }

// Mixin of Commission.
func (Commission) Mixin() []ent.Mixin {
	return []ent.Mixin{Owned{}, Edited{}}
}

// Fields of Commission.
func (Commission) Fields() []ent.Field {
	return []ent.Field{
		field.String("conversion_id").Optional().Nillable().Immutable().Annotations(textC()).Comment("What it is owed for; none for an adjustment."),
		field.String("attribution_id").Optional().Nillable().Immutable().Annotations(textC()).Comment("The decision that gave credit."),
		field.String("plan_version_id").Optional().Nillable().Immutable().Annotations(textC()).Comment("The terms that made the amount."),
		ref("program_id", "The program that pays."),
		ref("affiliate_id", "Who is owed."),
		field.Enum("kind").Values("CONVERSION", "ADJUSTMENT", "OVERRIDE", "TIER", "BONUS", "SIGNUP_BONUS", "RECRUITER_BONUS", "CLICK").Immutable().Comment("Earned by credit, adjusted by hand, earned on the sale of somebody recruited, what a tier that counts for a whole period adds to what was earned, a bonus, or for the clicks of a day."),
		field.Int("level").Default(1).Immutable().Comment("1 is the affiliate who got credit, 2 its recruiter and so on; what an edit added is 100 higher, what a second one added 200."),
		field.String("seller_id").Default("").Immutable().Annotations(textC(), entgql.Skip()).Comment("Whose sale it was earned on, for one of the upline; empty for who got credit."),
		field.Bool("waits").Default(false).Comment("Waits until its affiliate is active in the program again; it is not approved before."),
		field.Enum("status").Values("PENDING", "APPROVED", "REJECTED", "REVERSED").Default("PENDING").Comment("Only approved commission becomes payable."),
		field.String("reason").Default("").MaxLen(500).Annotations(personal()).Comment("Why it was rejected, reversed or adjusted."),
		currency(),
		minorImmutable("base", "What it was computed from."),
		minorImmutable("amount", "What was accrued."),
		minorFromZero("reversed", "How much of it was taken back."),
		minorFromZero("absorbed", "How much of what refunds would have taken back the merchant has borne."),
		field.Enum("reason_code").Values("BONUS", "CORRECTION", "GOODWILL", "CLAWBACK", "DISPUTE", "OTHER").Optional().Nillable().Annotations(entgql.Type("AdjustmentReason")).Comment("Of which sort the reason is; none unless it was adjusted by hand."),
		field.String("undone_because").Default("").MaxLen(500).Annotations(personal()).Comment("Why an adjustment was taken back, when it was."),
		field.String("paid_currency").GoType(money.Currency("")).Optional().Nillable().Immutable().MaxLen(3).Annotations(entgql.Skip(), textC()).Comment("ISO 4217 code of what it is paid in; none when that is what it was earned in."),
		field.Int64("paid_amount").Default(0).Annotations(entgql.Skip()).Comment("What was accrued, in minor units of the currency it is paid in."),
		field.Bool("rate_missing").Default(false).Annotations(entgql.Skip()).Comment("Whether it waits for a rate to be converted by."),
		frozenText("rate_source", "Who published the rates."),
		frozenText("rate_day", "The day of the older rate, as 2026-03-31."),
		frozenText("rate_from", "What one of the base cost in what it was earned in."),
		frozenText("rate_to", "What one of the base cost in what it is paid in."),
		frozenText("rate_from_id", "The rate's row; none for the base itself."),
		frozenText("rate_to_id", "The rate's row; none for the base itself."),
		field.Time("earned_at").Immutable().Comment("When the event that earned it happened."),
		field.Time("due_at").Optional().Nillable().Comment("When the hold ends."),
		field.Time("decided_at").Optional().Nillable().Comment("When it was approved or rejected."),
		field.Time("superseded_at").Optional().Nillable().Comment("When another decision on credit took the place of the one that made it; it is taken back whole, and nothing is given on it again."),
		field.String("tier").Default("").MaxLen(500).Annotations(entgql.Skip()).Comment("The tiers that count for a whole period and at which it stands, by rule."),
		field.String("once_key").Optional().Nillable().Immutable().MaxLen(300).Annotations(entgql.Skip(), textC()).Comment("What it is owed for once, where that is no conversion."),
		field.Time("agreed_at").Optional().Nillable().Comment("When it was approved, where the hold is counted from then."),
		field.String("book_id").Optional().Nillable().Immutable().Annotations(textC(), entgql.Skip()).Comment("The commission that the book knows it by: the first of those whose place it took one after the other; none when it took nobody's."),
		field.Bytes("trace").Optional().Immutable().Annotations(entgql.Skip()).Comment("Canonical bytes of the computation."),
	}
}

// Edges of Commission.
func (Commission) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("conversion", Conversion.Type).Ref("commissions").Unique().Field("conversion_id").Immutable().Comment("What it is owed for."),
		edge.To("attribution", Attribution.Type).Unique().Field("attribution_id").Immutable().Comment("The decision that gave credit."),
		edge.To("plan_version", PlanVersion.Type).Unique().Field("plan_version_id").Immutable().Comment("The terms that made the amount."),
		edge.To("program", Program.Type).Unique().Field("program_id").Required().Immutable().Comment("The program that pays."),
		edge.To("affiliate", Affiliate.Type).Unique().Field("affiliate_id").Required().Immutable().Comment("Who is owed."),
	}
}

// Indexes of Commission.
func (Commission) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("merchant_id", "conversion_id", "level", "affiliate_id", "plan_version_id", "seller_id").Unique().Annotations(entsql.IndexWhere("superseded_at IS NULL")),
		index.Fields("merchant_id", "conversion_id"), // the one above leaves out what was superseded
		index.Fields("merchant_id", "affiliate_id", "created_at", "id"),
		index.Fields("merchant_id", "program_id", "affiliate_id", "earned_at"), // what tiers count
		index.Fields("merchant_id", "program_id", "earned_at"),                 // what budgets have paid
		index.Fields("merchant_id", "attribution_id"),
		index.Fields("merchant_id", "plan_version_id"),
		index.Fields("merchant_id", "status", "due_at"),
		index.Fields("status", "due_at"),
		index.Fields("merchant_id", "once_key").Unique().Annotations(entsql.IndexWhere("once_key IS NOT NULL")),
		index.Fields("id").Annotations(entsql.IndexWhere("rate_missing")),
	}
}

// Annotations of Commission.
func (Commission) Annotations() []schema.Annotation { return listed() }
