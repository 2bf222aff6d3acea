package connect_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/roster"
)

// plain is a shop whose messages say nothing: the verbs ask nothing of it.
type plain struct{}

func (plain) Limit() int64                                          { return 10 }
func (plain) Envelope(http.Header) connect.Envelope                 { return connect.Envelope{} }
func (plain) Verify(http.Header, []byte, [][]byte, time.Time) error { return errors.New("no") }
func (plain) Message(string, []byte) (connect.Message, error)       { return connect.Message{}, nil }

// desk is one merchant with a program.
type desk struct {
	*connect.Service
	t       *testing.T
	ctx     context.Context
	clock   *storetest.Clock
	store   *store.Store
	program string
}

func open(t *testing.T) *desk {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	d := &desk{t: t, clock: clock, store: s, Service: connect.New(connect.Config{Store: s, Providers: map[string]connect.Provider{"SHOPIFY": plain{}}})}
	d.ctx, _ = storetest.Merchant(t, s)
	d.program = d.newProgram(d.ctx)
	return d
}

func (d *desk) newProgram(ctx context.Context) string {
	d.t.Helper()
	p, err := roster.New(roster.Config{Store: d.store}).ProgramCreate(ctx, roster.ProgramCreateInput{
		Name: "Shoes", Currency: "USD", TimeZone: "UTC", FallbackURL: "https://shop.example/",
	})
	d.must(err)
	return p.ProgramID
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) refuses(err error, code problem.Code, field string) {
	d.t.Helper()
	p, ok := problem.As(err)
	if !ok || p.Code != code || strings.Join(p.Field, ".") != field {
		d.t.Errorf("got %v, want %s at %s", err, code, field)
	}
}

func (d *desk) shop() string {
	d.t.Helper()
	out, err := d.Create(d.ctx, connect.CreateInput{ProgramID: d.program, Provider: "SHOPIFY", Name: " Shop ", Secret: "hush"})
	d.must(err)
	return out.IntegrationID
}

func (d *desk) row(rowID string) *ent.Integration {
	d.t.Helper()
	row, err := d.store.Client().Integration.Get(d.ctx, rowID)
	d.must(err)
	return row
}

// secret opens what is stored in a column.
func (d *desk) secret(row *ent.Integration, column string, sealed []byte) string {
	d.t.Helper()
	raw, err := d.store.Keys().Open(sealed, seal.AAD{Merchant: row.MerchantID, Table: "integrations", Column: column, Row: row.ID})
	d.must(err)
	return string(raw)
}

func TestAnIntegrationKeepsItsSecretSealed(t *testing.T) {
	t.Parallel()
	d := open(t)
	row := d.row(d.shop())
	if row.Name != "Shop" || row.Status != "ACTIVE" || row.ProgramID != d.program || bytes.Contains(row.SecretSealed, []byte("hush")) {
		t.Errorf("row %+v", row)
	}
	if got := d.secret(row, "secret_sealed", row.SecretSealed); got != "hush" {
		t.Errorf("secret %q", got)
	}
	audit, err := d.store.Client().AuditRecord.Query().All(d.ctx)
	d.must(err)
	for _, a := range audit {
		if strings.Contains(a.String(), "hush") {
			t.Errorf("the secret is in the audit record: %s", a)
		}
	}
}

func TestBadIntegrationsAreRefusedByTheirField(t *testing.T) {
	t.Parallel()
	d := open(t)
	other, _ := storetest.Merchant(t, d.store)
	good := connect.CreateInput{ProgramID: d.program, Provider: "SHOPIFY", Name: "Shop", Secret: "hush"}
	for _, row := range []struct {
		edit  func(*connect.CreateInput)
		code  problem.Code
		field string
	}{
		{func(in *connect.CreateInput) { in.ProgramID = "prg_no" }, problem.NotFound, "programId"},
		{func(in *connect.CreateInput) { in.ProgramID = d.newProgram(other) }, problem.NotFound, "programId"},
		{func(in *connect.CreateInput) { in.Provider = "MAGENTO" }, problem.Invalid, "provider"},
		{func(in *connect.CreateInput) { in.Name = " " }, problem.Invalid, "name"},
		{func(in *connect.CreateInput) { in.Name = strings.Repeat("ä", 121) }, problem.Invalid, "name"},
		{func(in *connect.CreateInput) { in.Secret = "" }, problem.Invalid, "secret"},
		{func(in *connect.CreateInput) { in.Secret = "hush\n" }, problem.Invalid, "secret"},
		{func(in *connect.CreateInput) { in.Secret = strings.Repeat("s", 513) }, problem.Invalid, "secret"},
		{func(in *connect.CreateInput) { in.OrderScope = strings.Repeat("s", 65) }, problem.TooLarge, "orderScope"},
		{func(in *connect.CreateInput) { in.OrderScope = " north" }, problem.Invalid, "orderScope"},
	} {
		in := good
		row.edit(&in)
		_, err := d.Create(d.ctx, in)
		d.refuses(err, row.code, row.field)
	}
	if n, err := d.store.Client().Integration.Query().Count(d.ctx); err != nil || n != 0 {
		t.Errorf("%d integrations, %v", n, err)
	}
}

func TestRotationKeepsTheSecretBeforeAndNoOlderOne(t *testing.T) {
	t.Parallel()
	d := open(t)
	shop := d.shop()
	for _, secret := range []string{"second", "third"} {
		_, err := d.RotateSecret(d.ctx, connect.RotateInput{ID: shop, Secret: secret})
		d.must(err)
	}
	row := d.row(shop)
	if now, prior := d.secret(row, "secret_sealed", row.SecretSealed), d.secret(row, "prior_secret_sealed", row.PriorSecretSealed); now != "third" || prior != "second" {
		t.Errorf("now %q, before %q", now, prior)
	}
	if want := d.store.Now().Add(24 * 60 * 60 * 1e9); row.PriorUntil == nil || !row.PriorUntil.Equal(want) {
		t.Errorf("until %v, want %v", row.PriorUntil, want)
	}
	_, err := d.RotateSecret(d.ctx, connect.RotateInput{ID: shop, Secret: "third"})
	d.refuses(err, problem.Invalid, "secret")
}

func TestEditsNameTheVersionTheyWereBasedOn(t *testing.T) {
	t.Parallel()
	d := open(t)
	shop := d.shop()
	other, _ := storetest.Merchant(t, d.store)
	seen := d.row(shop).Version
	_, err := d.RotateSecret(d.ctx, connect.RotateInput{ID: shop, Secret: "second", ExpectedVersion: seen})
	d.must(err)
	_, err = d.RotateSecret(d.ctx, connect.RotateInput{ID: shop, Secret: "third", ExpectedVersion: seen})
	d.refuses(err, problem.Conflict, "expectedVersion")
	_, err = d.Disable(d.ctx, connect.DisableInput{ID: shop, ExpectedVersion: seen})
	d.refuses(err, problem.Conflict, "expectedVersion")
	_, err = d.Disable(other, connect.DisableInput{ID: shop})
	d.refuses(err, problem.NotFound, "id")
	_, err = d.RotateSecret(other, connect.RotateInput{ID: shop, Secret: "mine"})
	d.refuses(err, problem.NotFound, "id")
	for range 2 {
		_, err = d.Disable(d.ctx, connect.DisableInput{ID: shop})
		d.must(err)
	}
	_, err = d.RotateSecret(d.ctx, connect.RotateInput{ID: shop, Secret: "third"})
	d.refuses(err, problem.State, "id")
}
