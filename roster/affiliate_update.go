package roster

import (
	"context"
	"errors"
	"strconv"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/facts"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
)

// AffiliateUpdateInput changes what is not nil; an empty group, parent or payout
// currency takes
// the present one away.
type AffiliateUpdateInput struct {
	ID              string
	Name            *string
	GroupID         *string
	ParentID        *string
	Fields          *[]facts.Field // all of them, in the place of those there are
	PayoutCurrency  *string        // empty: what the program says
	ExpectedVersion *int
}

// AffiliateUpdate edits an affiliate. A new parent counts for orders from now
// on (Q57). Errors: Invalid, also for a parent that would close a circle (Q58);
// NotFound, Conflict.
func (s *Service) AffiliateUpdate(ctx context.Context, in AffiliateUpdateInput) (AffiliateOutcome, error) {
	in.Name = trimmed(in.Name)
	if err := errors.Join(checkChange(in.Name, func(s string) error { return form.Line("name", s, form.MaxName) }), checkPayoutCurrency(in.PayoutCurrency)); err != nil {
		return AffiliateOutcome{}, err
	}
	if in.Fields != nil {
		if faults := order.CheckFields("fields", *in.Fields); len(faults) > 0 {
			return AffiliateOutcome{}, faults[0]
		}
	}
	return store.Run(ctx, s.store, store.Command{Name: "affiliateUpdate"}, in.run)
}

func (in AffiliateUpdateInput) run(ctx context.Context, tx *store.Tx) (AffiliateOutcome, error) {
	// The chain is locked before the row is read: see recruitable.
	if parent := text(in.ParentID); parent != "" {
		if err := recruitable(ctx, tx, in.ID, parent); err != nil {
			return AffiliateOutcome{}, err
		}
	}
	row, err := heldAffiliate(ctx, tx, in.ID, in.ExpectedVersion)
	if err != nil {
		return AffiliateOutcome{}, err
	}
	if err := groupThere(ctx, tx, text(in.GroupID)); err != nil {
		return AffiliateOutcome{}, err
	}
	after, err := in.apply(tx.Ent().Affiliate.UpdateOne(row)).Save(ctx)
	if err != nil {
		return AffiliateOutcome{}, err
	}
	// For the merchant alone: groups and recruiters are not the affiliate's to see.
	tx.Emit(store.Event{Type: "affiliate.updated", Subject: row.ID, Facts: canon.Facts{"group_id": text(after.GroupID), "parent_id": text(after.ParentID)}})
	tx.Note(row.ID, nil)
	return outcomeOf(after), nil
}

func (in AffiliateUpdateInput) apply(edit *ent.AffiliateUpdateOne) *ent.AffiliateUpdateOne {
	edit.SetNillableName(in.Name)
	if in.Fields != nil {
		if edit.SetFields(facts.Pack(*in.Fields)); len(*in.Fields) == 0 {
			edit.Mutation().ResetFields()
			edit.ClearFields()
		}
	}
	if in.GroupID != nil {
		if edit.ClearGroupID(); *in.GroupID != "" {
			edit.SetGroupID(*in.GroupID)
		}
	}
	if in.ParentID != nil {
		if edit.ClearParentID(); *in.ParentID != "" {
			edit.SetParentID(*in.ParentID)
		}
	}
	if text(in.PayoutCurrency) != "" {
		edit.SetPayoutCurrency(money.Currency(*in.PayoutCurrency))
	} else if in.PayoutCurrency != nil {
		edit.ClearPayoutCurrency()
	}
	return edit
}

// checkPayoutCurrency refuses what is no currency; empty takes the present one away.
// What was earned until then stays in the currency it was accrued in.
func checkPayoutCurrency(c *string) error {
	if text(c) == "" {
		return nil
	}
	return form.Currency("payoutCurrency", *c)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// element is the path of one element of a list field.
func element(field string, i int) string { return field + "." + strconv.Itoa(i) }
