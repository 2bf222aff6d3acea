package pay_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/pay"
	"github.com/tributary/tributary/pay/rail"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/trust"
)

// desk is one merchant's paying desk on a database of its own.
type desk struct {
	*pay.Service
	t        testing.TB
	ctx      context.Context
	merchant string
	clock    *storetest.Clock
	store    *store.Store
	roster   *roster.Service
	ledger   *ledger.Service
	people   int
}

// slip is a way to send money that a test can read.
type slip struct{ name string }

func (s slip) Name() string                                      { return s.name }
func (s slip) Account(details map[string]string) (string, error) { return rail.Find(details) }
func (s slip) List(w io.Writer, items []rail.Item) error {
	var rows [][]string
	for _, i := range items {
		rows = append(rows, []string{i.Name, i.Amount.String(), i.Hint, i.Details["iban"]})
	}
	return rail.WriteCSV(w, rows)
}

func openDesk(t testing.TB) *desk {
	t.Helper()
	clock := storetest.NewClock()
	return newDesk(t, storetest.OpenAt(t, clock), clock)
}

func newDesk(t testing.TB, s *store.Store, clock *storetest.Clock) *desk {
	t.Helper()
	d := &desk{t: t, clock: clock, store: s}
	d.ctx, d.merchant = storetest.Merchant(t, s)
	d.roster, d.ledger = roster.New(roster.Config{Store: s}), ledger.New(ledger.Config{Store: s})
	d.Service = pay.New(pay.Config{Store: s, Ledger: d.ledger, Rails: []rail.Rail{slip{"MANUAL"}, slip{"CSV"}}})
	return d
}

// program makes a program whose smallest pay-out is so many cents.
func (d *desk) program(currency string, threshold int64) string {
	d.t.Helper()
	least := money.Of(threshold, money.Currency(currency))
	return storetest.Must[roster.ProgramOutcome](d.t)(d.roster.ProgramCreate(d.ctx, roster.ProgramCreateInput{
		Name: "Shoes", Currency: currency, FallbackURL: "https://shop.example/", Threshold: &least,
	})).ProgramID
}

// affiliate makes an active affiliate in programs.
func (d *desk) affiliate(programs ...string) string {
	d.t.Helper()
	d.people++
	return storetest.Must[roster.AffiliateCreated](d.t)(d.roster.AffiliateCreate(d.ctx, roster.AffiliateCreateInput{
		Name: fmt.Sprintf("Affiliate %d", d.people), Email: fmt.Sprintf("a%d@example.org", d.people), ProgramIDs: programs,
	})).AffiliateID
}

// owe changes what an affiliate may be paid.
func (d *desk) owe(affiliateID string, minor int64, currency string) {
	d.t.Helper()
	_, err := store.Run(d.ctx, d.store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, d.ledger.AdjustIn(ctx, tx, tx.ID(id.Commission), affiliateID, money.Of(minor, money.Currency(currency)), "by hand")
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// batch makes a batch in USD.
func (d *desk) batch(key string) string {
	d.t.Helper()
	return storetest.Must[pay.BatchOutcome](d.t)(d.BatchCreate(d.ctx, pay.BatchCreateInput{BatchKey: key, Currency: "USD"})).BatchID
}

func (d *desk) approve(batchID string) {
	d.t.Helper()
	storetest.Must[pay.BatchOutcome](d.t)(d.BatchApprove(d.ctx, pay.BatchApproveInput{ID: batchID}))
}

// payouts gives a batch's payouts as affiliate → "amount STATUS", and their ids.
func (d *desk) payouts(batchID string) (states, ids map[string]string) {
	d.t.Helper()
	b, err := d.store.Client().PayoutBatch.Get(d.ctx, batchID)
	if err != nil {
		d.t.Fatal(err)
	}
	rows, err := b.QueryPayouts().All(d.ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	states, ids = map[string]string{}, map[string]string{}
	for _, p := range rows {
		states[p.AffiliateID] = fmt.Sprint(p.AmountMinor, " ", p.Status)
		ids[p.AffiliateID] = p.ID
	}
	return states, ids
}

// stands checks an affiliate's USD balance: payable, reserved, paid in cents.
func (d *desk) stands(affiliateID, want string) {
	d.t.Helper()
	all := storetest.Must[[]pay.Balance](d.t)(d.Balances(d.ctx, affiliateID))
	got := "0 0 0"
	for _, b := range all {
		if b.Currency == "USD" {
			got = fmt.Sprint(b.Payable.Minor, " ", b.Reserved.Minor, " ", b.Paid.Minor)
		}
	}
	if got != want {
		d.t.Errorf("payable, reserved, paid are %s, want %s", got, want)
	}
}

// refuses checks code and field of an error.
func (d *desk) refuses(err error, code problem.Code, field string) {
	d.t.Helper()
	p, ok := problem.As(err)
	if !ok || p.Code != code || strings.Join(p.Field, ".") != field {
		d.t.Errorf("got %v, want %s at %q", err, code, field)
	}
}

// as gives the context of an affiliate's own session.
func (d *desk) as(affiliateID string) context.Context {
	return trust.With(d.t.Context(), trust.Viewer{
		MerchantID: d.merchant, PrincipalID: "usr_" + affiliateID, Kind: trust.KindUser, Role: trust.Affiliate, AffiliateID: affiliateID,
	})
}

// events gives the merchant's events as "type affiliate".
func (d *desk) events(prefix string) (all []string) {
	d.t.Helper()
	for _, e := range d.journal() {
		if strings.HasPrefix(e.Type, prefix) {
			all = append(all, e.Type+" "+e.Facts["amount"])
		}
	}
	return all
}

// journal reads the merchant's events, placing them first where a server would.
func (d *desk) journal() []store.Event {
	d.t.Helper()
	placed(d.t, d.store)
	return storetest.Must[[]store.Event](d.t)(d.store.Events(d.ctx, d.merchant, 0, 10_000))
}

// balanced fails unless the book balances.
func (d *desk) balanced() {
	d.t.Helper()
	for c, sum := range storetest.Must[map[money.Currency]int64](d.t)(d.ledger.TrialBalance(d.ctx)) {
		if sum != 0 {
			d.t.Errorf("the trial balance in %s is %d", c, sum)
		}
	}
	if found := storetest.Must[[]ledger.Finding](d.t)(d.ledger.Verify(d.ctx, nil)); len(found) > 0 {
		d.t.Errorf("the book: %v", found)
	}
}

func (d *desk) rename(affiliateID, name string) {
	d.t.Helper()
	storetest.Must[roster.AffiliateOutcome](d.t)(d.roster.AffiliateUpdate(d.ctx, roster.AffiliateUpdateInput{ID: affiliateID, Name: &name}))
}

// moveDetails writes sealed details into another method's row.
func (d *desk) moveDetails(sealed []byte, methodID string) {
	d.t.Helper()
	_, err := store.Run(d.ctx, d.store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, tx.Ent().PayoutMethod.UpdateOneID(methodID).SetDetailsSealed(sealed).Exec(ctx)
	})
	if err != nil {
		d.t.Fatal(err)
	}
}
