package earn_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
	"github.com/tributary/tributary/track/token"
)

// market is one merchant with one program on a database of its own, and every
// room that an order walks through.
type market struct {
	*earn.Service
	t       testing.TB
	ctx     context.Context
	clock   *storetest.Clock
	store   *store.Store
	roster  *roster.Service
	track   *track.Service
	ledger  *ledger.Service
	program string
	links   uint64
	places  *sync.Once // events, on PostgreSQL
}

func open(t testing.TB) *market {
	t.Helper()
	m := &market{t: t, clock: storetest.NewClock(), places: new(sync.Once)}
	m.store = storetest.OpenAt(t, m.clock)
	m.ctx, _ = storetest.Merchant(t, m.store)
	m.roster = roster.New(roster.Config{Store: m.store})
	m.ledger = ledger.New(ledger.Config{Store: m.store})
	var err error
	m.track, err = track.New(track.Config{Store: m.store})
	m.must(err)
	m.Service = earn.New(earn.Config{Store: m.store, Track: m.track, Ledger: m.ledger})
	p, err := m.roster.ProgramCreate(m.ctx, roster.ProgramCreateInput{
		Name: "Shoes", Currency: "USD", TimeZone: "Asia/Tokyo", FallbackURL: "https://shop.example/",
	})
	m.must(err)
	m.program = p.ProgramID
	return m
}

func (m *market) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// refuses checks code and field path of an error.
func (m *market) refuses(err error, code problem.Code, field string) {
	m.t.Helper()
	p, ok := problem.As(err)
	if !ok || p.Code != code || strings.Join(p.Field, ".") != field {
		m.t.Errorf("got %v, want %s at %q", err, code, field)
	}
}

// run writes rows as no verb would: what other rooms, or a fault, leave behind.
func (m *market) run(fn func(ctx context.Context, tx *store.Tx) error) {
	m.t.Helper()
	_, err := store.Run(m.ctx, m.store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, fn(ctx, tx)
	})
	m.must(err)
}

// affiliate is active and enrolled, with an address made of its name.
func (m *market) affiliate(name string) string { return m.recruit(name, name+"@aff.example", "", "") }

// hired is a market that pays by these rules, and its one affiliate.
func hired(t testing.TB, rules ...plan.Rule) (m *market, affiliateID string) {
	t.Helper()
	m = open(t)
	m.terms(rules...)
	return m, m.affiliate("ada")
}

func (m *market) recruit(name, email, group, parent string) string {
	m.t.Helper()
	out, err := m.roster.AffiliateCreate(m.ctx, roster.AffiliateCreateInput{
		Name: name, Email: email, GroupID: group, ParentID: parent, ProgramIDs: []string{m.program},
	})
	m.must(err)
	return out.AffiliateID
}

func (m *market) suspend(affiliateID string) {
	m.t.Helper()
	_, err := m.roster.AffiliateSuspend(m.ctx, roster.StandingInput{ID: affiliateID, Reason: "test"})
	m.must(err)
}

// link is a link of the affiliate; it gives the link's number.
func (m *market) link(affiliateID string) uint64 {
	m.t.Helper()
	m.links++
	m.run(func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().Link.Create().SetProgramID(m.program).SetAffiliateID(affiliateID).SetNumber(m.links).
			SetSlug(fmt.Sprint("l", m.links)).SetDestination("https://shop.example/").Exec(ctx)
	})
	return m.links
}

// click is the token of a person's click on the link at an instant; its row has
// not arrived yet.
func (m *market) click(link uint64, at time.Time) string {
	click := id.NewUUID(at)
	click[15] |= 1 // may earn
	return token.Token{Click: click, Link: link}.Encode(m.store.Keys())
}

// clicked is a click of now on a new link of the affiliate.
func (m *market) clicked(affiliateID string) string {
	return m.click(m.link(affiliateID), m.clock.Now().Add(-time.Hour))
}

func (m *market) coupon(affiliateID, code string, uses int) string {
	m.t.Helper()
	var row *ent.Coupon
	m.run(func(ctx context.Context, tx *store.Tx) (err error) {
		row, err = tx.Ent().Coupon.Create().SetProgramID(m.program).SetAffiliateID(affiliateID).
			SetCode(code).SetCodeKey(attribution.CouponKey(code)).SetMaxUses(uses).Save(ctx)
		return err
	})
	return row.ID
}

// terms puts a plan with the rules into force, 30 days on hold.
func (m *market) terms(rules ...plan.Rule) earn.PlanActivateOutcome {
	m.t.Helper()
	p, err := m.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: m.program, Name: "Standard"})
	m.must(err)
	return m.activate(p.PlanID, rules...)
}

func (m *market) activate(planID string, rules ...plan.Rule) earn.PlanActivateOutcome {
	m.t.Helper()
	out, err := m.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: planID, Rules: rules, HoldDays: 30, AutoApprove: true})
	m.must(err)
	return out
}

func percent(rate string) plan.Rule {
	r, err := money.ParseRate(rate)
	if err != nil {
		panic(err)
	}
	return plan.Rule{Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: r}
}

func fixed(amount int64, c money.Currency) plan.Rule {
	return plan.Rule{Level: plan.LevelProgram, Kind: plan.KindFixed, Fixed: money.Of(amount, c)}
}

// sale is a paid order of now, with a line "a", "b", … for each amount.
func (m *market) sale(externalID, clickToken string, c money.Currency, amounts ...int64) order.Order {
	o := order.Order{
		Source: "api", ExternalID: externalID, Kind: order.KindSale, Status: order.StatusPaid, ProgramID: m.program,
		OccurredAt: m.clock.Now(), Currency: c, Total: money.Zero(c), ClickToken: clickToken,
	}
	for i, amount := range amounts {
		o.Lines = append(o.Lines, order.Line{ExternalID: string(rune('a' + i)), Quantity: 1, Amount: money.Of(amount, c)})
		o.Total.Minor += amount
	}
	return o
}

func (m *market) accept(o order.Order) earn.OrderOutcome {
	m.t.Helper()
	out, err := m.AcceptOrder(m.ctx, o)
	m.must(err)
	return out
}

// refund gives back part of an order as a whole.
func (m *market) refund(o order.Order, externalID string, amount int64) earn.RefundOutcome {
	m.t.Helper()
	out, err := m.AcceptRefund(m.ctx, refundOf(o, externalID, amount))
	m.must(err)
	return out
}

func refundOf(o order.Order, externalID string, amount int64) order.Refund {
	return order.Refund{
		Source: o.Source, OrderExternalID: o.ExternalID, ExternalID: externalID, OccurredAt: o.OccurredAt,
		Currency: o.Currency, Amount: money.Of(amount, o.Currency),
	}
}

func (m *market) approve(ids ...string) {
	m.t.Helper()
	_, err := m.CommissionApprove(m.ctx, earn.CommissionApproveInput{IDs: ids})
	m.must(err)
}

// commissions reads the commissions of a conversion, lowest level first.
func (m *market) commissions(conversionID string) []*ent.Commission {
	m.t.Helper()
	rows, err := m.store.Client().Commission.Query().Where(commission.ConversionID(conversionID)).
		Order(ent.Asc(commission.FieldLevel)).All(m.ctx)
	m.must(err)
	return rows
}

// books checks an affiliate's balances, and that the ledger as a whole sums to zero.
func (m *market) books(when, affiliateID string, c money.Currency, pending, payable int64) {
	m.t.Helper()
	gotPending, gotPayable := m.balance(affiliateID, c)
	if gotPending != pending || gotPayable != payable {
		m.t.Errorf("%s: pending %d, payable %d; want %d, %d", when, gotPending, gotPayable, pending, payable)
	}
	m.trial(when)
}

// said lists the events about some subjects, in the order of their making.
func (m *market) said(subjects ...string) []string {
	m.t.Helper()
	rows, err := m.store.Client().Event.Query().Order(ent.Asc("id")).All(m.ctx)
	m.must(err)
	var types []string
	for _, r := range rows {
		if slices.Contains(subjects, r.SubjectID) {
			types = append(types, r.Type)
		}
	}
	return types
}

// reason is why a conversion has no commission.
func (m *market) reason(conversionID string) string {
	m.t.Helper()
	row, err := m.store.Client().Conversion.Get(m.ctx, conversionID)
	m.must(err)
	return row.RatingReason
}
