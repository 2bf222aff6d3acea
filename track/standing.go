package track

import (
	"bytes"
	"cmp"
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/customer"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/ent/predicate"
	"github.com/tributary/tributary/ent/touch"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track/attribution"
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
func (s *Service) standings(ctx context.Context, tx *store.Tx, c Case, e *Evidence) error {
	ids := affiliatesOf(e.Touches)
	if len(ids) == 0 {
		return nil
	}
	addresses, err := s.addressesOf(ctx, tx, c)
	if err != nil {
		return err
	}
	found, err := participations(ctx, tx, c.Conversion.ProgramID, ids, addresses)
	if err != nil {
		return err
	}
	now, err := survivorsOf(ctx, tx, found)
	if err != nil {
		return err
	}
	if e.follow(now) {
		ids = affiliatesOf(e.Touches)
		if found, err = participations(ctx, tx, c.Conversion.ProgramID, ids, addresses); err != nil {
			return err
		}
	}
	statuses := e.take(found)
	self, err := selfReferrals(ctx, tx, ids, found, now)
	if err != nil {
		return err
	}
	blocked := programBlock(c.Program)
	for i := range e.Touches {
		t := &e.Touches[i]
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
		if t.AffiliateID != "" && !seen[t.AffiliateID] {
			seen[t.AffiliateID] = true
			ids = append(ids, t.AffiliateID)
		}
	}
	return ids
}

// take keeps the groups, and gives each affiliate's own status or, when that is
// active but the enrollment is not, NOT_ENROLLED.
func (e *Evidence) take(found []participation) (statuses map[string]string) {
	statuses, e.Groups, e.PayIn = make(map[string]string, len(found)), map[string]string{}, make(map[string]string, len(found))
	for _, p := range found {
		e.PayIn[p.id] = p.payIn
		if p.group != "" {
			e.Groups[p.id] = p.group
		}
		statuses[p.id] = p.status
		if p.status == attribution.StatusActive && p.enrollment != string(enrollment.StatusACTIVE) {
			statuses[p.id] = statusNotEnrolled
		}
	}
	return statuses
}

// selfReferrals names the signal for each affiliate who is, or whose upline
// holds, the buyer. Few buyers are affiliates, so these are looked for first.
// A buyer who was merged is who it was merged into.
func selfReferrals(ctx context.Context, tx *store.Tx, ids []string, found []participation, now map[string]string) (map[string]string, error) {
	buyers := map[string]bool{}
	for _, p := range found {
		if p.buyer {
			buyers[cmp.Or(now[p.id], p.id)] = true
		}
	}
	if len(buyers) == 0 {
		return nil, nil
	}
	via := map[string]string{}
	for _, id := range ids {
		var err error
		if via[id], err = viaUpline(ctx, tx, id, buyers); err != nil {
			return nil, err
		}
	}
	return via, nil
}

// addressesOf are hashes of the buyer's addresses, the one on this order and the
// one known before, that an affiliate's may equal.
func (s *Service) addressesOf(ctx context.Context, tx *store.Tx, c Case) (hashes [][]byte, err error) {
	if h := s.selfHash(tx.MerchantID(), c.Message.Customer.Email); h != nil {
		hashes = append(hashes, h)
	}
	buyer := c.Customer
	if buyer == nil && c.Conversion.CustomerID != nil {
		if buyer, err = tx.Ent().Customer.Query().Where(customer.ID(*c.Conversion.CustomerID)).Only(ctx); err != nil {
			return nil, err
		}
	}
	if buyer != nil && len(buyer.SelfHash) > 0 && (len(hashes) == 0 || !bytes.Equal(hashes[0], buyer.SelfHash)) {
		hashes = append(hashes, buyer.SelfHash)
	}
	return hashes, nil
}

func viaUpline(ctx context.Context, tx *store.Tx, id string, buyers map[string]bool) (string, error) {
	if buyers[id] {
		return selfByEmail, nil
	}
	for buyer := range buyers {
		if is, err := roster.Recruited(ctx, tx, id, buyer); is || err != nil {
			return uplineByEmail, err
		}
	}
	return "", nil
}

// BuyerIn gives hashes of the buyer's addresses, which those of affiliates may
// equal: so it is found among people whom no touch names.
func (s *Service) BuyerIn(ctx context.Context, tx *store.Tx, c Case) ([][]byte, error) {
	return s.addressesOf(ctx, tx, c)
}
