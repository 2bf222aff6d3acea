package hubspot_test

import (
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/hubspot"
	"github.com/tributary/tributary/connect/hubspot/hubspottest"
	"github.com/tributary/tributary/internal/problem"
)

func TestS47_HubSpotIsConnectedByAKeyAndTested(t *testing.T) {
	t.Parallel()
	m := found(t)
	crm := m.joined()
	out, err := m.connect.Probe(m.ctx, crm)
	if m.must(err); out.Label != "HubSpot 12345678" || out.Problem != "" {
		t.Errorf("found %+v", out)
	}
	other, err := m.connect.Connect(m.ctx, connect.ConnectInput{ProgramID: m.program, Provider: hubspot.Name, Name: "Other", Account: "99", Keys: map[string]string{"accessToken": hubspottest.AccessToken}})
	m.must(err)
	if out, err = m.connect.Probe(m.ctx, other.IntegrationID); err != nil || out.Problem == "" {
		t.Errorf("a token of another account passes the test: %+v, %v", out, err)
	}
	_, err = m.connect.Connect(m.ctx, connect.ConnectInput{ProgramID: m.program, Provider: hubspot.Name, Name: "None", Account: "../1", Keys: map[string]string{"accessToken": "x"}})
	if p, is := problem.As(err); !is || p.Field[0] != "account" {
		t.Errorf("an account that is none: %v", err)
	}
}

func TestS47_HubSpotIsAuthorizedRenewedAndLeft(t *testing.T) {
	t.Parallel()
	m := found(t)
	in := connect.ConnectInput{ProgramID: m.program, Provider: hubspot.Name, Name: "CRM", Account: hubspottest.Account}
	joined, err := m.connect.Connect(m.ctx, in)
	m.must(err)
	crm := joined.IntegrationID
	begun, err := m.connect.Authorize(m.ctx, connect.AuthorizeInput{ID: crm, App: connect.App{ID: hubspottest.ClientID, Secret: hubspottest.Secret}, RedirectURL: "https://app.example/back"})
	m.must(err)
	_, err = m.connect.Authorized(m.ctx, m.portal.Agree(begun.URL))
	m.must(err)
	first, err := m.connect.Credentials(m.ctx, crm)
	m.must(err)
	m.clock.Advance(29 * time.Minute)
	second, err := m.connect.Credentials(m.ctx, crm)
	if m.must(err); second.Access == first.Access || second.Renewal == "" {
		t.Error("a token about to end is not renewed")
	}
	if out, err := m.connect.Probe(m.ctx, crm); err != nil || out.Problem != "" {
		t.Errorf("%+v, %v", out, err)
	}
	_, err = m.connect.Disconnect(m.ctx, connect.DisconnectInput{ID: crm})
	m.must(err)
	account := hubspot.At(m.portal.URL)
	if _, err := account.Probe(m.ctx, open(t).call, hubspottest.Account, second); err == nil {
		t.Error("what was revoked is still good")
	}
}
