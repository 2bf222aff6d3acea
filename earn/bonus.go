package earn

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/ledger"
)

// A bonus is a commission without a conversion, made once: its key names the program,
// the bonus, who gets it and for what, and the database holds it once, whoever finds
// the goal reached and however often.

// owed is a bonus that somebody is owed.
type owed struct {
	kind      commission.Kind
	bonus     plan.Bonus
	key       string // once in a merchant
	affiliate string
	at        time.Time // of the event that it is owed for
	cause     string    // id of what it is owed for
	trace     []byte    // how it came about, where the key and the terms do not tell
	late      bool      // its posting counts from the day it is made, not from that of the event
}

// bonusKey names a bonus; what comes last is a number that tells multiples apart.
func bonusKey(programID, name, who string, begin time.Time, nth int) string {
	return fmt.Sprintf("bonus:%s:%s:%s:%d:%d", programID, name, who, begin.Unix(), nth)
}

// goals brings the bonuses of a period to the goals that it has reached.
func (s *Service) goals(ctx context.Context, p *period, w *work, cause string) error {
	for _, b := range p.version.Bonuses {
		if b.Kind != plan.BonusGoal || b.Amount.Currency != p.all.sale.Currency {
			continue
		}
		if err := s.goal(ctx, p, w, b, cause); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) goal(ctx context.Context, p *period, w *work, b plan.Bonus, cause string) error {
	place, err := time.LoadLocation(p.all.program.TimeZone)
	if err != nil {
		return fmt.Errorf("the program's time zone: %w", err)
	}
	sum, err := p.all.sold(ctx, &plan.Tiers{Metric: b.Metric, Period: b.Period}, p.affiliate)
	if err != nil {
		return err
	}
	begin, _ := b.Period.Of(p.all.sale.OccurredAt.In(place))
	key := bonusKey(p.all.program.ID, b.Name, p.affiliate, begin, 0)
	prefix := strings.TrimSuffix(key, "0")
	rows, err := w.tx.Ent().Commission.Query().Where(commission.AffiliateID(p.affiliate), commission.KindEQ(commission.KindBONUS), commission.OnceKeyHasPrefix(prefix)).All(ctx)
	if err != nil {
		return err
	}
	times, made := b.Times(sum), map[int]bool{}
	for _, row := range rows {
		nth, _ := strconv.Atoi(strings.TrimPrefix(*row.OnceKey, prefix))
		made[nth] = true
		if err := s.keepGoal(ctx, p.all, b, row, nth <= times, cause); err != nil {
			return err
		}
	}
	for nth := 1; nth <= times; nth++ {
		if !made[nth] {
			o := owed{kind: commission.KindBONUS, bonus: b, key: prefix + strconv.Itoa(nth), affiliate: p.affiliate, at: w.sale.OccurredAt, cause: w.sale.ID}
			if err := s.owe(ctx, p.all, p.version, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepGoal takes back a bonus whose goal is reached no more, while it is not paid out,
// unless the terms let it be kept; and gives it again when it is.
func (s *Service) keepGoal(ctx context.Context, w *work, b plan.Bonus, row *ent.Commission, reached bool, cause string) error {
	if reached {
		return s.bring(ctx, w, row, 0, cause)
	}
	if b.Keep || row.ReversedMinor > 0 {
		return nil
	}
	if !held(row) {
		paid, err := s.ledger.PaidOut(ctx, w.tx, booked(row), row.AffiliateID, bookCurrency(row))
		if err != nil || paid {
			return err
		}
	}
	return s.bring(ctx, w, row, row.AmountMinor, cause)
}

// owe accrues a bonus. The same one again breaks the key, and its command with it.
func (s *Service) owe(ctx context.Context, w *work, v plan.Version, o owed) error {
	due, agreed := w.heldUntil(v)
	x, err := w.exchange(ctx, o.affiliate, o.bonus.Amount, o.at)
	if err != nil {
		return err
	}
	made := w.tx.Ent().Commission.Create()
	if o.trace != nil {
		made.SetTrace(o.trace)
	}
	c, err := x.keep(made.SetID(w.tx.ID(id.Commission)).SetOnceKey(o.key).SetPlanVersionID(v.ID).
		SetProgramID(w.program.ID).SetAffiliateID(o.affiliate).SetKind(o.kind).SetStatus(commission.StatusPENDING).
		SetCurrency(o.bonus.Amount.Currency).SetBaseMinor(0).SetAmountMinor(o.bonus.Amount.Minor).
		SetEarnedAt(o.at).SetNillableDueAt(due).SetNillableAgreedAt(agreed)).Save(ctx)
	if err != nil {
		return err
	}
	why := ledger.Cause{ID: o.cause, At: o.at}
	if o.late {
		why.At = time.Time{}
	}
	if err := s.book(ctx, w, c, why); err != nil {
		return err
	}
	emitCommission(w.tx, w.program, eventAccrued, c, c.AmountMinor, dueOf(c))
	return nil
}

// explainBonus explains a bonus from its key and the terms that made it; false for
// what is none.
func explainBonus(ctx context.Context, c *ent.Client, row *ent.Commission) (plan.Explanation, bool, error) {
	if row.OnceKey == nil {
		return plan.Explanation{}, false, nil
	}
	versions, err := termsOf(ctx, c, []*ent.Commission{row})
	if err != nil {
		return plan.Explanation{}, false, err
	}
	parts := strings.Split(*row.OnceKey, ":")
	v := versions[*row.PlanVersionID]
	b, found := v.Bonus(parts[2])
	nth, _ := strconv.Atoi(parts[len(parts)-1])
	return b.Explain(v, nth), found, nil
}
