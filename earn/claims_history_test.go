package earn_test

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/dispute"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/rates"
	"github.com/tributary/tributary/track/order"
)

// claims are histories whose affiliates are paid in euros, in yen and in whatever was
// sold, with rates that come and fail to, disputes, and adjustments taken back.
type claims struct{ *history }

var everyCurrency = append([]money.Currency{"EUR"}, currencies...)

func (c claims) all() map[string]func() bool {
	all := maps.Clone(c.operations())
	maps.Copy(all, map[string]func() bool{
		"approve": c.approveSome, "paid out": c.payOutAny, "rates": c.ratesCome, "take back": c.takeBack,
		"claim": c.claim, "comment": c.comment, "grant": c.grant, "decline": c.decline, "overdue": c.overdue,
	})
	delete(all, "new terms")
	return all
}

func (c claims) approveSome() bool {
	id := c.pending()
	if id == "" {
		return false
	}
	_, err := c.CommissionApprove(c.ctx, earn.CommissionApproveInput{IDs: []string{id}})
	return c.done(err)
}

func (c claims) payOutAny() bool {
	who, in := c.who[c.r.IntN(3)], everyCurrency[c.r.IntN(4)]
	_, payable := c.balance(who, in)
	if payable <= 0 {
		return false
	}
	c.paid[who+string(in)] += payable
	c.drain(who, in)
	return true
}

// ratesCome publishes rates of a day for which something waits, other ones each day.
func (c claims) ratesCome() bool {
	first, err := c.store.Client().Commission.Query().Where(commission.RateMissing(true)).Order(ent.Asc(commission.FieldEarnedAt)).First(c.ctx)
	if ent.IsNotFound(err) {
		return false
	}
	c.must(err)
	day, by := first.EarnedAt.UTC().Format(time.DateOnly), first.EarnedAt.UTC().Unix()/86400
	_, other, err := c.store.DoorRatesAdd(context.Background(), []store.PublishedRate{
		{Source: rates.ECB, Day: day, Currency: "USD", Mantissa: 10000 + by%977, Scale: 4},
		{Source: rates.ECB, Day: day, Currency: "JPY", Mantissa: 15000 + by%773, Scale: 2},
		{Source: rates.ECB, Day: day, Currency: "KWD", Mantissa: 3000 + by%571, Scale: 4},
	})
	if c.must(err); other != nil {
		c.t.Fatal(other)
	}
	n, err := c.ConvertWaiting(c.ctx, 3)
	return c.done(err) && n > 0
}

func (c claims) takeBack() bool {
	row, err := c.store.Client().Commission.Query().Where(commission.KindEQ(commission.KindADJUSTMENT), commission.StatusEQ(commission.StatusAPPROVED)).First(c.ctx)
	if ent.IsNotFound(err) {
		return false
	}
	c.must(err)
	_, err = c.CommissionAdjustReverse(c.ctx, earn.CommissionAdjustReverseInput{ID: row.ID, Reason: "test"})
	return c.done(err)
}

// claim disputes an order that is there, or one that is not.
func (c claims) claim() bool {
	external, who := c.any().ExternalID, c.who[c.r.IntN(3)]
	if c.r.IntN(2) == 0 {
		c.made++
		external = fmt.Sprint("lost-", c.made)
	}
	_, err := c.DisputeOpen(c.asAffiliate(who), earn.DisputeOpenInput{
		ProgramID: c.program, OrderExternalID: external, OccurredAt: c.clock.Now(), Amount: money.Of(1000+c.r.Int64N(9000), currencies[c.r.IntN(3)]), Evidence: "mine",
	})
	return err == nil
}

func (c claims) undecided() *ent.Dispute {
	rows, err := c.store.Client().Dispute.Query().Where(dispute.DecidedAtIsNil()).All(c.ctx)
	if c.must(err); len(rows) == 0 {
		return nil
	}
	return rows[c.r.IntN(len(rows))]
}

func (c claims) comment() bool {
	d := c.undecided()
	if d == nil {
		return false
	}
	_, err := c.DisputeComment(c.ctx, earn.DisputeCommentInput{ID: d.ID, Text: "we look"})
	return c.done(err)
}

func (c claims) decline() bool {
	d := c.undecided()
	if d == nil {
		return false
	}
	_, err := c.DisputeDecline(c.ctx, earn.DisputeDeclineInput{ID: d.ID, Reason: "no"})
	return c.done(err)
}

// grant does one of the three; it is refused where there is nothing to be decided again.
func (c claims) grant() bool {
	d := c.undecided()
	if d == nil {
		return false
	}
	effect := dispute.EffectREATTRIBUTE
	if strings.HasPrefix(d.OrderExternalID, "lost-") {
		effect = dispute.EffectRECORD
	}
	if c.r.IntN(4) == 0 {
		effect = dispute.EffectCREDIT
	}
	in := earn.DisputeAcceptInput{ID: d.ID, Reason: "yes", Effect: effect}
	if effect == dispute.EffectCREDIT {
		credit := money.Of(1+c.r.Int64N(900), d.Currency)
		in.Amount = &credit
	}
	if _, err := c.DisputeAccept(c.ctx, in); err != nil {
		return false
	}
	c.recorded(d, effect)
	c.seen["grant "+string(effect)]++
	return true
}

// recorded remembers a sale that a dispute put on record, so that it is given back too.
func (c claims) recorded(d *ent.Dispute, e dispute.Effect) {
	if e == dispute.EffectRECORD {
		c.orders = append(c.orders, order.Order{Source: "dispute", ExternalID: d.OrderExternalID, Kind: order.KindSale, Status: order.StatusPaid, ProgramID: c.program,
			OccurredAt: d.OccurredAt, Currency: d.Currency, Total: d.Amount(), Lines: order.Whole(d.Amount()), Version: 1})
	}
}

func (c claims) overdue() bool {
	c.clock.Advance(3 * 24 * time.Hour)
	open, err := c.store.Client().Dispute.Query().Where(dispute.DecidedAtIsNil()).All(c.ctx)
	c.must(err)
	n, err := c.DecideOverdue(c.ctx, 50)
	for _, d := range open {
		if after := c.dispute(d.ID); after.Effect != nil {
			c.recorded(after, *after.Effect)
			c.seen["grant "+string(*after.Effect)]++
		}
	}
	return c.done(err) && n > 0
}

// agreesInBook is agrees in the currency of the accounts: of a commission that was
// converted what is left is reckoned here from its own columns, in whole numbers of any
// size, rounded half away from zero.
func (c claims) agreesInBook(after string) {
	c.t.Helper()
	rows, err := c.store.Client().Commission.Query().All(c.ctx)
	c.must(err)
	pending, payable := map[string]int64{}, map[string]int64{}
	for _, row := range rows {
		in, rest := row.Currency, row.AmountMinor-row.ReversedMinor
		if row.RateSource != "" {
			back := new(big.Int).Mul(big.NewInt(2*row.PaidAmount), big.NewInt(row.ReversedMinor))
			back.Add(back, big.NewInt(row.AmountMinor)).Quo(back, big.NewInt(2*row.AmountMinor))
			in, rest = *row.PaidCurrency, row.PaidAmount-back.Int64()
			c.seen["commission converted"]++
		} else if row.RateMissing {
			c.seen["commission waiting"]++
		}
		switch row.Status {
		case commission.StatusPENDING:
			pending[row.AffiliateID+string(in)] += rest
		case commission.StatusAPPROVED:
			payable[row.AffiliateID+string(in)] += rest
		}
	}
	for _, who := range c.who {
		for _, in := range everyCurrency {
			c.books("after "+after, who, in, pending[who+string(in)], payable[who+string(in)]-c.paid[who+string(in)])
		}
	}
}

// Whatever is sold, disputed, converted and taken back in whatever order: the ledger
// sums to zero in each currency and says what the commissions say; and once every order
// is given back and every adjustment taken back, nothing is left anywhere but what was
// paid out, as a debt.
func TestN17_N30_Q09_TheBooksBalanceAfterAnyHistoryOfClaims(t *testing.T) {
	t.Parallel()
	seed := draws.Seed(t, 0)
	c := claims{startHistory(t, seed)}
	c.paidIn(c.who[0], "EUR")
	c.paidIn(c.who[1], "JPY")
	c.settings(400, 2, "ACCEPT")
	c.newOrder(order.StatusPaid)
	all := c.all()
	names := slices.Sorted(maps.Keys(all))
	names = append(names, "sale", "sale", "sale", "refund", "refund", "approve", "rates", "claim", "claim", "edit")
	wanted := append(slices.Clone(names), "grant REATTRIBUTE", "grant RECORD", "grant CREDIT", "commission converted", "commission waiting")
	lacking := func() []string {
		return slices.DeleteFunc(slices.Clone(wanted), func(name string) bool { return c.seen[name] > 0 })
	}
	for n := 0; n < 250 || n < 1000 && len(lacking()) > 0; n++ {
		name := names[c.r.IntN(len(names))]
		if all[name]() {
			c.seen[name]++
		}
		if n%10 == 9 {
			c.agreesInBook(name)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	if t.Log(c.seen); len(lacking()) > 0 {
		t.Errorf("these never happened: %q", lacking())
	}
	c.everythingBack()
}

func (c claims) everythingBack() {
	c.t.Helper()
	for _, o := range c.orders {
		r := refundOf(o, "everything", 0)
		r.Full, r.Amount = true, money.Money{}
		_, err := c.AcceptRefund(c.ctx, r)
		c.done(err)
	}
	for c.takeBack() {
	}
	c.agreesInBook("everything is given back")
	for _, in := range everyCurrency {
		for _, who := range c.who {
			c.books("everything is given back", who, in, 0, -c.paid[who+string(in)])
		}
		c.standsAt("everything is given back", ledger.ExpenseAccount, in, 0)
		c.standsAt("everything is given back", ledger.ExchangeAccount, in, 0)
	}
	c.sound()
}
