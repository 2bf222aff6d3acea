package store

import (
	"context"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/affiliatemerge"
	"github.com/tributary/tributary/ent/clickday"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/dispute"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/ent/predicate"
	"github.com/tributary/tributary/ent/simulation"
	"github.com/tributary/tributary/ent/termsnotice"
	"github.com/tributary/tributary/internal/money"
)

// DueCommission names a commission whose hold has ended.
type DueCommission struct{ MerchantID, CommissionID string }

// survives is an affiliate who was merged into one who is active.
var survives = affiliate.And(affiliate.StatusEQ(affiliate.StatusARCHIVED),
	affiliate.HasMergesWith(affiliatemerge.HasSurvivorWith(affiliate.StatusEQ(affiliate.StatusACTIVE))))

// DoorDueCommissions finds pending commissions due by an instant, under plan
// versions that approve by themselves or approved before their hold, of active affiliates and of those merged into one, the longest due
// first: for the schedule, which serves all merchants at once and learns from
// here whose turn it is.
func (s *Store) DoorDueCommissions(ctx context.Context, by time.Time, limit int) ([]DueCommission, error) {
	return s.dueCommissions(ctx, limit, commission.DueAtLTE(by))
}

// DoorDueCommissionsOf is DoorDueCommissions of one merchant: a sandbox's clock
// runs ahead of the others'.
func (s *Store) DoorDueCommissionsOf(ctx context.Context, merchantID string, by time.Time, limit int) ([]DueCommission, error) {
	return s.dueCommissions(ctx, limit, commission.DueAtLTE(by), commission.MerchantID(merchantID))
}

// OverdueDispute names a dispute whose deadline has passed.
type OverdueDispute struct{ MerchantID, DisputeID string }

// DoorOverdueDisputes finds disputes that were not decided in time and not escalated,
// the longest overdue first, each by its own merchant's clock.
func (s *Store) DoorOverdueDisputes(ctx context.Context, limit int) ([]OverdueDispute, error) {
	out, err := s.overdueDisputes(ctx, limit, dispute.AnswerDueAtLTE(s.Now()))
	for _, sandbox := range s.MerchantsAhead() {
		if err != nil || len(out) >= limit {
			break
		}
		var more []OverdueDispute
		more, err = s.overdueDisputes(ctx, limit-len(out), dispute.MerchantID(sandbox), dispute.AnswerDueAtGT(s.Now()), dispute.AnswerDueAtLTE(s.MerchantTimeOf(sandbox)))
		out = append(out, more...)
	}
	return out, err
}

func (s *Store) overdueDisputes(ctx context.Context, limit int, due ...predicate.Dispute) ([]OverdueDispute, error) {
	rows, err := s.door.Dispute.Query().Where(due...).Where(dispute.DecidedAtIsNil(), dispute.EscalatedAtIsNil()).
		Order(ent.Asc(dispute.FieldAnswerDueAt, dispute.FieldID)).Limit(limit).Select(dispute.FieldID, dispute.FieldMerchantID).All(ctx)
	out := make([]OverdueDispute, len(rows))
	for i, d := range rows {
		out[i] = OverdueDispute{d.MerchantID, d.ID}
	}
	return out, present(err)
}

// RateWaiting is a commission that waits for a rate, and for which.
type RateWaiting struct {
	MerchantID, CommissionID string
	From, To                 money.Currency
	At                       time.Time
}

// DoorRateWaiting finds commissions that wait for an exchange rate, in the order of
// their ids, after one: rates are every merchant's.
func (s *Store) DoorRateWaiting(ctx context.Context, after string, limit int) ([]RateWaiting, error) {
	rows, err := s.door.Commission.Query().Where(commission.RateMissing(true), commission.IDGT(after), commission.PaidCurrencyNotNil()).
		Order(ent.Asc(commission.FieldID)).Limit(limit).
		Select(commission.FieldID, commission.FieldMerchantID, commission.FieldCurrency, commission.FieldPaidCurrency, commission.FieldEarnedAt).All(ctx)
	out := make([]RateWaiting, len(rows))
	for i, c := range rows {
		out[i] = RateWaiting{c.MerchantID, c.ID, c.Currency, *c.PaidCurrency, c.EarnedAt}
	}
	return out, present(err)
}

func (s *Store) dueCommissions(ctx context.Context, limit int, due ...predicate.Commission) ([]DueCommission, error) {
	rows, err := s.door.Commission.Query().Where(due...).
		Where(
			commission.StatusEQ(commission.StatusPENDING), commission.Waits(false), commission.RateMissing(false),
			commission.Or(commission.HasPlanVersionWith(planversion.AutoApprove(true)), commission.AgreedAtNotNil()),
			commission.HasAffiliateWith(affiliate.Or(affiliate.StatusEQ(affiliate.StatusACTIVE), survives)),
		).
		Order(ent.Asc(commission.FieldDueAt, commission.FieldID)).Limit(limit).
		Select(commission.FieldID, commission.FieldMerchantID).All(ctx)
	return dueOf(rows), present(err)
}

func dueOf(rows []*ent.Commission) []DueCommission {
	out := make([]DueCommission, len(rows))
	for i, c := range rows {
		out[i] = DueCommission{MerchantID: c.MerchantID, CommissionID: c.ID}
	}
	return out
}

// DoorWaitingCommissions finds commissions that waited for an affiliate who is active
// in the program now, or was archived: for the schedule, which serves all merchants.
func (s *Store) DoorWaitingCommissions(ctx context.Context, limit int) ([]DueCommission, error) {
	joined := func(c *entsql.Selector) {
		e := entsql.Table(enrollment.Table)
		c.Where(entsql.Exists(entsql.Select(e.C(enrollment.FieldID)).From(e).Where(entsql.And(
			entsql.ColumnsEQ(e.C(enrollment.FieldMerchantID), c.C(commission.FieldMerchantID)),
			entsql.ColumnsEQ(e.C(enrollment.FieldAffiliateID), c.C(commission.FieldAffiliateID)),
			entsql.ColumnsEQ(e.C(enrollment.FieldProgramID), c.C(commission.FieldProgramID)),
			entsql.EQ(e.C(enrollment.FieldStatus), string(enrollment.StatusACTIVE)),
		))))
	}
	merged := func(c *entsql.Selector) {
		m, e := entsql.Table(affiliatemerge.Table).As("m"), entsql.Table(enrollment.Table).As("e")
		c.Where(entsql.Exists(entsql.Select(m.C(affiliatemerge.FieldID)).From(m).Join(e).OnP(entsql.And(
			entsql.ColumnsEQ(e.C(enrollment.FieldMerchantID), m.C(affiliatemerge.FieldMerchantID)),
			entsql.ColumnsEQ(e.C(enrollment.FieldAffiliateID), m.C(affiliatemerge.FieldSurvivorID)),
		)).Where(entsql.And(
			entsql.ColumnsEQ(m.C(affiliatemerge.FieldMerchantID), c.C(commission.FieldMerchantID)),
			entsql.ColumnsEQ(m.C(affiliatemerge.FieldFromID), c.C(commission.FieldAffiliateID)),
			entsql.ColumnsEQ(e.C(enrollment.FieldProgramID), c.C(commission.FieldProgramID)),
			entsql.EQ(e.C(enrollment.FieldStatus), string(enrollment.StatusACTIVE)),
		))))
	}
	rows, err := s.door.Commission.Query().Where(
		commission.Waits(true), commission.StatusEQ(commission.StatusPENDING),
		commission.Or(
			commission.HasAffiliateWith(affiliate.StatusEQ(affiliate.StatusARCHIVED), affiliate.Not(affiliate.HasMerges())),
			commission.And(commission.HasAffiliateWith(survives), merged),
			commission.HasAffiliateWith(affiliate.HasMergesWith(affiliatemerge.HasSurvivorWith(affiliate.StatusEQ(affiliate.StatusARCHIVED)))),
			commission.And(commission.HasAffiliateWith(affiliate.StatusEQ(affiliate.StatusACTIVE)), joined),
		),
	).Order(ent.Asc(commission.FieldID)).Limit(limit).Select(commission.FieldID, commission.FieldMerchantID).All(ctx)
	return dueOf(rows), present(err)
}

// StaleSimulation names a simulation that nobody works on.
type StaleSimulation struct{ MerchantID, SimulationID string }

// DoorStaleSimulations finds simulations that are not finished and of which nobody has
// said since an instant that it works on them, of all merchants, the oldest first: for
// the schedule, which leaves them to be taken up again.
func (s *Store) DoorStaleSimulations(ctx context.Context, since time.Time, limit int) ([]StaleSimulation, error) {
	rows, err := s.door.Simulation.Query().Where(
		simulation.StatusIn(simulation.StatusQUEUED, simulation.StatusRUNNING, simulation.StatusAPPLYING), simulation.BeatAtLT(since),
	).Order(ent.Asc(simulation.FieldBeatAt, simulation.FieldID)).Limit(limit).Select(simulation.FieldID, simulation.FieldMerchantID).All(ctx)
	out := make([]StaleSimulation, len(rows))
	for i, r := range rows {
		out[i] = StaleSimulation{MerchantID: r.MerchantID, SimulationID: r.ID}
	}
	return out, present(err)
}

// DueClickDay names a day whose clicks are to be counted.
type DueClickDay struct{ MerchantID, ClickDayID string }

// DoorDueClickDays finds days of clicks that are due, the longest due first, each by
// its own merchant's clock: for the schedule, which serves all merchants.
func (s *Store) DoorDueClickDays(ctx context.Context, limit int) ([]DueClickDay, error) {
	out, err := s.dueClickDays(ctx, limit, clickday.DueAtLTE(s.Now()))
	for _, sandbox := range s.MerchantsAhead() {
		if err != nil || len(out) >= limit {
			break
		}
		var more []DueClickDay
		more, err = s.dueClickDays(ctx, limit-len(out), clickday.MerchantID(sandbox), clickday.DueAtGT(s.Now()), clickday.DueAtLTE(s.MerchantTimeOf(sandbox)))
		out = append(out, more...)
	}
	return out, err
}

// DoorDueClickDaysOf is DoorDueClickDays of one merchant.
func (s *Store) DoorDueClickDaysOf(ctx context.Context, merchantID string, limit int) ([]DueClickDay, error) {
	return s.dueClickDays(ctx, limit, clickday.MerchantID(merchantID), clickday.DueAtLTE(s.MerchantTimeOf(merchantID)))
}

func (s *Store) dueClickDays(ctx context.Context, limit int, due ...predicate.ClickDay) ([]DueClickDay, error) {
	rows, err := s.door.ClickDay.Query().Where(due...).Where(clickday.DueAtNotNil()).
		Order(ent.Asc(clickday.FieldDueAt, clickday.FieldID)).Limit(limit).Select(clickday.FieldID, clickday.FieldMerchantID).All(ctx)
	out := make([]DueClickDay, len(rows))
	for i, d := range rows {
		out[i] = DueClickDay{d.MerchantID, d.ID}
	}
	return out, present(err)
}

// OpenTermsNotice names terms of which not everybody has been told.
type OpenTermsNotice struct{ MerchantID, NoticeID string }

// DoorOpenTermsNotices finds terms of which not everybody has been told, the oldest
// first: for the schedule, which serves all merchants.
func (s *Store) DoorOpenTermsNotices(ctx context.Context, limit int) ([]OpenTermsNotice, error) {
	rows, err := s.door.TermsNotice.Query().Where(termsnotice.DoneAtIsNil()).
		Order(ent.Asc(termsnotice.FieldID)).Limit(limit).Select(termsnotice.FieldID, termsnotice.FieldMerchantID).All(ctx)
	out := make([]OpenTermsNotice, len(rows))
	for i, n := range rows {
		out[i] = OpenTermsNotice{n.MerchantID, n.ID}
	}
	return out, present(err)
}
