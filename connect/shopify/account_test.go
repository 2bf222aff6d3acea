package shopify_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/shopify"
	"github.com/tributary/tributary/connect/shopify/shoptest"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/egress"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/trust"
)

// street is a market with a shop that can be called.
type street struct {
	*market
	fake *shoptest.Shop
}

func openStreet(t *testing.T) *street {
	t.Helper()
	return streetOf(t, open(t))
}

func streetOf(t *testing.T, m *market) *street {
	s := &street{market: m, fake: shoptest.Open("shoes.myshopify.com")}
	t.Cleanup(s.fake.Close)
	s.connect = s.server()
	s.hooks = s.connect.Hooks()
	return s
}

// server is one more of them on the same database.
func (s *street) server() *connect.Service {
	return connect.New(connect.Config{
		Roster: roster.New(roster.Config{Store: s.store}), Store: s.store, Earn: s.earn,
		Providers: map[string]connect.Provider{shopify.Name: shopify.At(s.fake.Base)},
		Client:    egress.New(egress.Options{Guard: egress.Guard{Loopback: true}}),
	})
}

func (s *street) input() connect.ConnectInput {
	return connect.ConnectInput{ProgramID: s.program, Provider: shopify.Name, Name: "Shoes", Account: "https://Shoes.myshopify.com/admin"}
}

// connected connects the shop by the input.
func (s *street) joined(in connect.ConnectInput) string {
	s.t.Helper()
	out, err := s.connect.Connect(s.ctx, in)
	s.must(err)
	return out.IntegrationID
}

func (s *street) byKeys() string {
	in := s.input()
	in.Keys, in.Secret = map[string]string{"accessToken": shoptest.AccessToken}, secret
	return s.joined(in)
}

const back = "https://app.example/back"

// begin begins an authorization, and plays the person who agrees.
func (s *street) begin(integrationID string) (query string) {
	s.t.Helper()
	out, err := s.connect.Authorize(s.ctx, connect.AuthorizeInput{
		ID: integrationID, App: connect.App{ID: shoptest.ClientID, Secret: shoptest.ClientSecret}, RedirectURL: back,
	})
	s.must(err)
	return s.fake.Agree(out.URL, s.clock.Now())
}

func (s *street) authorized() string {
	s.t.Helper()
	integrationID := s.joined(s.input())
	_, err := s.connect.Authorized(s.ctx, s.begin(integrationID))
	s.must(err)
	return integrationID
}

func (s *street) row(integrationID string) *ent.Integration {
	s.t.Helper()
	row, err := s.store.Client().Integration.Get(s.ctx, integrationID)
	s.must(err)
	return row
}

func (s *street) refuses(err error, code problem.Code, field string) {
	s.t.Helper()
	p, ok := problem.As(err)
	if !ok || p.Code != code || strings.Join(p.Field, ".") != field {
		s.t.Errorf("got %v, want %s at %s", err, code, field)
	}
}

func TestS47_AShopIsConnectedByKeysAndTested(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	shop := s.byKeys()
	row := s.row(shop)
	if row.Status != "ACTIVE" || row.Access != "KEYS" || row.Account != "shoes.myshopify.com" || row.ConnectedAt == nil || bytes.Contains(row.CredentialsSealed, []byte(shoptest.AccessToken)) {
		t.Errorf("row %+v", row)
	}
	out, err := s.connect.Probe(s.ctx, shop)
	if s.must(err); out.Label != "Shoes of Ann" || out.Problem != "" {
		t.Errorf("found %+v", out)
	}
	row = s.row(shop)
	if want := []string{"read_orders", "write_customers"}; !slices.Equal(row.Scopes, want) || row.CheckedAt == nil {
		t.Errorf("scopes %v", row.Scopes)
	}
	if got := s.connect.Lacks(row); !slices.Equal(got, []string{"read_products", "write_discounts"}) { // who may write may read
		t.Errorf("lacks %v", got)
	}
	s.expect(s.deliver(shop, "orders/paid", body(t, "paid.json"), func(http.Header) {}), "200 APPLIED")
}

func TestS47_WhatTheTestFindsIsWrittenDown(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	shop := s.byKeys()
	for _, row := range []struct {
		down int
		want string
	}{{503, "the account answered Service Unavailable"}, {0, ""}, {401, "the account does not take the credentials: authorize anew or set other keys"}} {
		s.fake.Do(func() { s.fake.Down = row.down })
		out, err := s.connect.Probe(s.ctx, shop)
		if s.must(err); out.Problem != row.want || s.row(shop).Problem != row.want {
			t.Errorf("%d: found %q, written %q", row.down, out.Problem, s.row(shop).Problem)
		}
	}
	s.fake.Close()
	if out, err := s.connect.Probe(s.ctx, shop); err != nil || out.Problem != "the account cannot be reached" {
		t.Errorf("found %+v, %v", out, err)
	}
}

func TestS47_AShopIsAuthorizedAndNothingSecretIsKeptOpen(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	shop := s.joined(s.input())
	if row := s.row(shop); row.Status != "PENDING" {
		t.Errorf("row %+v", row)
	}
	s.expect(s.deliver(shop, "orders/paid", body(t, "paid.json"), func(http.Header) {}), "404 REFUSED NOT_FOUND")
	query := s.begin(shop)
	values, _ := url.ParseQuery(query)
	if row := s.row(shop); row.GrantState == nil || strings.Contains(*row.GrantState, values.Get("state")) || bytes.Contains(row.GrantSealed, []byte("verifier")) {
		t.Errorf("an authorization is kept open: %+v", row)
	}
	_, err := s.connect.Authorized(s.ctx, query)
	s.must(err)
	row := s.row(shop)
	if row.Status != "ACTIVE" || row.Access != "OAUTH" || row.CredentialsUntil == nil || !row.CredentialsUntil.Equal(s.clock.Now().Add(time.Hour)) || row.GrantSealed != nil || len(s.connect.Lacks(row)) != 0 {
		t.Errorf("row %+v", row)
	}
	if _, err := s.connect.Probe(s.ctx, shop); err != nil || s.fake.Asked != 1 {
		t.Errorf("asked %d, %v", s.fake.Asked, err)
	}
	signing, err := s.store.Keys().Open(row.SecretSealed, seal.AAD{Merchant: s.merchant, Table: "integrations", Column: "secret_sealed", Row: shop})
	if s.must(err); string(signing) != shoptest.ClientSecret {
		t.Error("messages are not proven by the app's secret")
	}
}

// A state is good once, for who began, in time, and only with what the shop signed.
func TestS47_WhatComesBackIsProven(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	shop := s.joined(s.input())
	fails := func(what, query string, ctx context.Context) {
		t.Helper()
		if _, err := s.connect.Authorized(ctx, query); err == nil || s.row(shop).Status != "PENDING" {
			t.Errorf("%s: %v", what, err)
		}
	}
	edited := func(edit func(url.Values), sign bool) string {
		v, _ := url.ParseQuery(s.begin(shop))
		edit(v)
		if sign {
			v.Del("hmac")
			return shoptest.Signed(v)
		}
		return v.Encode()
	}
	fails("no state", "code=1", s.ctx)
	fails("unknown state", edited(func(v url.Values) { v.Set("state", "other") }, true), s.ctx)
	fails("forged", edited(func(v url.Values) { v.Set("code", "other") }, false), s.ctx)
	fails("another shop", edited(func(v url.Values) { v.Set("shop", "other.myshopify.com") }, true), s.ctx)
	fails("stale", edited(func(v url.Values) { v.Set("timestamp", strconv.FormatInt(s.clock.Now().Unix()-91, 10)) }, true), s.ctx)
	fails("twice", edited(func(v url.Values) { v["code"] = []string{"a", "b"} }, true), s.ctx)
	fails("declined", edited(func(v url.Values) { v.Set("error", "access_denied") }, true), s.ctx)
	fails("unknown code", edited(func(v url.Values) { v.Set("code", "other") }, true), s.ctx)
	other := trust.System(s.merchant)
	other.PrincipalID = "usr_other"
	query := s.begin(shop)
	fails("another person", query, trust.With(t.Context(), other))
	s.clock.Advance(15 * time.Minute)
	fails("too late", query, s.ctx)
	_, err := s.connect.Authorized(s.ctx, s.begin(shop))
	s.must(err)
}

// One state at once from many sides is exchanged once. Without the taking in
// takeGrant the shop sees a code twice.
func TestS47_AStateIsGoodOnce(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	query := s.begin(s.joined(s.input()))
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() { _, errs[i] = s.connect.Authorized(s.ctx, query) })
	}
	all.Wait()
	good := 0
	for _, err := range errs {
		if err == nil {
			good++
		}
	}
	if good != 1 || len(s.fake.Refused) != 0 {
		t.Errorf("%d succeeded, the shop refused %v", good, s.fake.Refused)
	}
}

// Two servers with forty callers at the end of a token renew it once: the shop's
// renewal token is good once. Without the lease in DoorRenewing the shop refuses
// and the account is lost.
func TestS53_TwoServersRenewOnce(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	shop := s.authorized()
	servers := []*connect.Service{s.connect, s.server()}
	for round := range 3 {
		s.clock.Advance(time.Hour)
		s.fake.Do(func() { s.fake.Slow = 30 * time.Millisecond })
		var all sync.WaitGroup
		tokens, errs := make([]string, 40), make([]error, 40)
		for i := range tokens {
			all.Go(func() {
				c, err := servers[i%2].Credentials(s.ctx, shop)
				tokens[i], errs[i] = c.Access, err
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if len(slices.Compact(slices.Sorted(slices.Values(tokens)))) != 1 || s.fake.Renewals != round+1 || len(s.fake.Refused) != 0 {
			t.Fatalf("round %d: %d renewals, refused %v", round, s.fake.Renewals, s.fake.Refused)
		}
	}
	if row := s.row(shop); row.RenewingUntil != nil || row.Problem != "" || row.Version != 4 { // made, begun, taken, ended: renewals count no version
		t.Errorf("row %+v", row)
	}
}

func TestS53_ATokenIsUsedUntilItsEndWhenItCannotBeRenewed(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	shop := s.authorized()
	before, err := s.connect.Credentials(s.ctx, shop)
	s.must(err)
	s.fake.Do(func() { s.fake.Down = 502 })
	s.clock.Advance(57 * time.Minute)
	now, err := s.connect.Credentials(s.ctx, shop)
	if err != nil || now.Access != before.Access || s.row(shop).Problem != "the account cannot be reached" {
		t.Errorf("%v, %q", err, s.row(shop).Problem)
	}
	s.clock.Advance(3 * time.Minute)
	_, err = s.connect.Credentials(s.ctx, shop)
	s.refuses(err, problem.Unavailable, "")
	s.fake.Do(func() { s.fake.Down = 0 })
	now, err = s.connect.Credentials(s.ctx, shop)
	if err != nil || now.Access == before.Access || s.row(shop).Problem != "" {
		t.Errorf("%v, %q", err, s.row(shop).Problem)
	}
	s.fake.Withdraw()
	s.clock.Advance(time.Hour)
	if _, err = s.connect.Credentials(s.ctx, shop); !errors.Is(err, connect.ErrWithdrawn) || s.row(shop).Problem == "" {
		t.Errorf("%v, %q", err, s.row(shop).Problem)
	}
}

// A server that is lost while it renews leaves its lease: another takes over.
func TestS53_ALostRenewalIsTakenOver(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	shop := s.authorized()
	s.clock.Advance(time.Hour)
	took, err := s.store.DoorRenewing(s.ctx, shop, 1, s.clock.Now().Add(30*time.Second))
	if err != nil || !took {
		t.Fatalf("%v, %v", took, err)
	}
	ctx, cancel := context.WithTimeout(s.ctx, 200*time.Millisecond)
	defer cancel()
	if _, err := s.connect.Credentials(ctx, shop); !errors.Is(err, context.DeadlineExceeded) || s.fake.Renewals != 0 {
		t.Errorf("%v, %d renewals", err, s.fake.Renewals)
	}
	s.clock.Advance(30 * time.Second)
	if _, err := s.connect.Credentials(s.ctx, shop); err != nil || s.fake.Renewals != 1 {
		t.Errorf("%v, %d renewals", err, s.fake.Renewals)
	}
}

func TestS47_DisconnectingRevokesAndForgets(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	shop := s.authorized()
	s.clock.Advance(2 * time.Hour) // its token has ended, and can be renewed
	s.fake.Do(func() { s.fake.Down = 503 })
	_, err := s.connect.Disconnect(s.ctx, connect.DisconnectInput{ID: shop})
	s.refuses(err, problem.State, "id")
	if row := s.row(shop); row.Status != "ACTIVE" || row.CredentialsSealed == nil {
		t.Errorf("row %+v", row)
	}
	s.fake.Do(func() { s.fake.Down = 0 })
	for range 2 {
		_, err = s.connect.Disconnect(s.ctx, connect.DisconnectInput{ID: shop})
		s.must(err)
	}
	row := s.row(shop)
	if row.Status != "DISCONNECTED" || row.Access != "NONE" || row.CredentialsSealed != nil || row.SecretSealed != nil || row.Scopes != nil {
		t.Errorf("row %+v", row)
	}
	fresh, err := s.connect.Credentials(s.ctx, shop)
	if s.refuses(err, problem.State, "id"); fresh.Access != "" || s.fake.Renewals != 1 {
		t.Errorf("%d renewals", s.fake.Renewals)
	}
	s.expect(s.deliver(shop, "orders/paid", body(t, "paid.json"), func(http.Header) {}), "404 REFUSED NOT_FOUND")
	_, err = s.connect.Authorized(s.ctx, s.begin(shop)) // it may be connected again
	s.must(err)
	s.fake.Do(func() { s.fake.Down = 503 })
	_, err = s.connect.Disconnect(s.ctx, connect.DisconnectInput{ID: shop, Force: true})
	if s.must(err); s.row(shop).Status != "DISCONNECTED" {
		t.Error("it is not forced")
	}
}

// R2: what is sealed is sealed anew when the key changes.
func TestS47_CredentialsAreSealedAnew(t *testing.T) {
	t.Parallel()
	text, err := seal.Extended(strings.Repeat("ab", seal.MasterSize), time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.FromHex(text)
	if err != nil {
		t.Fatal(err)
	}
	m := &market{t: t, clock: storetest.NewClock()}
	m.store, err = store.Open(t.Context(), store.Config{URL: storetest.URL(t), Clock: m.clock.Now, Keys: keys})
	m.must(err)
	t.Cleanup(func() { _ = m.store.Close() })
	m.must(m.store.Migrate(t.Context()))
	m.ctx, m.merchant = storetest.Merchant(t, m.store)
	m.build()
	m.found()
	s := streetOf(t, m)
	shop := s.authorized()
	s.begin(shop) // one more is under way
	before := s.row(shop)
	s.must(s.store.UseKeys(keys.At(time.Now())))
	if n, err := s.store.Reseal(t.Context()); err != nil || n == 0 {
		t.Fatalf("%d, %v", n, err)
	}
	row := s.row(shop)
	if row.CredentialsSealed[1] == before.CredentialsSealed[1] || row.GrantSealed[1] == before.GrantSealed[1] {
		t.Error("it is under the key before")
	}
	_, err = s.connect.Probe(s.ctx, shop)
	s.must(err)
}

func TestS64_WrongConnectionsAreRefusedByTheirField(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	keys := map[string]string{"accessToken": "x"}
	for _, row := range []struct {
		edit  func(*connect.ConnectInput)
		code  problem.Code
		field string
	}{
		{func(in *connect.ConnectInput) { in.Account = "evil.example" }, problem.Invalid, "account"},
		{func(in *connect.ConnectInput) { in.Account = "a.myshopify.com.evil.example" }, problem.Invalid, "account"},
		{func(in *connect.ConnectInput) { in.Account = "a@b.myshopify.com" }, problem.Invalid, "account"},
		{func(in *connect.ConnectInput) { in.Account, in.Keys = "", keys }, problem.Invalid, "account"},
		{func(in *connect.ConnectInput) { in.Account = "" }, problem.Invalid, "account"},
		{func(in *connect.ConnectInput) { in.Keys = map[string]string{"token": "x"} }, problem.Invalid, "keys"},
		{func(in *connect.ConnectInput) { in.Keys = map[string]string{"accessToken": " x"} }, problem.Invalid, "keys"},
		{func(in *connect.ConnectInput) { in.Keys = map[string]string{"accessToken": "x\n"} }, problem.Invalid, "keys"},
		{func(in *connect.ConnectInput) { in.Provider = "OTHER" }, problem.Invalid, "provider"},
		{func(in *connect.ConnectInput) { in.ProgramID = "prg_other" }, problem.NotFound, "programId"},
	} {
		in := s.input()
		row.edit(&in)
		_, err := s.connect.Connect(s.ctx, in)
		s.refuses(err, row.code, row.field)
	}
	late := s.joined(s.input())
	_, err := s.connect.RotateSecret(s.ctx, connect.RotateInput{ID: late, Secret: "late"})
	if s.must(err); s.row(late).Status != "ACTIVE" || s.row(late).PriorUntil != nil {
		t.Errorf("with its first secret it is %+v", s.row(late))
	}
	shop := s.joined(s.input())
	app := connect.App{ID: "a", Secret: "b"}
	for _, row := range []struct {
		in    connect.AuthorizeInput
		field string
	}{
		{connect.AuthorizeInput{RedirectURL: back}, "clientId"},
		{connect.AuthorizeInput{App: app, RedirectURL: "http://app.example/"}, "redirectUrl"},
		{connect.AuthorizeInput{App: app, RedirectURL: "javascript:alert(1)"}, "redirectUrl"},
		{connect.AuthorizeInput{App: app, RedirectURL: back, Scopes: []string{"a b"}}, "scopes"},
	} {
		row.in.ID = shop
		_, err := s.connect.Authorize(s.ctx, row.in)
		s.refuses(err, problem.Invalid, row.field)
	}
}
