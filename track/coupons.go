package track

import (
	"context"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/ent/coupon"
	"github.com/tributary/tributary/ent/predicate"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
)

// CouponCreateInput makes a code that credits its affiliate.
type CouponCreateInput struct {
	ProgramID, AffiliateID string
	Code                   string     // as people write it; unique in its program in any case and width (Q40)
	ValidFrom              *time.Time // nil: from now on
	ValidUntil             *time.Time // nil: for ever; the code credits before this instant
	MaxUses                *int       // nil: any number of conversions
	Exclusive              bool       // its affiliate alone spreads it: it may stand before clicks where others stand behind (Q38)
}

// CouponOutcome names the coupon.
type CouponOutcome struct{ ID string }

// CouponCreate makes a coupon for an affiliate who takes part in the program.
// Errors: NOT_FOUND, WRONG_STATE programId, affiliateId; INVALID code,
// validUntil, maxUses; TOO_LARGE code; TAKEN code.
func (s *Service) CouponCreate(ctx context.Context, in CouponCreateInput) (CouponOutcome, error) {
	if err := in.check(); err != nil {
		return CouponOutcome{}, err
	}
	out, err := store.Run(ctx, s.store, store.Command{Name: "couponCreate"}, func(ctx context.Context, tx *store.Tx) (CouponOutcome, error) {
		if _, err := openProgram(ctx, tx, in.ProgramID); err != nil {
			return CouponOutcome{}, err
		}
		if err := participant(ctx, tx, in.ProgramID, in.AffiliateID); err != nil {
			return CouponOutcome{}, err
		}
		c, err := tx.Ent().Coupon.Create().SetProgramID(in.ProgramID).SetAffiliateID(in.AffiliateID).
			SetCode(in.Code).SetCodeKey(attribution.CouponKey(in.Code)).
			SetNillableValidFrom(utc(in.ValidFrom)).SetNillableValidUntil(utc(in.ValidUntil)).SetNillableMaxUses(in.MaxUses).SetExclusive(in.Exclusive).Save(ctx)
		if err != nil {
			return CouponOutcome{}, err
		}
		tx.Note(c.ID, nil)
		tx.Emit(store.Event{Type: "coupon.created", Subject: c.ID, ProgramID: c.ProgramID, AffiliateID: c.AffiliateID, Facts: canon.Facts{"code": c.Code}})
		return CouponOutcome{c.ID}, nil
	})
	if store.IsUnique(err) {
		return CouponOutcome{}, problem.At(problem.Taken, "code", "the program has this code already").Because(err)
	}
	return out, err
}

func (in CouponCreateInput) check() error {
	key := attribution.CouponKey(in.Code)
	switch {
	case len(in.Code) > order.MaxCoupon || len(key) > 200:
		return problem.At(problem.TooLarge, "code", "must have at most %d bytes", order.MaxCoupon)
	case key == "" || strings.TrimSpace(in.Code) != in.Code || !form.Plain(in.Code):
		return problem.At(problem.Invalid, "code", "must not be empty, begin or end with a space or contain characters that are not seen")
	case in.ValidFrom != nil && in.ValidUntil != nil && !in.ValidFrom.Before(*in.ValidUntil):
		return problem.At(problem.Invalid, "validUntil", "must be after validFrom")
	case in.MaxUses != nil && *in.MaxUses < 1:
		return problem.At(problem.Invalid, "maxUses", "must be at least 1")
	}
	return nil
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	at := t.UTC().Truncate(time.Microsecond)
	return &at
}

// CouponArchive stops a code from crediting. Archiving it again changes nothing;
// the code stays taken, since orders name it. Errors: NOT_FOUND id; CONFLICT
// expectedVersion.
func (s *Service) CouponArchive(ctx context.Context, id string, expectedVersion *int) (CouponOutcome, error) {
	return store.Run(ctx, s.store, store.Command{Name: "couponArchive", Subject: id}, func(ctx context.Context, tx *store.Tx) (CouponOutcome, error) {
		if err := tx.Lock(ctx, "coupons", id); err != nil {
			return CouponOutcome{}, err
		}
		c, err := tx.Ent().Coupon.Query().Where(coupon.ID(id)).Only(ctx)
		if err != nil {
			return CouponOutcome{}, missing(err, "id", "coupon")
		}
		if err := expect(expectedVersion, c.Version); err != nil {
			return CouponOutcome{}, err
		}
		if c.Status == coupon.StatusARCHIVED {
			return CouponOutcome{id}, nil
		}
		tx.Emit(store.Event{Type: "coupon.archived", Subject: id, ProgramID: c.ProgramID, AffiliateID: c.AffiliateID})
		return CouponOutcome{id}, tx.Ent().Coupon.UpdateOne(c).SetStatus(coupon.StatusARCHIVED).Exec(ctx)
	})
}

// UseCouponIn counts one conversion that the coupon has credited, in the
// transaction of the credit (Q40). WRONG_STATE when its uses are used up, which
// cannot happen after EvidenceIn found it eligible in the same transaction:
// EvidenceIn locks coupons that have a limit.
func (s *Service) UseCouponIn(ctx context.Context, tx *store.Tx, couponID string) error {
	n, err := tx.Ent().Coupon.Update().Where(coupon.ID(couponID), coupon.Or(coupon.MaxUsesIsNil(), usesLeft())).AddUses(1).Save(ctx)
	if err == nil && n == 0 {
		err = problem.New(problem.State, "the coupon has been used as often as it may")
	}
	return err
}

func usesLeft() predicate.Coupon {
	return func(s *sql.Selector) { s.Where(sql.ColumnsLT(s.C(coupon.FieldUses), s.C(coupon.FieldMaxUses))) }
}
