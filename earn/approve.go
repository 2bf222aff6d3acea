package earn

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// MaxApprovals is how many commissions one command approves.
const MaxApprovals = 100

// CommissionApproveInput names commissions.
type CommissionApproveInput struct {
	IDs []string // 1 to MaxApprovals, each once
}

// CommissionApproveOutcome names what was approved.
type CommissionApproveOutcome struct{ IDs []string }

// CommissionApprove makes pending commissions payable: all of them or none. A
// person may approve before the hold ends. Where the hold is counted from approval,
// it begins now, and they become payable when it ends. Errors, with the path ids.N: NOT_FOUND,
// WRONG_STATE for one that is not pending; INVALID or TOO_LARGE for the list.
func (s *Service) CommissionApprove(ctx context.Context, in CommissionApproveInput) (CommissionApproveOutcome, error) {
	if err := checkIDs(in.IDs); err != nil {
		return CommissionApproveOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "commissionApprove"}, func(ctx context.Context, tx *store.Tx) (CommissionApproveOutcome, error) {
		rows, err := lockCommissions(ctx, tx, in.IDs)
		if err != nil {
			return CommissionApproveOutcome{}, err
		}
		for i, id := range in.IDs {
			if err := approvable(rows[id], fmt.Sprintf("ids.%d", i)); err != nil {
				return CommissionApproveOutcome{}, err
			}
		}
		return CommissionApproveOutcome(in), s.approveIn(ctx, tx, rows)
	})
}

func checkIDs(ids []string) error {
	switch {
	case len(ids) == 0:
		return problem.At(problem.Invalid, "ids", "must not be empty")
	case len(ids) > MaxApprovals:
		return problem.At(problem.TooLarge, "ids", "must be at most %d", MaxApprovals)
	}
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			return problem.At(problem.Invalid, fmt.Sprintf("ids.%d", i), "is named twice")
		}
	}
	return nil
}

// approvable returns NOT_FOUND or WRONG_STATE unless the commission is pending and
// waits for nobody.
func approvable(c *ent.Commission, field string) error {
	if c == nil {
		return problem.At(problem.NotFound, field, "the commission was not found")
	}
	if c.Waits {
		return problem.At(problem.State, field, "the commission waits until its affiliate is active in the program again")
	}
	if c.Status == commission.StatusPENDING && c.AgreedAt != nil {
		return problem.At(problem.State, field, "the commission is approved and becomes payable when its hold ends")
	}
	if c.RateMissing {
		return problem.At(problem.State, field, "the commission waits for an exchange rate into %s", *c.PaidCurrency)
	}
	return move{c.Status, commission.StatusAPPROVED}.may(field)
}

// lockCommissions reads commissions, by id, under the locks of their conversions;
// what is not found is missing from the result. The first reading only finds out
// what to lock: a refund may be at work on what it saw.
func lockCommissions(ctx context.Context, tx *store.Tx, ids []string) (map[string]*ent.Commission, error) {
	query := tx.Ent().Commission.Query().Where(commission.IDIn(ids...))
	rows, err := query.Clone().All(ctx)
	if err != nil {
		return nil, err
	}
	var sales []string
	for _, c := range rows {
		if c.ConversionID != nil {
			sales = append(sales, *c.ConversionID)
		}
	}
	if err := tx.Lock(ctx, "conversions", sales...); err != nil {
		return nil, err
	}
	if err := holdTiersOf(ctx, tx, rows); err != nil {
		return nil, err
	}
	rows, err = query.All(ctx)
	byID := make(map[string]*ent.Commission, len(rows))
	for _, c := range rows {
		byID[c.ID] = c
	}
	return byID, err
}

// approveIn approves commissions that may be. It goes by affiliate and currency,
// so that two batches meet the same payable accounts in the same order and
// neither waits for the other's.
func (s *Service) approveIn(ctx context.Context, tx *store.Tx, rows map[string]*ent.Commission) error {
	sorted := make([]*ent.Commission, 0, len(rows))
	for _, c := range rows {
		sorted = append(sorted, c)
	}
	slices.SortFunc(sorted, func(a, b *ent.Commission) int {
		return cmp.Or(cmp.Compare(a.AffiliateID, b.AffiliateID), cmp.Compare(bookCurrency(a), bookCurrency(b)), cmp.Compare(a.ID, b.ID))
	})
	programs, err := programsOf(ctx, tx, sorted)
	if err == nil {
		err = s.lockPayables(ctx, tx, sorted)
	}
	if err != nil {
		return err
	}
	for _, c := range sorted {
		if err := s.approve(ctx, tx, programs[c.ProgramID], c); err != nil {
			return err
		}
	}
	if err := s.restateFor(ctx, tx, sorted, true, causeTier); err != nil {
		return err
	}
	return s.firstSales(ctx, tx, sorted)
}

func (s *Service) approve(ctx context.Context, tx *store.Tx, p *ent.Program, c *ent.Commission) error {
	if later, err := s.agree(ctx, tx, p, c); later || err != nil {
		return err
	}
	rest := money.Of(c.AmountMinor-c.ReversedMinor, c.Currency)
	x, err := restOf(c)
	if err != nil {
		return err
	}
	if err := s.ledger.ApproveIn(ctx, tx, booked(c), c.AffiliateID, x.Paid); err != nil {
		return err
	}
	err = tx.Ent().Commission.UpdateOne(c).SetStatus(commission.StatusAPPROVED).SetDecidedAt(tx.MerchantTime()).Exec(ctx)
	if err != nil {
		return err
	}
	emitCommission(tx, p, eventApproved, c, rest.Minor, from(c.Status))
	return nil
}
