package earn

import (
	"context"
	"log/slog"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/internal/store"
)

// welcomeBatch bounds how long the follower's transaction holds balances.
const welcomeBatch = 50

// Welcomer pays what is owed for joining a program: to the affiliate whose place has
// become active, and to whoever recruited it. It reads the journal, so that a room
// below this one, which lets affiliates in, needs to know nothing of money.
func (s *Service) Welcomer() store.Follower {
	return store.Follower{Name: "welcomes", Batch: welcomeBatch, Apply: s.welcomeAll}
}

func (s *Service) welcomeAll(ctx context.Context, tx *store.Tx, events []store.Event) error {
	for _, e := range events {
		if e.Type != "enrollment.created" && e.Type != "enrollment.activated" {
			continue
		}
		if e.Facts["merged_from"] != "" { // it joined before, as another
			continue
		}
		err := tx.Savepoint(ctx, func(ctx context.Context) error { return s.welcome(ctx, tx, e) })
		if store.Infrastructure(err) || ctx.Err() != nil {
			return err
		}
		if err != nil { // one that cannot be paid holds up no other
			s.store.Log().ErrorContext(ctx, "a bonus for joining could not be accrued", slog.String("enrollment", e.Subject), slog.Any("error", err))
		}
	}
	return nil
}

// welcome pays for one place in a program, under the terms of when it became active.
func (s *Service) welcome(ctx context.Context, tx *store.Tx, e store.Event) error {
	place, err := tx.Ent().Enrollment.Query().Where(enrollment.ID(e.Subject), enrollment.StatusEQ(enrollment.StatusACTIVE)).WithAffiliate().WithProgram().Only(ctx)
	if ent.IsNotFound(err) {
		return nil // ended since, or waiting for approval, which is another event
	}
	if err != nil || place.Edges.Affiliate.Status != affiliate.StatusACTIVE {
		return err
	}
	v, _, err := termsAt(ctx, tx, place.ProgramID, e.At)
	if err != nil {
		return err
	}
	w := &work{tx: tx, program: place.Edges.Program, sale: &ent.Conversion{ProgramID: place.ProgramID, OccurredAt: e.At}}
	for _, b := range v.Bonuses {
		o := owed{bonus: b, at: e.At, cause: place.ID, kind: commission.KindSIGNUP_BONUS, affiliate: place.AffiliateID}
		switch {
		case b.Kind == plan.BonusSignup:
		case b.Kind == plan.BonusRecruiter && !b.FirstSale:
			if o.affiliate, err = recruiterOf(ctx, tx, place.Edges.Affiliate); err != nil {
				return err
			}
			o.kind = commission.KindRECRUITER_BONUS
		default:
			continue
		}
		if err := s.oweOnce(ctx, w, v, o, place.AffiliateID); err != nil {
			return err
		}
	}
	return nil
}

// recruiterOf gives who recruited an affiliate, "" for nobody who may earn.
func recruiterOf(ctx context.Context, tx *store.Tx, a *ent.Affiliate) (string, error) {
	if a.ParentID == nil {
		return "", nil
	}
	id, err := tx.Ent().Affiliate.Query().Where(affiliate.ID(*a.ParentID), affiliate.StatusEQ(affiliate.StatusACTIVE)).OnlyID(ctx)
	if ent.IsNotFound(err) {
		return "", nil
	}
	return id, err
}

// oweOnce accrues a bonus for an affiliate's joining unless it has been.
func (s *Service) oweOnce(ctx context.Context, w *work, v plan.Version, o owed, joined string) error {
	if o.affiliate == "" {
		return nil
	}
	o.key = bonusKey(w.program.ID, o.bonus.Name, joined, time.Unix(0, 0), 1)
	there, err := w.tx.Ent().Commission.Query().Where(commission.OnceKey(o.key)).Exist(ctx)
	if there || err != nil {
		return err
	}
	return s.owe(ctx, w, v, o)
}

// firstSales pays recruiters for sales that were approved now: the recruit's first, as
// no other has been paid for. It runs under the lock of the recruit's enrolment.
func (s *Service) firstSales(ctx context.Context, tx *store.Tx, rows []*ent.Commission) error {
	var ids []string
	for _, c := range rows {
		if c.Tier != "" {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	now, err := tx.Ent().Commission.Query().Where(commission.IDIn(ids...), commission.StatusEQ(commission.StatusAPPROVED)).
		Order(ent.Asc(commission.FieldID)).WithAffiliate().WithProgram().All(ctx)
	if err != nil {
		return err
	}
	versions, err := termsOf(ctx, tx.Ent(), now)
	if err != nil {
		return err
	}
	for _, c := range now {
		if err := s.firstSale(ctx, tx, c, versions[*c.PlanVersionID]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) firstSale(ctx context.Context, tx *store.Tx, c *ent.Commission, v plan.Version) error {
	w := &work{tx: tx, program: c.Edges.Program, sale: &ent.Conversion{ProgramID: c.ProgramID, OccurredAt: tx.MerchantTime()}}
	for _, b := range v.Bonuses {
		if b.Kind != plan.BonusRecruiter || !b.FirstSale {
			continue
		}
		who, err := recruiterOf(ctx, tx, c.Edges.Affiliate)
		if err != nil {
			return err
		}
		o := owed{bonus: b, at: tx.MerchantTime(), cause: *c.ConversionID, kind: commission.KindRECRUITER_BONUS, affiliate: who}
		if err := s.oweOnce(ctx, w, v, o, c.AffiliateID); err != nil {
			return err
		}
	}
	return nil
}
