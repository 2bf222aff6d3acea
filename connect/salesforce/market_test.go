package salesforce_test

import (
	"context"
	"os"
	"testing"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/salesforce"
	"github.com/tributary/tributary/connect/salesforce/salesforcetest"
	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/egress"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
)

// market is one merchant with a program that pays 10 percent, an affiliate with a
// link, and a Salesforce org that can be called, with the package, on a database of its own.
type market struct {
	*testing.T
	ctx                context.Context
	clock              *storetest.Clock
	store              *store.Store
	roster             *roster.Service
	earn               *earn.Service
	connect            *connect.Service
	org                *salesforcetest.Org
	program, affiliate string
}

func found(t *testing.T) *market {
	t.Helper()
	m := &market{T: t, clock: storetest.NewClock(), org: salesforcetest.Open(11)}
	t.Cleanup(m.org.Close)
	m.org.Deploy(os.DirFS("metadata"))
	m.store = storetest.OpenAt(t, m.clock)
	m.ctx, _ = storetest.Merchant(t, m.store)
	tracks, err := track.New(track.Config{Store: m.store})
	m.must(err)
	m.roster = roster.New(roster.Config{Store: m.store})
	m.earn = earn.New(earn.Config{Store: m.store, Track: tracks, Ledger: ledger.New(ledger.Config{Store: m.store})})
	m.connect = m.server()
	p, err := m.roster.ProgramCreate(m.ctx, roster.ProgramCreateInput{Name: "Shoes", Currency: "USD", TimeZone: "UTC", FallbackURL: "https://shop.example/"})
	m.must(err)
	m.program = p.ProgramID
	a, err := m.roster.AffiliateCreate(m.ctx, roster.AffiliateCreateInput{Name: "Ann", Email: "ann@aff.example", ProgramIDs: []string{m.program}})
	m.must(err)
	m.affiliate = a.AffiliateID
	terms, err := m.earn.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: m.program, Name: "Standard"})
	m.must(err)
	rate, err := money.ParseRate("10")
	m.must(err)
	_, err = m.earn.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: terms.PlanID, HoldDays: 30, Rules: []plan.Rule{{Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: rate}}})
	m.must(err)
	return m
}

// server is one more of them on the same database.
func (m *market) server() *connect.Service {
	client := egress.New(egress.Options{Guard: egress.Guard{Loopback: true}, Answer: 4 << 20})
	m.Cleanup(client.Close)
	return connect.New(connect.Config{
		Store: m.store, Roster: m.roster, Earn: m.earn, Client: client,
		Providers: map[string]connect.Provider{salesforce.Name: salesforce.At(m.org.Login.URL)},
	})
}

func (m *market) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// joined connects the account by its key.
func (m *market) joined() string {
	m.Helper()
	out, err := m.connect.Connect(m.ctx, connect.ConnectInput{
		ProgramID: m.program, Provider: salesforce.Name, Name: "CRM", Account: salesforcetest.Account, Keys: appKeys(),
	})
	m.must(err)
	return out.IntegrationID
}
