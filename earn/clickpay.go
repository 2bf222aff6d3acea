package earn

import (
	"context"
	"fmt"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/clickday"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/trust"
)

// Clicks are paid by the day: of an affiliate's in a program there is one commission,
// made when the day and a grace in which rows arrive are over. One for each click would
// put the book between a visitor and the next page, and a maximum of a day, or what
// counts once on it, could not be told from one click. Rows that come later make the
// day due again, and it earns what they add: nothing that was counted is counted twice,
// since what is paid of a day is a number that only its own command raises.

// PayClicks makes the commissions of days whose clicks are to be counted, of every
// merchant, each by its own clock, at most limit days, and gives how many it counted.
func (s *Service) PayClicks(ctx context.Context, limit int) (int, error) {
	due, err := s.store.DoorDueClickDays(ctx, limit)
	if err != nil {
		return 0, err
	}
	return s.payClicks(ctx, due)
}

// PayClicksOf is PayClicks of one merchant.
func (s *Service) PayClicksOf(ctx context.Context, merchantID string, limit int) (int, error) {
	due, err := s.store.DoorDueClickDaysOf(ctx, merchantID, limit)
	if err != nil {
		return 0, err
	}
	return s.payClicks(ctx, due)
}

func (s *Service) payClicks(ctx context.Context, due []store.DueClickDay) (int, error) {
	for n, d := range due {
		_, err := store.Run(trust.With(ctx, trust.System(d.MerchantID)), s.store, store.Command{Name: "clicksPay", Subject: d.ClickDayID},
			func(ctx context.Context, tx *store.Tx) (string, error) {
				return d.ClickDayID, s.payDay(ctx, tx, d.ClickDayID)
			})
		if err != nil {
			return n, err
		}
	}
	return len(due), nil
}

// payDay counts a day under its lock. Without it two servers would each find the same
// clicks unpaid.
func (s *Service) payDay(ctx context.Context, tx *store.Tx, dayID string) error {
	if err := tx.Lock(ctx, "click_days", dayID); err != nil {
		return err
	}
	d, err := tx.Ent().ClickDay.Query().Where(clickday.ID(dayID)).WithProgram().WithPlanVersion().Only(ctx)
	if err != nil || d.DueAt == nil || d.DueAt.After(tx.MerchantTime()) {
		return err
	}
	v, err := plan.DecodeVersion(d.Edges.PlanVersion.Document)
	if err != nil {
		return err
	}
	trace, err := s.countDay(ctx, tx, d, v)
	if err != nil {
		return err
	}
	set := tx.Ent().ClickDay.UpdateOne(d).ClearDueAt()
	tx.Note(d.ID, map[string]string{"day": trace.Day, "clicks": fmt.Sprint(trace.Seen.Clicks)})
	if trace.Place >= 0 {
		made, err := s.oweClicks(ctx, tx, d, v, trace)
		if err != nil {
			return err
		}
		if made {
			set.SetPaid(v.Clicks[trace.Place].Count(trace.Seen).Paid).AddTimes(1)
		}
	}
	return set.Exec(ctx)
}

// countDay counts the rows of a day, and finds the terms that are for its affiliate.
func (s *Service) countDay(ctx context.Context, tx *store.Tx, d *ent.ClickDay, v plan.Version) (plan.ClickTrace, error) {
	who, err := tx.Ent().Affiliate.Query().Where(affiliate.ID(d.AffiliateID)).Only(ctx)
	if err != nil {
		return plan.ClickTrace{}, err
	}
	group := ""
	if who.GroupID != nil {
		group = *who.GroupID
	}
	place := v.ClicksOf(who.ID, group)
	n, err := track.CountClicksIn(ctx, tx, track.ClickSpan{
		ProgramID: d.ProgramID, AffiliateID: d.AffiliateID, From: d.FromAt, Until: d.UntilAt, StoredFrom: d.StoredFrom, StoredUntil: d.StoredUntil,
		Repeats: place >= 0 && v.Clicks[place].Repeats,
	})
	return plan.ClickTrace{
		Day: dayOf(d.Edges.Program, lastOf(d)), Place: place, Before: d.Paid,
		Seen: plan.Seen{Clicks: n.All, Unpayable: n.Unpayable, Unidentified: n.Unidentified, Networks: n.Networks},
	}, err
}

// lastOf is the last instant of a day, at which its clicks are earned.
func lastOf(d *ent.ClickDay) time.Time { return d.UntilAt.Add(-time.Microsecond) }

// oweClicks accrues what a day's clicks have earned more than before, and reports
// whether there was anything. Where a person rejected what the day had earned, nothing
// is added.
func (s *Service) oweClicks(ctx context.Context, tx *store.Tx, d *ent.ClickDay, v plan.Version, t plan.ClickTrace) (bool, error) {
	sum, err := t.Amount(v)
	if err != nil || sum.Minor == 0 {
		return false, err
	}
	prefix := fmt.Sprintf("clicks:%s:", d.ID)
	rejected, err := tx.Ent().Commission.Query().
		Where(commission.AffiliateID(d.AffiliateID), commission.OnceKeyHasPrefix(prefix), commission.StatusEQ(commission.StatusREJECTED)).Exist(ctx)
	if rejected || err != nil {
		return false, err
	}
	at := lastOf(d)
	w := &work{tx: tx, program: d.Edges.Program, sale: &ent.Conversion{ProgramID: d.ProgramID, OccurredAt: at}}
	return true, s.owe(ctx, w, v, owed{
		kind: commission.KindCLICK, bonus: plan.Bonus{Amount: sum}, key: fmt.Sprint(prefix, d.Times+1), affiliate: d.AffiliateID, at: at, cause: d.ID, trace: t.Encode(),
	})
}

// explainClicks explains a commission for clicks from its trace.
func explainClicks(ctx context.Context, c *ent.Client, row *ent.Commission) (plan.Explanation, error) {
	t, err := plan.DecodeClickTrace(row.Trace)
	if err != nil {
		return plan.Explanation{}, err
	}
	versions, err := termsOf(ctx, c, []*ent.Commission{row})
	if err != nil {
		return plan.Explanation{}, err
	}
	return t.Explain(versions[*row.PlanVersionID])
}
