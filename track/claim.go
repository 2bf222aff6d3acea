package track

import (
	"context"
	"maps"

	"github.com/tributary/tributary/ent"
	entclick "github.com/tributary/tributary/ent/click"
	entlink "github.com/tributary/tributary/ent/link"
	"github.com/tributary/tributary/ent/touch"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
	"github.com/tributary/tributary/track/token"
)

// reasonNotPayable is for a click whose row has not arrived: its token says that
// it may not earn, not why.
const reasonNotPayable = "CLICK_NOT_PAYABLE"

// claim is the click that an order's token proves.
type claim struct {
	click                        clickID
	linkID, programID, affiliate string
	payable                      bool
	reason                       string
	labels                       map[string]string
	ahead                        bool // of its row, which has not arrived
}

// Why a token proves no click. One of another merchant's and one of no link at all
// are told alike.
const (
	reasonTokenDamaged = "TOKEN_DAMAGED"
	reasonTokenUnknown = "TOKEN_UNKNOWN"
	reasonTokenProgram = "TOKEN_OF_ANOTHER_PROGRAM"
)

// presentedToken names, among the touches of a decision, a token that was refused.
const presentedToken = "click_token"

// refusedToken is what a decision sees of a token that proved no click.
func refusedToken(cnv *ent.Conversion, reason string) attribution.Touch {
	return attribution.Touch{ID: presentedToken, Kind: attribution.KindClick, At: cnv.OccurredAt, Reason: reason}
}

// claimIn reads an order's token; nil, and the reason, when it proves no click of
// this program (Q51). A token that is damaged, forged or another merchant's costs
// the sale nothing but the credit.
func (s *Service) claimIn(ctx context.Context, tx *store.Tx, o order.Order) (_ *claim, refused string, err error) {
	if o.ClickToken == "" {
		return nil, "", nil
	}
	t, err := token.Parse(o.ClickToken, s.store.Keys())
	if err != nil {
		return nil, reasonTokenDamaged, nil
	}
	l, err := s.ownLink(ctx, tx, t.Link)
	switch {
	case err != nil:
		return nil, "", err
	case l == nil:
		return nil, reasonTokenUnknown, nil
	case l.ProgramID != o.ProgramID:
		return nil, reasonTokenProgram, nil
	}
	c := &claim{click: t.Click, linkID: l.ID, programID: l.ProgramID, affiliate: l.AffiliateID, labels: l.SubIDs}
	if c.payable = c.click.payable(); !c.payable {
		c.reason = reasonNotPayable
	}
	row, err := tx.Ent().Click.Query().Where(entclick.ID(c.click.String())).Only(ctx)
	if err == nil {
		c.payable, c.reason, c.labels = row.Payable, row.Reason, row.SubIds
	} else if !ent.IsNotFound(err) {
		return nil, "", err
	} else {
		c.ahead = true
	}
	return c, "", nil
}

// ownLink finds a link of this merchant by number, nil when there is none. It
// asks within the transaction: a second connection, taken while every one is
// held by an order that waits for it, would never come.
func (s *Service) ownLink(ctx context.Context, tx *store.Tx, number uint64) (*store.LinkRow, error) {
	if l := s.index.byNumber(number); l != nil {
		if l.row.MerchantID != tx.MerchantID() {
			return nil, nil
		}
		return &l.row, nil
	}
	l, err := tx.Ent().Link.Query().Where(entlink.Number(number)).Only(ctx)
	if err != nil {
		if ent.IsNotFound(err) {
			err = nil
		}
		return nil, err
	}
	return &store.LinkRow{ID: l.ID, MerchantID: l.MerchantID, ProgramID: l.ProgramID, AffiliateID: l.AffiliateID, SubIDs: l.SubIds}, nil
}

// labelled are the labels of link, click and order; the order's win.
func (c *claim) labelled(o order.Order) map[string]string {
	labels := map[string]string{}
	if c != nil {
		maps.Copy(labels, c.labels)
	}
	maps.Copy(labels, o.SubIDs)
	return labels
}

// touchIn keeps the click as a touch of the buyer, or of nobody yet known, so
// that a later order of the same buyer finds it, and so does a later rating. It
// gives the row, nil when it was there.
func (c *claim) touchIn(ctx context.Context, tx *store.Tx, customerID *string) (*ent.Touch, error) {
	if c == nil {
		return nil, nil
	}
	id := c.click.String()
	if customerID == nil { // NULLs do not collide in a unique key
		there, err := tx.Ent().Touch.Query().Where(touch.CustomerIDIsNil(), touch.ClickID(id)).Exist(ctx)
		if there || err != nil {
			return nil, err
		}
	}
	set := tx.Ent().Touch.Create().SetProgramID(c.programID).SetAffiliateID(c.affiliate).SetNillableCustomerID(customerID).
		SetKind(touch.KindCLICK).SetClickID(id).SetLinkID(c.linkID).SetTouchedAt(c.click.clickedAt()).
		SetPayable(c.payable).SetReason(c.reason)
	set.OnConflictColumns(touch.FieldMerchantID, touch.FieldCustomerID, touch.FieldClickID).DoNothing()
	return made(set.Save(ctx))
}

// adoptTouch gives a buyer the click of an order that did not name the buyer at
// first. The touch of nobody stays: touches are never changed.
func adoptTouch(ctx context.Context, tx *store.Tx, clickID, customerID string) error {
	t, err := tx.Ent().Touch.Query().Where(touch.CustomerIDIsNil(), touch.ClickID(clickID)).First(ctx)
	if err != nil {
		if ent.IsNotFound(err) {
			err = nil
		}
		return err
	}
	_, err = created(tx.Ent().Touch.Create().SetProgramID(t.ProgramID).SetAffiliateID(t.AffiliateID).SetCustomerID(customerID).
		SetKind(touch.KindCLICK).SetClickID(clickID).SetNillableLinkID(t.LinkID).SetTouchedAt(t.TouchedAt).
		SetPayable(t.Payable).SetReason(t.Reason).
		OnConflictColumns(touch.FieldMerchantID, touch.FieldCustomerID, touch.FieldClickID).DoNothing().Exec(ctx))
	return err
}
