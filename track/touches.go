package track

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/coupon"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/ent/touch"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
)

// Reasons why a coupon on an order credits nobody.
const (
	reasonCouponArchived = "COUPON_ARCHIVED"
	reasonCouponEarly    = "COUPON_NOT_YET_VALID"
	reasonCouponExpired  = "COUPON_EXPIRED"
	reasonCouponUsedUp   = "COUPON_USED_UP"
)

// TouchesIn gathers what a decision on a conversion looks at, at most 200: the
// coupons of the order, the click it named, and earlier clicks of the buyer.
// Each comes with its affiliate's standing now, the window that was in force
// when it happened (Q41), and whether the buyer is the affiliate or in its
// upline (Q46, Q62). A coupon's validity is that of the order's instant; coupons
// that have a limit are locked, so that UseCouponIn in the same transaction
// finds what was seen here (Q40). The order may be the zero Order when a
// conversion is rated again: the conversion knows its click and codes.
func (s *Service) TouchesIn(ctx context.Context, tx *store.Tx, cnv *ent.Conversion, o order.Order) ([]attribution.Touch, error) {
	found, err := couponTouches(ctx, tx, cnv, codesOf(cnv, o))
	if err != nil {
		return nil, err
	}
	clicks, err := clickTouches(ctx, tx, cnv, attribution.MaxTouches-len(found))
	if err != nil {
		return nil, err
	}
	found = append(found, clicks...)
	if len(found) == 0 {
		return nil, nil
	}
	if err := s.standings(ctx, tx, cnv, o, found); err != nil {
		return nil, err
	}
	return found, setWindows(ctx, tx, cnv.ProgramID, found)
}

// codesOf are the order's codes, or those known of it.
func codesOf(cnv *ent.Conversion, o order.Order) []string {
	if len(o.CouponCodes) > 0 {
		return o.CouponCodes
	}
	return cnv.CouponCodes
}

func couponTouches(ctx context.Context, tx *store.Tx, cnv *ent.Conversion, codes []string) (found []attribution.Touch, err error) {
	place := make(map[string]int, len(codes))
	var keys []string
	for i, code := range codes {
		key := attribution.CouponKey(code)
		if _, twice := place[key]; !twice && key != "" {
			place[key] = i
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	rows, err := lockedCoupons(ctx, tx, cnv.ProgramID, keys)
	for _, c := range rows {
		reason := whyNotCredited(c, cnv.OccurredAt)
		found = append(found, attribution.Touch{
			ID: c.ID, Kind: attribution.KindCoupon, AffiliateID: c.AffiliateID, CouponID: c.ID,
			At: cnv.OccurredAt, Position: place[c.CodeKey], Payable: reason == "", Reason: reason,
		})
	}
	return found, err
}

// lockedCoupons locks those that have a limit, and only those: orders with the
// same unlimited code need not wait for one another.
func lockedCoupons(ctx context.Context, tx *store.Tx, programID string, keys []string) ([]*ent.Coupon, error) {
	query := tx.Ent().Coupon.Query().Where(coupon.ProgramID(programID), coupon.CodeKeyIn(keys...))
	rows, err := query.Clone().All(ctx)
	if err != nil {
		return nil, err
	}
	var limited []string
	for _, c := range rows {
		if c.MaxUses != nil {
			limited = append(limited, c.ID)
		}
	}
	if len(limited) == 0 {
		return rows, nil
	}
	if err := tx.Lock(ctx, "coupons", limited...); err != nil {
		return nil, err
	}
	return query.All(ctx)
}

func whyNotCredited(c *ent.Coupon, at time.Time) string {
	switch {
	case c.Status != coupon.StatusACTIVE:
		return reasonCouponArchived
	case c.ValidFrom != nil && at.Before(*c.ValidFrom):
		return reasonCouponEarly
	case c.ValidUntil != nil && !at.Before(*c.ValidUntil):
		return reasonCouponExpired
	case c.MaxUses != nil && c.Uses >= *c.MaxUses:
		return reasonCouponUsedUp
	}
	return ""
}

// clickTouches finds the click that the conversion names and, when the buyer is
// known, the buyer's others, the latest first.
func clickTouches(ctx context.Context, tx *store.Tx, cnv *ent.Conversion, limit int) (found []attribution.Touch, err error) {
	if cnv.CustomerID == nil && cnv.ClickID == nil {
		return nil, nil
	}
	rows, err := tx.Ent().Touch.Query().Where(
		touch.ProgramID(cnv.ProgramID), touch.KindEQ(touch.KindCLICK), ofBuyer(cnv),
		touch.TouchedAtGT(cnv.OccurredAt.Add(-attribution.MaxWindow)),
	).Order(touch.ByTouchedAt(sql.OrderDesc()), touch.ByID(sql.OrderDesc())).Limit(limit).All(ctx)
	seen := map[string]bool{}
	for _, t := range rows {
		if t.ClickID == nil || seen[*t.ClickID] {
			continue
		}
		seen[*t.ClickID] = true
		found = append(found, attribution.Touch{
			ID: *t.ClickID, Kind: attribution.KindClick, AffiliateID: t.AffiliateID, LinkID: text(t.LinkID),
			At: t.TouchedAt, Payable: t.Payable, Reason: t.Reason,
		})
	}
	return found, err
}

func setWindows(ctx context.Context, tx *store.Tx, programID string, found []attribution.Touch) error {
	versions, err := policies(ctx, tx, programID)
	if err != nil {
		return err
	}
	for i := range found {
		found[i].Window = time.Duration(inForce(versions, found[i].At).WindowSeconds) * time.Second
	}
	return nil
}

// programBlock is why a program earns nothing now; "" when it does.
func programBlock(ctx context.Context, tx *store.Tx, programID string) (string, error) {
	p, err := tx.Ent().Program.Query().Where(program.ID(programID)).Only(ctx)
	switch {
	case err != nil:
		return "", err
	case p.Status == program.StatusPAUSED:
		return reasonProgramPaused, nil
	case p.Status != program.StatusACTIVE:
		return reasonProgramArchived, nil
	}
	return "", nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
