package pay

import (
	"context"
	"slices"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/ent/payoutmethod"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
)

// lookStep bounds how many ids one look-up names.
const lookStep = 500

// eligible gives what is to be paid: the payable balances, under their locks, of
// affiliates who are active now (Q68), at or above the threshold. A debt has been
// netted by being in the balance (Q67). What is left out stays payable.
func (s *Service) eligible(ctx context.Context, tx *store.Tx, in BatchCreateInput) ([]ledger.Payable, error) {
	all, err := s.ledger.Payables(ctx, tx, in.Currency)
	if err != nil {
		return nil, err
	}
	if len(in.AffiliateIDs) > 0 {
		all = slices.DeleteFunc(all, func(p ledger.Payable) bool { return !slices.Contains(in.AffiliateIDs, p.AffiliateID) })
	}
	active, err := activeOf(ctx, tx, all)
	if err != nil {
		return nil, err
	}
	least, err := thresholds(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(p ledger.Payable) bool {
		return !active[p.AffiliateID] || p.Amount.Minor <= 0 || p.Amount.Minor < least(p.AffiliateID)
	}), nil
}

func idsOf(all []ledger.Payable) []string {
	ids := make([]string, len(all))
	for i, p := range all {
		ids[i] = p.AffiliateID
	}
	return ids
}

// activeOf says which affiliates are active.
func activeOf(ctx context.Context, tx *store.Tx, all []ledger.Payable) (map[string]bool, error) {
	active := map[string]bool{}
	for ids := range slices.Chunk(idsOf(all), lookStep) {
		found, err := tx.Ent().Affiliate.Query().Where(affiliate.IDIn(ids...), affiliate.StatusEQ(affiliate.StatusACTIVE)).IDs(ctx)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			active[id] = true
		}
	}
	return active, nil
}

// thresholds gives the smallest pay-out of an affiliate: the one asked for, else
// the largest of the programs in this currency that the affiliate is in, else
// nothing.
func thresholds(ctx context.Context, tx *store.Tx, in BatchCreateInput) (func(affiliateID string) int64, error) {
	if in.Threshold != nil {
		return func(string) int64 { return in.Threshold.Minor }, nil
	}
	programs, err := tx.Ent().Program.Query().
		Where(program.CurrencyEQ(in.Currency), program.ThresholdMinorGT(0)).
		All(ctx)
	if err != nil || len(programs) == 0 {
		return func(string) int64 { return 0 }, err
	}
	least := map[string]int64{}
	for _, p := range programs {
		members, err := tx.Ent().Enrollment.Query().
			Where(enrollment.ProgramID(p.ID), enrollment.StatusEQ(enrollment.StatusACTIVE)).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			least[m.AffiliateID] = max(least[m.AffiliateID], p.ThresholdMinor)
		}
	}
	return func(affiliateID string) int64 { return least[affiliateID] }, nil
}

// methodsOf finds the active methods of affiliates.
func methodsOf(ctx context.Context, tx *store.Tx, all []ledger.Payable) (map[string]*ent.PayoutMethod, error) {
	methods := map[string]*ent.PayoutMethod{}
	for ids := range slices.Chunk(idsOf(all), lookStep) {
		found, err := tx.Ent().PayoutMethod.Query().
			Where(payoutmethod.AffiliateIDIn(ids...), payoutmethod.StatusEQ(payoutmethod.StatusACTIVE)).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			methods[m.AffiliateID] = m
		}
	}
	return methods, nil
}

// sum adds up what is to be paid, in minor units.
func sum(all []ledger.Payable, c money.Currency) (money.Money, error) {
	total := money.Zero(c)
	for _, p := range all {
		var err error
		if total, err = total.Add(p.Amount); err != nil {
			return total, err
		}
	}
	return total, nil
}
