package pay

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"maps"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/payoutmethod"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/pay/rail"
)

// PayoutMethodSetInput says how an affiliate wants to be paid.
type PayoutMethodSetInput struct {
	AffiliateID string // the viewer's own when empty
	Rail        string // "MANUAL" or "CSV"
	Details     map[string]string
}

// PayoutMethodSetOutcome names the method.
type PayoutMethodSetOutcome struct{ MethodID string }

// Bounds of account details.
const (
	maxDetails = 20
	maxDetail  = 200 // bytes of one
	hintSize   = 4   // characters shown of an account
)

var detailName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// PayoutMethodSet makes a method the affiliate's one active method; the earlier
// one is kept as REMOVED for the payouts that used it. The details are sealed;
// what stays readable is the end of the account. Errors: NOT_FOUND affiliateId,
// INVALID rail, details or details.NAME.
func (s *Service) PayoutMethodSet(ctx context.Context, in PayoutMethodSetInput) (PayoutMethodSetOutcome, error) {
	affiliateID, err := whose(ctx, in.AffiliateID)
	if err != nil {
		return PayoutMethodSetOutcome{}, err
	}
	hint, err := s.checkDetails(in)
	if err != nil {
		return PayoutMethodSetOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "payoutMethodSet"}, func(ctx context.Context, tx *store.Tx) (PayoutMethodSetOutcome, error) {
		if _, err := tx.Ent().Affiliate.Get(ctx, affiliateID); err != nil {
			return PayoutMethodSetOutcome{}, missing(err, "affiliateId", "affiliate")
		}
		methodID := tx.ID(id.PayoutMethod)
		sealed, err := s.store.Keys().Seal(canon.Facts(in.Details).Encode(), detailsOf(tx.MerchantID(), methodID))
		if err != nil {
			return PayoutMethodSetOutcome{}, err
		}
		if err := retire(ctx, tx, affiliateID); err != nil {
			return PayoutMethodSetOutcome{}, err
		}
		err = tx.Ent().PayoutMethod.Create().SetID(methodID).SetAffiliateID(affiliateID).
			SetRail(payoutmethod.Rail(in.Rail)).SetDetailsSealed(sealed).SetHint(hint).Exec(ctx)
		if err != nil {
			return PayoutMethodSetOutcome{}, err
		}
		tx.Note(methodID, nil)
		tx.Emit(store.Event{Type: eventMethodSet, Subject: methodID, AffiliateID: affiliateID, Facts: canon.Facts{"rail": in.Rail}})
		return PayoutMethodSetOutcome{MethodID: methodID}, nil
	})
}

// retire removes the active method. It locks the affiliate first: two methods
// set at once would else both stay active.
func retire(ctx context.Context, tx *store.Tx, affiliateID string) error {
	if err := tx.Lock(ctx, "affiliates", affiliateID); err != nil {
		return err
	}
	return tx.Ent().PayoutMethod.Update().
		Where(payoutmethod.AffiliateID(affiliateID), payoutmethod.StatusEQ(payoutmethod.StatusACTIVE)).
		SetStatus(payoutmethod.StatusREMOVED).Exec(ctx)
}

// checkDetails gives the hint of details that the rail can pay to.
func (s *Service) checkDetails(in PayoutMethodSetInput) (hint string, err error) {
	r, err := s.rail(in.Rail)
	if err != nil {
		return "", err
	}
	if len(in.Details) == 0 || len(in.Details) > maxDetails {
		return "", problem.At(problem.Invalid, "details", "must be 1 to %d", maxDetails)
	}
	for _, name := range slices.Sorted(maps.Keys(in.Details)) {
		if err := checkDetail(name, in.Details[name]); err != nil {
			return "", err
		}
	}
	if err = rail.Check(in.Details); err != nil {
		return "", faultOf(err)
	}
	account, err := r.Account(in.Details)
	return hintOf(strings.ReplaceAll(account, " ", "")), faultOf(err)
}

// faultOf puts a rail's complaint at the detail it is about.
func faultOf(err error) error {
	if f, is := errors.AsType[rail.Fault](err); is {
		return problem.At(problem.Invalid, "details."+f.Detail, "%s", f.Message)
	}
	return err
}

func checkDetail(name, value string) error {
	if !detailName.MatchString(name) {
		return problem.At(problem.Invalid, "details", "names must be lower-case words of at most 40 characters, such as account_number")
	}
	if err := short(value, "details."+name, 1, maxDetail); err != nil {
		return err
	}
	if !form.Plain(value) {
		return problem.At(problem.Invalid, "details."+name, "must be one line of text, without characters that are not seen")
	}
	return nil
}

// hintOf is the end of an account, when it is long enough that the end does not
// give it away.
func hintOf(account string) string {
	all := []rune(account)
	if len(all) < 2*hintSize {
		return ""
	}
	return "…" + string(all[len(all)-hintSize:])
}

// detailsOf is the one place where a method's details can be opened.
func detailsOf(merchantID, methodID string) seal.AAD {
	return seal.AAD{Merchant: merchantID, Table: payoutmethod.Table, Column: payoutmethod.FieldDetailsSealed, Row: methodID}
}

// openDetails gives a method's details.
func (s *Service) openDetails(merchantID string, m *ent.PayoutMethod) (map[string]string, error) {
	plain, err := s.store.Keys().Open(m.DetailsSealed, detailsOf(merchantID, m.ID))
	if err != nil {
		return nil, err
	}
	return canon.DecodeFacts(plain)
}
