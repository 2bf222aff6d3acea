package woocommerce_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/conformance"
	"github.com/tributary/tributary/connect/woocommerce"
	"github.com/tributary/tributary/connect/woocommerce/woocommercetest"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/reconciliation"
	"github.com/tributary/tributary/internal/egress"
	"github.com/tributary/tributary/roster"
)

// street is a market with a shop that can be called.
type street struct {
	*conformance.Market
	fake *woocommercetest.Shop
	sent int64
}

// caller calls what is played on this machine.
func caller() connect.Call {
	return egress.New(egress.Options{Guard: egress.Guard{Loopback: true}, Answer: egress.LongAnswer}).Do
}

// keys are those of the shop that is played.
func keys() map[string]string {
	return map[string]string{"consumerKey": woocommercetest.Key, "consumerSecret": woocommercetest.Secret}
}

func played(t testing.TB) *woocommercetest.Shop {
	t.Helper()
	fake := woocommercetest.Open()
	t.Cleanup(fake.Close)
	return fake
}

// openStreet connects the shop by keys.
func openStreet(t *testing.T) *street {
	t.Helper()
	s := &street{Market: conformance.Open(t, subject()), fake: played(t)}
	s.Connect = s.server()
	out, err := s.Connect.Connect(s.Ctx, connect.ConnectInput{
		ProgramID: s.Program, Provider: woocommerce.Name, Name: "Shoes", Account: "https://Shoes.example/store/",
		Keys: keys(), Secret: conformance.Secret,
	})
	s.Must(err)
	s.Shop = out.IntegrationID
	return s
}

// server is one more of them on the same database.
func (s *street) server() *connect.Service {
	return connect.New(connect.Config{
		Roster: roster.New(roster.Config{Store: s.Store}), Store: s.Store, Earn: s.Earn,
		Providers: map[string]connect.Provider{woocommerce.Name: woocommerce.At(s.fake.Base)},
		Client:    egress.New(egress.Options{Guard: egress.Guard{Loopback: true}}),
	})
}

// of makes a body one about the order of a number, with the click.
func (s *street) of(number int, raw []byte) []byte { return told("", raw).Body(number, s.Token) }

// has puts the order of a number into the shop, and its refunds.
func (s *street) has(number int, raw, refunds []byte) {
	s.fake.Put(s.of(number, raw))
	if refunds != nil {
		s.fake.Give(orderID(number), refunds)
	}
}

// serve delivers a body as it stands and answers as String of code and body.
func (s *street) serve(topic string, raw []byte, change func(http.Header)) (int, string) {
	s.sent++
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, connect.HookPath(s.Shop), bytes.NewReader(raw))
	woocommercetest.Sign(r.Header, topic, raw, s.sent, conformance.Secret)
	change(r.Header)
	w := httptest.NewRecorder()
	s.Connect.Hooks().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// hears delivers a message about the order of a number and lets it be worked on.
func (s *street) hears(number int, topic string, raw []byte) {
	s.T.Helper()
	code, answer := s.serve(topic, s.of(number, raw), func(http.Header) {})
	if code != http.StatusOK {
		s.T.Errorf("%s of %d: %d %s", topic, number, code, answer)
	}
	s.works()
}

func (s *street) works() {
	s.T.Helper()
	_, err := s.Connect.WorkOff(context.Background())
	s.Must(err)
}

// stands compares the state of the order of a number.
func (s *street) stands(number int, want string) {
	s.T.Helper()
	if got := s.State(s.Ctx, orderID(number)); got != want {
		s.T.Errorf("%d:\n%s, want\n%s", number, got, want)
	}
}

func (s *street) row() *ent.Integration {
	s.T.Helper()
	row, err := s.Store.Client().Integration.Get(s.Ctx, s.Shop)
	s.Must(err)
	return row
}

// reconciled runs reconciliations until none is under way, and gives the last.
func (s *street) reconciled() *ent.Reconciliation {
	s.T.Helper()
	for range 100 {
		_, err := s.Connect.ReconcileDue(context.Background())
		s.Must(err)
		s.works()
		of := s.Store.Client().Reconciliation.Query()
		if n, err := of.Clone().Where(reconciliation.StatusEQ(reconciliation.StatusRUNNING)).Count(s.Ctx); err == nil && n == 0 {
			return of.Order(ent.Desc(reconciliation.FieldID)).FirstX(s.Ctx)
		}
		s.Clock.Advance(31 * time.Second)
	}
	s.T.Fatal("it does not end")
	return nil
}

func (s *street) reports(r *ent.Reconciliation, want string) {
	s.T.Helper()
	got := strings.TrimSpace(fmt.Sprintf("%s seen %d missing %d %v differing %d %v %s", r.Status, r.Seen, r.Missing, r.MissingIds, r.Differing, r.DifferingIds, r.Problem))
	if got != want {
		s.T.Errorf("%s, want %s", got, want)
	}
}

// again lets all that the shop has be compared.
func (s *street) again() {
	s.T.Helper()
	_, err := s.Connect.Reconcile(s.Ctx, connect.ReconcileInput{
		ID: s.Shop, From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
	})
	s.Must(err)
}
