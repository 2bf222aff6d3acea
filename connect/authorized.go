package connect

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

const maxQuery = 8 << 10

// Authorized ends an authorization with what the browser brought back: the query of
// the address, as it stands. A state is good once, for who began, until its time is
// over. Errors: INVALID query with the reason; UNAVAILABLE when the provider cannot
// be reached. Both end the authorization: it is begun anew.
func (s *Service) Authorized(ctx context.Context, query string) (IntegrationOutcome, error) {
	values, err := url.ParseQuery(strings.TrimPrefix(query, "?"))
	if err != nil || len(query) > maxQuery || values.Get("state") == "" {
		return IntegrationOutcome{}, wrongQuery("must be the query that the browser brought back")
	}
	row, g, err := s.takeGrant(ctx, values.Get("state"))
	if err != nil {
		return IntegrationOutcome{}, err
	}
	c, err := s.exchange(ctx, row, g, values)
	if err != nil {
		return IntegrationOutcome{}, err
	}
	return s.edit(ctx, "integrationAuthorized", row.ID, 0, func(ctx context.Context, tx *store.Tx, row *ent.Integration) error {
		if row.Status == integration.StatusDISABLED {
			return problem.At(problem.State, "query", "the integration has been disabled meanwhile")
		}
		return s.keepGranted(ctx, tx, row, c)
	})
}

func wrongQuery(words string) error { return problem.At(problem.Invalid, "query", "%s", words) }

// takeGrant takes the authorization that a state belongs to, so that nobody takes it
// again: without it, one code would be exchanged twice, and some providers then
// withdraw what they gave for the first.
func (s *Service) takeGrant(ctx context.Context, state string) (*ent.Integration, grant, error) {
	unknown := wrongQuery("the state is unknown, was used or is too old")
	var g grant
	row, err := s.store.Client().Integration.Query().Where(integration.GrantState(stateHash(state))).Only(ctx)
	if ent.IsNotFound(err) || err == nil && (row.GrantUntil == nil || !s.store.Now().Before(*row.GrantUntil)) {
		return nil, g, unknown
	}
	if err != nil {
		return nil, g, err
	}
	if err := s.openJSON(row, columnGrant, row.GrantSealed, &g); err != nil {
		return nil, g, err
	}
	if g.Principal != principal(ctx) {
		return nil, g, unknown
	}
	n, err := store.Run(ctx, s.store, store.Command{Name: "integrationAuthorized", Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return tx.Ent().Integration.Update().Where(integration.ID(row.ID), integration.GrantState(stateHash(state))).
			ClearGrantState().ClearGrantSealed().ClearGrantUntil().Save(ctx)
	})
	if err == nil && n == 0 {
		err = unknown
	}
	return row, g, err
}

// exchange gets credentials for what the browser brought back.
func (s *Service) exchange(ctx context.Context, row *ent.Integration, g grant, query url.Values) (Credentials, error) {
	provider, can := s.providers[string(row.Provider)].(Authorizer)
	if !can {
		return Credentials{}, wrongQuery("the provider is not authorized any more")
	}
	if err := provider.Returned(query, row.Account, g.App, s.store.Now()); err != nil {
		return Credentials{}, wrongQuery("the provider has not signed it")
	}
	if query.Get("error") != "" || query.Get("code") == "" {
		return Credentials{}, wrongQuery("the provider says that it was not authorized")
	}
	c, err := provider.Exchange(ctx, s.call(), row.Account, Exchange{
		App: g.App, Code: query.Get("code"), Verifier: g.Verifier, RedirectURL: g.RedirectURL, At: s.store.Now(),
	})
	c.App = g.App
	switch {
	case errors.Is(err, ErrWithdrawn):
		return c, wrongQuery("the provider does not take the code or the app")
	case err != nil:
		return c, problem.New(problem.Unavailable, "the provider cannot be reached").Because(err)
	}
	return c, nil
}

// keepGranted writes down new credentials. The app's secret is what messages are
// signed with, where none was given.
func (s *Service) keepGranted(ctx context.Context, tx *store.Tx, row *ent.Integration, c Credentials) error {
	sealed, err := s.sealCredentials(row, c)
	if err != nil {
		return err
	}
	up := tx.Ent().Integration.UpdateOneID(row.ID).SetCredentialsSealed(sealed).SetCredentialsNumber(row.CredentialsNumber + 1).
		SetAccess(integration.AccessOAUTH).SetStatus(integration.StatusACTIVE).SetScopes(c.Scopes).SetConnectedAt(tx.Now()).
		ClearRenewingUntil().ClearCheckedAt().SetProblem("")
	if c.Until.IsZero() {
		up.ClearCredentialsUntil()
	} else {
		up.SetCredentialsUntil(c.Until)
	}
	if len(row.SecretSealed) == 0 {
		if err := s.sealInto(up.Mutation(), row, c.App.Secret, nil); err != nil {
			return err
		}
	}
	return up.Exec(ctx)
}
