package track

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/customer"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/ent/predicate"
	"github.com/tributary/tributary/ent/touch"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
)

// Names of the signals that show a buyer to be the affiliate.
const (
	selfByEmail   = "EMAIL"
	uplineByEmail = "UPLINE_EMAIL"
)

// statusNotEnrolled stands for an affiliate who is active but has no active
// place in the program.
const statusNotEnrolled = "NOT_ENROLLED"

// ofBuyer matches the touches of the conversion's buyer, and the click that the
// conversion names while its buyer was not known.
func ofBuyer(cnv *ent.Conversion) predicate.Touch {
	named := touch.And(touch.CustomerIDIsNil(), touch.ClickID(text(cnv.ClickID)))
	if cnv.CustomerID == nil {
		return named
	}
	return touch.Or(touch.CustomerID(*cnv.CustomerID), named)
}

// standings fills in what depends on the affiliates and the program now.
func (s *Service) standings(ctx context.Context, tx *store.Tx, cnv *ent.Conversion, o order.Order, found []attribution.Touch) error {
	blocked, err := programBlock(ctx, tx, cnv.ProgramID)
	if err != nil {
		return err
	}
	statuses, err := statusesOf(ctx, tx, cnv.ProgramID, found)
	if err != nil {
		return err
	}
	self, err := s.selfReferrals(ctx, tx, cnv, o, found)
	if err != nil {
		return err
	}
	for i := range found {
		t := &found[i]
		t.AffiliateStatus, t.SelfVia = statuses[t.AffiliateID], self[t.AffiliateID]
		t.BuyerIsAffiliate = t.SelfVia != ""
		if t.Payable && blocked != "" {
			t.Payable, t.Reason = false, blocked
		}
	}
	return nil
}

func affiliatesOf(found []attribution.Touch) []string {
	var ids []string
	seen := map[string]bool{}
	for _, t := range found {
		if !seen[t.AffiliateID] {
			seen[t.AffiliateID] = true
			ids = append(ids, t.AffiliateID)
		}
	}
	return ids
}

// statusesOf gives each affiliate's own status or, when that is active but the
// enrollment is not, NOT_ENROLLED.
func statusesOf(ctx context.Context, tx *store.Tx, programID string, found []attribution.Touch) (map[string]string, error) {
	ids := affiliatesOf(found)
	rows, err := tx.Ent().Affiliate.Query().Where(affiliate.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, err
	}
	enrolled, err := tx.Ent().Enrollment.Query().Where(enrollment.ProgramID(programID), enrollment.AffiliateIDIn(ids...),
		enrollment.StatusEQ(enrollment.StatusACTIVE)).Select(enrollment.FieldAffiliateID).Strings(ctx)
	if err != nil {
		return nil, err
	}
	statuses := make(map[string]string, len(rows))
	for _, a := range rows {
		statuses[a.ID] = string(a.Status)
		if a.Status == affiliate.StatusACTIVE {
			statuses[a.ID] = statusNotEnrolled
		}
	}
	for _, id := range enrolled {
		if statuses[id] == statusNotEnrolled {
			statuses[id] = attribution.StatusActive
		}
	}
	return statuses, nil
}

// selfReferrals names the signal for each affiliate who is, or whose upline
// holds, the buyer. Few buyers are affiliates, so these are looked for first.
func (s *Service) selfReferrals(ctx context.Context, tx *store.Tx, cnv *ent.Conversion, o order.Order, found []attribution.Touch) (map[string]string, error) {
	buyers, err := s.buyersAmongAffiliates(ctx, tx, cnv, o)
	if err != nil || len(buyers) == 0 {
		return nil, err
	}
	via := map[string]string{}
	for _, id := range affiliatesOf(found) {
		if via[id], err = viaUpline(ctx, tx, id, buyers); err != nil {
			return nil, err
		}
	}
	return via, nil
}

// buyersAmongAffiliates are the affiliates whose address is the buyer's, the one
// on this order or the one known before.
func (s *Service) buyersAmongAffiliates(ctx context.Context, tx *store.Tx, cnv *ent.Conversion, o order.Order) (map[string]bool, error) {
	var hashes []predicate.Affiliate
	if h := s.selfHash(tx.MerchantID(), o.Customer.Email); h != nil {
		hashes = append(hashes, affiliate.EmailHash(h))
	}
	if cnv.CustomerID != nil {
		c, err := tx.Ent().Customer.Query().Where(customer.ID(*cnv.CustomerID)).Only(ctx)
		if err != nil {
			return nil, err
		}
		if len(c.SelfHash) > 0 {
			hashes = append(hashes, affiliate.EmailHash(c.SelfHash))
		}
	}
	buyers := map[string]bool{}
	for _, h := range hashes { // one at a time: each is a look-up in the index
		ids, err := tx.Ent().Affiliate.Query().Where(h).IDs(ctx)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			buyers[id] = true
		}
	}
	return buyers, nil
}

func viaUpline(ctx context.Context, tx *store.Tx, id string, buyers map[string]bool) (string, error) {
	if buyers[id] {
		return selfByEmail, nil
	}
	upline, err := roster.Upline(ctx, tx.Ent(), id)
	for _, above := range upline {
		if buyers[above] {
			return uplineByEmail, nil
		}
	}
	return "", err
}
