package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/trust"
)

const (
	simulatedPeople = 500
	simulatedBatch  = 500
	simulatedMonths = 10
)

// past is a merchant whose affiliates have sold for months.
type past struct {
	store      *store.Store
	earn       *earn.Service
	roster     *roster.Service
	ctx        context.Context
	program    string
	plan       string
	affiliates []string
	version    plan.Version
	begin      time.Time
}

// simulation measures how long it takes to compute commissions again under terms that
// change every second of them, with tiers. What it counts is written as orders leave it.
func simulation(ctx context.Context, r *run) error {
	p, err := openPast(ctx, r)
	if err != nil {
		return err
	}
	r.say("selling %d orders …", r.Commissions)
	for made := 0; made < r.Commissions; made += simulatedBatch {
		if err := p.sell(made, min(simulatedBatch, r.Commissions-made), r.Commissions); err != nil {
			return err
		}
	}
	terms := earn.PlanActivateInput{PlanID: p.plan, Rules: []plan.Rule{simulatedRule(true)}}
	if r.Whole {
		terms.Rules[0].Tiers.Mode = plan.Retroactive
		terms.Bonuses = []plan.Bonus{{Name: "month", Kind: plan.BonusGoal, Amount: money.Of(500, "USD"), Metric: plan.MetricRevenue, Period: plan.Month, Goal: money.Of(20_000, "USD")}}
	}
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // the peak begins here, where the system can tell
	began, busy := time.Now(), spent()
	out, err := p.earn.PlanSimulate(p.ctx, earn.PlanSimulateInput{ProgramID: p.program, Terms: &terms, From: p.begin, Until: p.store.Now()})
	if err != nil {
		return err
	}
	if err := p.earn.WorkOn(p.ctx, out.SimulationID); err != nil {
		return err
	}
	took := time.Since(began)
	busy = spent() - busy
	row, err := p.store.Client().Simulation.Get(p.ctx, out.SimulationID)
	if err != nil {
		return err
	}
	r.result.RPS, r.result.RSS = float64(row.LookedAt)/took.Seconds(), peak()
	r.note("%d commissions looked at, %d changed, in %.1f s; %.1f s of a processor", row.LookedAt, row.Changed, took.Seconds(), busy.Seconds())
	return nil
}

// spent is how long this process has had a processor.
func spent() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the most memory this process had, in MiB; 0 where the system does not tell.
func peak() float64 {
	text, _ := os.ReadFile("/proc/self/status")
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	kib, _ := strconv.ParseFloat(strings.Fields(after + " 0")[0], 64)
	return kib / 1024
}

func openPast(ctx context.Context, r *run) (*past, error) {
	dir, err := os.MkdirTemp("", "tributary-bench-")
	if err != nil {
		return nil, err
	}
	r.cleanup = append(r.cleanup, func() { _ = os.RemoveAll(dir) })
	keys, err := seal.LoadOrCreate(filepath.Join(dir, "key"))
	if err != nil {
		return nil, err
	}
	p := &past{}
	if p.store, err = store.Open(ctx, store.Config{URL: r.Database, DataDir: dir, Keys: keys}); err != nil {
		return nil, err
	}
	r.cleanup = append(r.cleanup, func() { _ = p.store.Close() })
	if err := p.store.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := queue.Migrate(ctx, p.store); err != nil {
		return nil, err
	}
	p.roster = roster.New(roster.Config{Store: p.store})
	trk, err := track.New(track.Config{Store: p.store})
	if err != nil {
		return nil, err
	}
	p.earn = earn.New(earn.Config{Store: p.store, Track: trk, Ledger: ledger.New(ledger.Config{Store: p.store})})
	p.begin = p.store.Now().AddDate(0, -simulatedMonths, 0)
	return p, p.furnish(ctx)
}

func simulatedRule(tiers bool) plan.Rule {
	r := plan.Rule{Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: money.Rate{Num: 10}}
	if tiers {
		r.Tiers = &plan.Tiers{Metric: plan.MetricRevenue, Mode: plan.Prospective, Period: plan.Month, Steps: []plan.Tier{{Amount: money.Of(10_000, "USD"), Rate: money.Rate{Num: 12}}}}
	}
	return r
}

func (p *past) furnish(ctx context.Context) error {
	mid := id.New(id.Merchant, p.store.Now())
	p.ctx = trust.With(ctx, trust.System(mid))
	if err := p.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().Merchant.Create().SetID(mid).SetName("Bench").SetMode(merchant.ModeLIVE).SetCurrency("USD").Exec(ctx)
	}); err != nil {
		return err
	}
	made, err := p.roster.ProgramCreate(p.ctx, roster.ProgramCreateInput{Name: "Bench", Currency: "USD", FallbackURL: "https://shop.example/"})
	if err != nil {
		return err
	}
	p.program = made.ProgramID
	for i := range simulatedPeople {
		a, err := p.roster.AffiliateCreate(p.ctx, roster.AffiliateCreateInput{Name: fmt.Sprint("a", i), Email: fmt.Sprint("a", i, "@bench.example"), ProgramIDs: []string{p.program}})
		if err != nil {
			return err
		}
		p.affiliates = append(p.affiliates, a.AffiliateID)
	}
	terms, err := p.earn.PlanCreate(p.ctx, earn.PlanCreateInput{ProgramID: p.program, Name: "Standard"})
	if err != nil {
		return err
	}
	p.plan = terms.PlanID
	active, err := p.earn.PlanActivate(p.ctx, earn.PlanActivateInput{PlanID: p.plan, Rules: []plan.Rule{simulatedRule(false)}, HoldDays: 30})
	if err != nil {
		return err
	}
	row, err := p.store.Client().PlanVersion.Get(p.ctx, active.PlanVersionID)
	if err != nil {
		return err
	}
	p.version, err = plan.DecodeVersion(row.Document)
	return err
}

func (p *past) write(fn func(ctx context.Context, tx *store.Tx) error) error {
	_, err := store.Run(p.ctx, p.store, store.Command{Name: "bench", Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, fn(ctx, tx)
	})
	return err
}

// sell writes orders of one line, from so many on of all.
func (p *past) sell(from, n, all int) error {
	return p.write(func(ctx context.Context, tx *store.Tx) error {
		sales, lines, owed := make([]*ent.ConversionCreate, n), make([]*ent.ConversionLineCreate, n), make([]*ent.CommissionCreate, n)
		length := p.store.Now().Sub(p.begin) - time.Hour
		for i := range n {
			k := from + i
			at := p.begin.Add(time.Duration(float64(length) * float64(k) / float64(all))).UTC().Truncate(time.Microsecond)
			amount, who := int64(1000+k%9000), p.affiliates[k%len(p.affiliates)]
			sale, line := tx.ID(id.Conversion), tx.ID(id.Line)
			r, err := plan.Evaluate(p.version, plan.Input{AffiliateID: who, Currency: "USD", Lines: []plan.LineIn{{ID: line, Amount: money.Of(amount, "USD")}}})
			if err != nil {
				return err
			}
			sales[i] = tx.Ent().Conversion.Create().SetID(sale).SetProgramID(p.program).SetKind(conversion.KindSALE).SetStatus(conversion.StatusACCEPTED).
				SetRating(conversion.RatingRATED).SetSource("api").SetSources([]string{"api"}).SetExternalID(fmt.Sprint("o", k)).SetOccurredAt(at).
				SetCurrency("USD").SetTotalMinor(amount).SetBaseMinor(amount).SetDigest([]byte{1})
			lines[i] = tx.Ent().ConversionLine.Create().SetID(line).SetConversionID(sale).SetExternalID("1").SetQuantity(1).SetCurrency("USD").SetAmountMinor(amount)
			owed[i] = tx.Ent().Commission.Create().SetConversionID(sale).SetPlanVersionID(p.version.ID).SetProgramID(p.program).SetAffiliateID(who).
				SetKind(commission.KindCONVERSION).SetCurrency("USD").SetBaseMinor(amount).SetAmountMinor(r.Amount.Minor).SetEarnedAt(at).SetDueAt(at).SetTrace(r.Trace.Encode())
		}
		if err := tx.Ent().Conversion.CreateBulk(sales...).Exec(ctx); err != nil {
			return err
		}
		if err := tx.Ent().ConversionLine.CreateBulk(lines...).Exec(ctx); err != nil {
			return err
		}
		return tx.Ent().Commission.CreateBulk(owed...).Exec(ctx)
	})
}
