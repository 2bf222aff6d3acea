package roster

import (
	"context"
	"errors"

	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
)

// MerchantUpdateInput changes what is not nil.
type MerchantUpdateInput struct {
	Name            *string
	Currency        *string // default of programs made from now on
	TimeZone        *string // IANA; default of programs made from now on, and of reports
	ExpectedVersion *int
}

// MerchantOutcome names the merchant after an edit.
type MerchantOutcome struct {
	MerchantID string
	Version    int
}

func (in *MerchantUpdateInput) check() error {
	in.Name = trimmed(in.Name)
	return errors.Join(
		checkChange(in.Name, func(s string) error { return form.Line("name", s, form.MaxName) }),
		checkChange(in.Currency, func(s string) error { return form.Currency("currency", s) }),
		checkChange(in.TimeZone, func(s string) error { return form.Zone("timeZone", s) }),
	)
}

// MerchantUpdate edits the viewer's own merchant; its twin is another merchant
// and stays as it is. Errors: Invalid, CurrencyUnknown, Conflict.
func (s *Service) MerchantUpdate(ctx context.Context, in MerchantUpdateInput) (MerchantOutcome, error) {
	if err := in.check(); err != nil {
		return MerchantOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "merchantUpdate"}, in.run)
}

func (in MerchantUpdateInput) run(ctx context.Context, tx *store.Tx) (MerchantOutcome, error) {
	edit := tx.Ent().Merchant.UpdateOneID(tx.MerchantID()).SetNillableName(in.Name).SetNillableTimeZone(in.TimeZone)
	if in.Currency != nil {
		edit.SetCurrency(money.Currency(*in.Currency))
	}
	// The write comes first: it holds the row, so that of two edits of one state
	// the second finds the first one's version and both take back their work.
	row, err := edit.Save(ctx)
	if err != nil {
		return MerchantOutcome{}, err
	}
	if err := sameVersion(in.ExpectedVersion, row.Version-1); err != nil {
		return MerchantOutcome{}, err
	}
	tx.Note(row.ID, nil)
	return MerchantOutcome{MerchantID: row.ID, Version: row.Version}, nil
}
