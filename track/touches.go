package track

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/ent"
	entclick "github.com/tributary/tributary/ent/click"
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

// Case is a conversion to be decided on, with what its command has read already.
type Case struct {
	Conversion *ent.Conversion
	Program    *ent.Program
	Customer   *ent.Customer // may be nil: it is read when the conversion names one
	// Message may be the zero Order when a conversion is rated again: the
	// conversion knows its click and codes.
	Message      order.Order
	OnlyClick    *ent.Touch // nil: the buyer's clicks are read
	RefusedToken string     // why the message's click token proves no click
	// Bound gives the binding that earlier conversions made under the policy, if any;
	// nil for a caller who knows of none.
	Bound func(context.Context, attribution.Policy) ([]attribution.Touch, error)
}

// Evidence is what a decision is made from.
type Evidence struct {
	Touches  []attribution.Touch
	PolicyID string // the version in force when the conversion happened
	Policy   attribution.Policy
	Groups   map[string]string // of the touches' affiliates, for those in one
	PayIn    map[string]string // the currency each of them asked to be paid in, or ""
}

// EvidenceIn gathers what a decision on a conversion looks at, at most 200 touches:
// the coupons of the order, the click it named, earlier clicks of the buyer, and
// what binds it.
// Each comes with its affiliate's standing now, the window that was in force
// when it happened (Q41), and whether the buyer is the affiliate or in its
// upline (Q46, Q62). A coupon's validity is that of the order's instant; coupons
// that have a limit are locked, so that UseCouponIn in the same transaction
// finds what was seen here (Q40).
func (s *Service) EvidenceIn(ctx context.Context, tx *store.Tx, c Case) (e Evidence, err error) {
	versions, err := policies(ctx, tx, c.Conversion.ProgramID)
	if err != nil {
		return e, err
	}
	now := inForce(versions, c.Conversion.OccurredAt)
	e.PolicyID = now.ID
	if e.Policy, err = attribution.DecodePolicy(now.Document); err != nil {
		return e, err
	}
	if e.Touches, err = touchesOf(ctx, tx, c); err != nil {
		return e, err
	}
	if c.Bound != nil {
		bound, err := c.Bound(ctx, e.Policy)
		if err != nil {
			return e, err
		}
		e.Touches = append(e.Touches, bound...)
	}
	if err := s.standings(ctx, tx, c, &e); err != nil {
		return e, err
	}
	return e, e.windows(versions)
}

// windows gives each touch the window that was in force for its affiliate when it
// happened.
func (e *Evidence) windows(versions []*ent.AttributionPolicy) (err error) {
	known := map[string]attribution.Policy{e.PolicyID: e.Policy}
	for i := range e.Touches {
		t := &e.Touches[i]
		v := inForce(versions, t.At)
		p, read := known[v.ID]
		if !read {
			if p, err = attribution.DecodePolicy(v.Document); err != nil {
				return err
			}
			known[v.ID] = p
		}
		t.Window = p.WindowOf(t.AffiliateID)
	}
	return nil
}

func touchesOf(ctx context.Context, tx *store.Tx, c Case) ([]attribution.Touch, error) {
	found, err := couponTouches(ctx, tx, c.Conversion, codesOf(c.Conversion, c.Message))
	if err != nil {
		return nil, err
	}
	if c.RefusedToken != "" {
		found = append(found, refusedToken(c.Conversion, c.RefusedToken))
	}
	rows := []*ent.Touch{c.OnlyClick}
	if c.OnlyClick == nil {
		rows, err = clicksOf(ctx, tx, c.Conversion, attribution.MaxTouches-len(found))
	}
	if err != nil {
		return nil, err
	}
	clicks := clickTouches(rows)
	err = tellWhy(ctx, tx, clicks)
	return append(found, clicks...), err
}

// tellWhy gives clicks that orders told of before their rows arrived the reason that
// the row has: told in time or late, a touch reads alike.
func tellWhy(ctx context.Context, tx *store.Tx, clicks []attribution.Touch) error {
	for i, t := range clicks {
		if t.Reason != reasonNotPayable {
			continue
		}
		row, err := tx.Ent().Click.Query().Where(entclick.ID(t.ID)).Only(ctx)
		switch {
		case err == nil && row.Reason != "":
			clicks[i].Reason = row.Reason
		case err != nil && !ent.IsNotFound(err):
			return err
		}
	}
	return nil
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
			ID: c.ID, Kind: couponKind(c), AffiliateID: c.AffiliateID, CouponID: c.ID,
			At: cnv.OccurredAt, Position: place[c.CodeKey], Payable: reason == "", Reason: reason,
		})
	}
	return found, err
}

func couponKind(c *ent.Coupon) attribution.Kind {
	if c.Exclusive {
		return attribution.KindExclusive
	}
	return attribution.KindCoupon
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

// clicksOf finds the click that the conversion names and, when the buyer is
// known, the buyer's others until then, the latest first. Later ones are none of its
// business: were they looked at, an order told late would be decided from more than one
// told in time, and who opens a link on the page that thanks for an order would take it.
// The click that an order names came before it whatever the shop's clock says, within
// the policy's Skew.
func clicksOf(ctx context.Context, tx *store.Tx, cnv *ent.Conversion, limit int) ([]*ent.Touch, error) {
	if cnv.CustomerID == nil && cnv.ClickID == nil {
		return nil, nil
	}
	return tx.Ent().Touch.Query().Where(
		touch.ProgramID(cnv.ProgramID), touch.KindEQ(touch.KindCLICK), ofBuyer(cnv),
		touch.TouchedAtGT(cnv.OccurredAt.Add(-attribution.MaxWindow)), touch.Or(touch.TouchedAtLTE(cnv.OccurredAt), touch.ClickID(text(cnv.ClickID))),
	).Order(touch.ByTouchedAt(sql.OrderDesc()), touch.ByID(sql.OrderDesc())).Limit(limit).All(ctx)
}

func clickTouches(rows []*ent.Touch) (found []attribution.Touch) {
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
	return found
}

// programBlock is why a program earns nothing now; "" when it does.
func programBlock(p *ent.Program) string {
	switch p.Status {
	case program.StatusACTIVE:
		return ""
	case program.StatusPAUSED:
		return reasonProgramPaused
	}
	return reasonProgramArchived
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
