package graph

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/auth"
)

// viewer says who asks; nil for nobody.
func (r *Resolver) viewer(ctx context.Context) (*model.Viewer, error) {
	v, known := trust.From(ctx)
	if !known {
		return nil, nil
	}
	out := &model.Viewer{ID: v.PrincipalID, PrincipalID: v.PrincipalID, Kind: string(v.Kind), Role: some(string(v.Role)), Scopes: []trust.Scope{}, Memberships: []*model.ViewerMembership{}}
	for _, s := range trust.AllScopes() {
		if v.Can(s) {
			out.Scopes = append(out.Scopes, s)
		}
	}
	var err error
	if out.Merchant, err = r.Store.Client().Merchant.Get(ctx, v.MerchantID); err != nil {
		return nil, err
	}
	if v.AffiliateID != "" {
		if out.Affiliate, err = r.Store.Client().Affiliate.Get(ctx, v.AffiliateID); err != nil {
			return nil, err
		}
	}
	if v.Kind != trust.KindUser {
		return out, nil
	}
	if out.Account, err = r.account(ctx); err != nil {
		return nil, err
	}
	out.Memberships, err = r.places(ctx)
	return out, err
}

func (r *Resolver) account(ctx context.Context) (*model.Account, error) {
	a, err := r.Auth.Account(ctx)
	return &model.Account{Email: a.Email, EmailVerified: a.EmailVerified, SecondFactor: a.SecondFactor}, err
}

// openSessions are the viewer's own.
func (r *Resolver) openSessions(ctx context.Context) ([]*model.OpenSession, error) {
	all, err := r.Auth.Sessions(ctx)
	out := make([]*model.OpenSession, 0, len(all))
	for _, s := range all {
		out = append(out, &model.OpenSession{ID: s.ID, MerchantID: s.MerchantID, CreatedAt: s.CreatedAt, RefreshedAt: s.RefreshedAt, ExpiresAt: s.ExpiresAt, Current: s.Current})
	}
	return out, err
}

func (r *Resolver) places(ctx context.Context) ([]*model.ViewerMembership, error) {
	places, err := r.Auth.Places(ctx)
	out := make([]*model.ViewerMembership, 0, len(places))
	for _, p := range places {
		out = append(out, &model.ViewerMembership{MerchantID: p.MerchantID, MerchantName: p.Name, Mode: p.Mode, Role: string(p.Role)})
	}
	return out, err
}

// madeToken reads a token that was just made, which may be the twin's.
func (r *Resolver) madeToken(ctx context.Context, out auth.TokenOutcome) (*ent.ApiToken, error) {
	if out.MerchantID != "" {
		ctx = trust.With(ctx, trust.System(out.MerchantID))
	}
	return r.Store.Client().ApiToken.Get(ctx, out.TokenID)
}

// session answers every way of signing in.
func session(t auth.Tokens, err error) (*model.SessionPayload, error) {
	p := &model.SessionPayload{}
	if p.UserErrors, err = refused(err); err != nil || len(p.UserErrors) > 0 {
		return p, err
	}
	p.Challenge = some(t.Challenge)
	p.AccessToken, p.RefreshToken, p.ExpiresAt, p.MerchantID = some(t.AccessToken), some(t.RefreshToken), some(t.AccessExpiresAt), some(t.MerchantID)
	return p, nil
}
