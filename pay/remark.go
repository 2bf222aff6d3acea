package pay

import (
	"context"
	"slices"

	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/payout"
	"github.com/tributary/tributary/ledger"
)

// remarkPage is how many rows one query explains.
const remarkPage = 500

// undone marks why an adjustment was taken back, or a payout was sent back, beside why
// it was made.
const undone = "undone "

// remark says why, in rows of which the book does not: the reason of an
// adjustment, a rejection or a reversal, the bank's reference of a payout, and why
// one was given back. The book itself holds no such words: people write names into
// them, and it cannot forget.
func (s *Service) remark(ctx context.Context, rows []StatementRow) error {
	for page := range slices.Chunk(rows, remarkPage) {
		var commissions, payouts []string
		for _, r := range page {
			switch r.Kind {
			case ledger.Adjustment, ledger.Rejection, ledger.Reversal:
				commissions = append(commissions, r.SubjectID)
			case ledger.Payout, ledger.Release, ledger.Return:
				payouts = append(payouts, r.SubjectID)
			}
		}
		words, err := s.words(ctx, commissions, payouts)
		if err != nil {
			return err
		}
		for i, r := range page {
			if r.Memo != "" || !r.explained() {
				continue
			}
			page[i].Memo = words[r.SubjectID]
			if later := words[undone+r.SubjectID]; later != "" && (r.Kind == ledger.Reversal || r.Kind == ledger.Return) {
				page[i].Memo = later
			}
		}
	}
	return nil
}

// explained reports whether the words of the subject are about this row.
func (r StatementRow) explained() bool {
	switch r.Kind {
	case ledger.Adjustment, ledger.Rejection, ledger.Reversal, ledger.Payout, ledger.Release, ledger.Return:
		return true
	}
	return false
}

// words are what rows say of themselves, by id.
func (s *Service) words(ctx context.Context, commissions, payouts []string) (map[string]string, error) {
	words := map[string]string{}
	if len(commissions) > 0 {
		rows, err := s.store.Client().Commission.Query().Where(commission.IDIn(commissions...), commission.ReasonNEQ("")).
			Select(commission.FieldID, commission.FieldReason, commission.FieldUndoneBecause).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, c := range rows {
			words[c.ID], words[undone+c.ID] = c.Reason, c.UndoneBecause
		}
	}
	if len(payouts) == 0 {
		return words, nil
	}
	rows, err := s.store.Client().Payout.Query().Where(payout.IDIn(payouts...)).
		Select(payout.FieldID, payout.FieldStatus, payout.FieldReference, payout.FieldReason).All(ctx)
	for _, p := range rows {
		words[p.ID] = p.Reference
		if p.Status == payout.StatusRETURNED {
			words[undone+p.ID] = p.Reason
		} else if p.Reference == "" {
			words[p.ID] = p.Reason
		}
	}
	return words, err
}
