package roster_test

import (
	"context"
	"testing"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/trust"
)

// house is a roster on a database of its own with one merchant's owner.
type house struct {
	*roster.Service
	t        *testing.T
	store    *store.Store
	ctx      context.Context
	merchant string
}

func open(t *testing.T) house {
	t.Helper()
	t.Parallel()
	s := storetest.Open(t)
	ctx, mid := storetest.Merchant(t, s)
	return house{roster.New(roster.Config{Store: s}), t, s, ctx, mid}
}

// neighbour is another merchant on the same database.
func (h house) neighbour() house {
	h.ctx, h.merchant = storetest.Merchant(h.t, h.store)
	return h
}

// form is the context of a sign-up form's publishable key.
func (h house) form() context.Context {
	return trust.With(h.t.Context(), trust.Viewer{
		MerchantID: h.merchant, PrincipalID: "tok_form", Kind: trust.KindPublishable, Scopes: trust.PublishableScopes(),
	})
}

func (h house) program(admission string) string {
	h.t.Helper()
	out, err := h.ProgramCreate(h.ctx, roster.ProgramCreateInput{Name: "Shoes", Admission: admission, FallbackURL: "https://shop.example/"})
	must(h.t, err)
	return out.ProgramID
}

func (h house) affiliate(email string, programs ...string) roster.AffiliateCreated {
	h.t.Helper()
	out, err := h.AffiliateCreate(h.ctx, roster.AffiliateCreateInput{Name: "Ada", Email: email, ProgramIDs: programs})
	must(h.t, err)
	return out
}

func (h house) row(affiliateID string) *ent.Affiliate {
	h.t.Helper()
	row, err := h.store.Client().Affiliate.Get(h.ctx, affiliateID)
	must(h.t, err)
	return row
}

func (h house) enrollment(enrollmentID string) *ent.Enrollment {
	h.t.Helper()
	row, err := h.store.Client().Enrollment.Get(h.ctx, enrollmentID)
	must(h.t, err)
	return row
}

// said lists the types of the merchant's events, in the order of their making.
func (h house) said() []string {
	h.t.Helper()
	rows, err := h.store.Client().Event.Query().Order(ent.Asc("id")).All(h.ctx)
	must(h.t, err)
	var types []string
	for _, r := range rows {
		types = append(types, r.Type)
	}
	return types
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused fails unless err is a problem of that code at that field.
func refused(t *testing.T, err error, code problem.Code, field string) {
	t.Helper()
	p, ok := problem.As(err)
	if !ok {
		t.Fatalf("got %v, want %s at %s", err, code, field)
	}
	if len(p.Field) == 0 {
		p.Field = []string{""}
	}
	at := p.Field[0]
	for _, step := range p.Field[1:] {
		at += "." + step
	}
	if p.Code != code || at != field {
		t.Fatalf("got %s at %q (%s), want %s at %q", p.Code, at, p.Message, code, field)
	}
}

func ptr[T any](v T) *T { return &v }
