package report_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/ent/payout"
	"github.com/tributary/tributary/ent/payoutbatch"
	"github.com/tributary/tributary/ent/syncitem"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/track/order"
)

// vitals spells a program's health: counts and rates, amounts, what waits, payouts and syncs.
func vitals(h report.ProgramHealth) string {
	out := fmt.Sprintf("%d/%d/%d %d %s%% %s%%", h.Clicks, h.ClicksUnique, h.ClicksConverted, h.Conversions, text(h.ClickRate()), text(h.ConversionRate()))
	for _, a := range h.Amounts {
		out += fmt.Sprintf(" %s %s-%s %s%%", a.Currency, a.Sales(), a.Refunded(), text(a.RefundRate()))
	}
	out += fmt.Sprintf(" waiting %d", h.CommissionsWaiting)
	for _, p := range h.Payouts {
		out += fmt.Sprintf(" %s due %d %s settled %d %s failed %d %s", p.Currency, p.Due, p.DueAmount(), p.Settled, p.SettledAmount(), p.Failed, p.FailedAmount())
	}
	return out + fmt.Sprintf(" sync %d dead %d failing %d", h.SyncPending, h.SyncDead, h.SyncFailing)
}

// sendPayouts writes payouts of an affiliate as they stand after their rails, in dollars.
func (w *walk) sendPayouts(of map[payout.Status]int64, settled time.Time) {
	w.run(func(ctx context.Context, tx *store.Tx) error {
		for status, cents := range of {
			batch, err := tx.Ent().PayoutBatch.Create().SetBatchKey(string(status) + settled.String()).SetRail(payoutbatch.RailMANUAL).SetCurrency("USD").SetTotalMinor(cents).SetCount(1).Save(ctx)
			if err != nil {
				return err
			}
			row := tx.Ent().Payout.Create().SetBatchID(batch.ID).SetAffiliateID(w.affiliates[0]).SetCurrency("USD").SetAmountMinor(cents).SetStatus(status)
			if status != payout.StatusRESERVED && status != payout.StatusAPPROVED {
				row.SetSettledAt(settled)
			}
			if err := row.Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// connected is an integration of the program with records that stand as they say, each
// changed at an instant.
func (w *walk) connected(status integration.Status, records map[syncitem.Status]time.Time, failures int) {
	w.run(func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.Ent().Integration.Create().SetProgramID(w.program).SetProvider(integration.ProviderHUBSPOT).SetName("CRM").SetStatus(status).
			SetSecretSealed([]byte("sealed")).Save(ctx)
		if err != nil {
			return err
		}
		if err := tx.Ent().SyncFeed.Create().SetIntegrationID(row.ID).SetFailures(failures).Exec(ctx); err != nil {
			return err
		}
		for status, since := range records {
			if err := tx.Ent().SyncItem.Create().SetIntegrationID(row.ID).SetKind(syncitem.KindDEAL).SetSubjectID(tx.ID(id.Conversion)).SetStatus(status).SetSince(since).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// S61: a program's health typed by hand. Of 100.00 that were sold, 25.00 are given back;
// one commission of two is approved. A payout that was settled before the days is not of
// them, and neither another program's integration nor one that is disabled counts.
func TestS61_HealthTypedByHand(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	begun := w.clock.Now()
	w.clicks(w.program, w.affiliates[0], begun, begun, begun, begun)
	w.sale("1", 8000, 0)
	w.clock.Advance(time.Hour)
	second := w.clock.Now()
	w.sale("2", 2000, 1)
	if _, err := w.earn.AcceptRefund(w.ctx, order.Refund{Source: "api", OrderExternalID: "1", ExternalID: "r", OccurredAt: second, Currency: "USD", Amount: money.Of(2500, "USD")}); err != nil {
		t.Fatal(err)
	}
	w.rollUp()
	w.sendPayouts(map[payout.Status]int64{payout.StatusRESERVED: 100, payout.StatusAPPROVED: 200, payout.StatusSETTLED: 400, payout.StatusFAILED: 800, payout.StatusRETURNED: 1600, payout.StatusCANCELLED: 3200}, second)
	w.sendPayouts(map[payout.Status]int64{payout.StatusSETTLED: 6400, payout.StatusFAILED: 12800}, second.AddDate(0, 0, -40))
	w.connected(integration.StatusACTIVE, map[syncitem.Status]time.Time{syncitem.StatusPENDING: second, syncitem.StatusFAILED: begun, syncitem.StatusDEAD: begun.Add(-time.Hour), syncitem.StatusSENT: begun.Add(-time.Hour)}, 3)
	w.connected(integration.StatusACTIVE, nil, 0)
	w.connected(integration.StatusDISABLED, map[syncitem.Status]time.Time{syncitem.StatusPENDING: begun.Add(-time.Hour)}, 1)
	w.clock.Advance(10 * time.Minute)

	h := storetest.Must[report.ProgramHealth](t)(w.ProgramHealth(w.ctx, report.HealthInput{ProgramID: w.program, Period: report.Last30Days}))
	if got, want := vitals(h), "3/4/0 2 0.0000% 50.0000% USD 100.00-25.00 25.0000% waiting 2 USD due 2 3.00 settled 1 4.00 failed 2 24.00 sync 2 dead 1 failing 1"; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	if h.CommissionsWaitingSince == nil || !h.CommissionsWaitingSince.Equal(begun) || h.SyncOldestSince == nil || !h.SyncOldestSince.Equal(begun) || h.SyncLatencySeconds() != 4200 {
		t.Errorf("waits since %v, a record since %v: %d s", h.CommissionsWaitingSince, h.SyncOldestSince, h.SyncLatencySeconds())
	}
	if !h.ServingSince.Before(begun.Add(time.Second)) || h.UptimeSeconds() < 4200 {
		t.Errorf("serving since %v: %d s", h.ServingSince, h.UptimeSeconds())
	}
	other := w.market.program("Hats", "UTC")
	h = storetest.Must[report.ProgramHealth](t)(w.ProgramHealth(w.ctx, report.HealthInput{ProgramID: other, Period: report.Today}))
	if got, want := vitals(h), "0/0/0 0 ?% ?% waiting 0 USD due 2 3.00 settled 1 4.00 failed 2 24.00 sync 0 dead 0 failing 0"; got != want || h.SyncOldestSince != nil || h.CommissionsWaitingSince != nil {
		t.Errorf("another program: %s, want\n%s", got, want)
	}
}

// S61: how far reports are behind is told by the first event they lack, and by none when
// they have come as far as the journal.
func TestS61_HealthTellsHowFarReportsAre(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	w.rollUp()
	in := report.HealthInput{ProgramID: w.program, Period: report.Today}
	if h := storetest.Must[report.ProgramHealth](t)(w.ProgramHealth(w.ctx, in)); h.ReportsBehind != nil || h.ReportsLatencySeconds() != 0 {
		t.Errorf("all is counted, and it is behind since %v", h.ReportsBehind)
	}
	w.clock.Advance(time.Minute)
	sold := w.clock.Now()
	w.sale("1", 1000, 0)
	w.clock.Advance(time.Minute)
	w.sale("2", 1000, 0)
	w.background()
	h := storetest.Must[report.ProgramHealth](t)(w.ProgramHealth(w.ctx, in))
	for late := time.Now().Add(patience); h.ReportsBehind == nil && time.Now().Before(late); time.Sleep(10 * time.Millisecond) { // until it has a place
		h = storetest.Must[report.ProgramHealth](t)(w.ProgramHealth(w.ctx, in))
	}
	if h.ReportsBehind == nil || !h.ReportsBehind.Equal(sold) || h.ReportsLatencySeconds() != 60 {
		t.Errorf("behind since %v, %d s", h.ReportsBehind, h.ReportsLatencySeconds())
	}
}

// S61: health moves with orders, and with what is no event.
func TestS61_HealthMoves(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	w.background(func(ctx context.Context) error { return w.store.Follow(ctx, w.RollupFollower()) })
	ctx, leave := context.WithCancel(w.ctx)
	defer leave()
	c := storetest.Must[<-chan report.ProgramHealth](t)(w.ProgramHealthLive(ctx, report.HealthInput{ProgramID: w.program, Period: report.ThisYear}))
	reach := func(want string) {
		t.Helper()
		for vitals(next(t, c)) != want {
		}
	}
	w.sale("1", 1000, 0)
	reach("0/0/0 1 ?% ?% USD 10.00-0.00 0.0000% waiting 1 sync 0 dead 0 failing 0")
	w.connected(integration.StatusACTIVE, map[syncitem.Status]time.Time{syncitem.StatusPENDING: w.clock.Now()}, 0)
	reach("0/0/0 1 ?% ?% USD 10.00-0.00 0.0000% waiting 1 sync 1 dead 0 failing 0")
	leave()
	closed(t, c)
}

func TestS61_HealthThatIsRefused(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	other := newMarket(t, w.store, w.clock, w.Service)
	for _, row := range []struct {
		ctx   context.Context
		in    report.HealthInput
		code  problem.Code
		field string
	}{
		{w.as(w.affiliates[0]), report.HealthInput{ProgramID: w.program, Period: report.Today}, problem.Forbidden, ""},
		{w.ctx, report.HealthInput{ProgramID: other.program("Hats", "UTC"), Period: report.Today}, problem.NotFound, "programId"},
		{w.ctx, report.HealthInput{ProgramID: w.program}, problem.Invalid, "period"},
	} {
		_, err := w.ProgramHealth(row.ctx, row.in)
		w.refuses(err, row.code, row.field)
		_, err = w.ProgramHealthLive(row.ctx, row.in)
		w.refuses(err, row.code, row.field)
	}
}
