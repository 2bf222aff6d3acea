package graph

import (
	"time"

	"github.com/tributary/tributary/connect/webhook"
	"github.com/tributary/tributary/graph/model"
)

// endpointOf reads a new endpoint.
func endpointOf(in model.WebhookEndpointCreateInput) webhook.EndpointInput {
	return webhook.EndpointInput{
		URL: in.URL, Name: or(in.Name, ""), Types: in.Types, ProgramID: or(in.ProgramID, ""), AffiliateID: or(in.AffiliateID, ""),
		Ordering: or(text(in.Ordering), ""), Secret: or(in.Secret, ""),
	}
}

// endpointChangeOf reads a change of an endpoint.
func endpointChangeOf(in model.WebhookEndpointUpdateInput) webhook.UpdateInput {
	return webhook.UpdateInput{
		ID: in.ID, ExpectedVersion: or(in.ExpectedVersion, 0), URL: in.URL, Name: in.Name, Types: in.Types, Ordering: text(in.Ordering),
		ProgramID: in.ProgramID, AffiliateID: in.AffiliateID, Enabled: in.Enabled,
	}
}

// rotationOf reads a rotation.
func rotationOf(in model.WebhookEndpointSecretRotateInput) webhook.RotateInput {
	out := webhook.RotateInput{ID: in.ID, ExpectedVersion: or(in.ExpectedVersion, 0), Secret: or(in.Secret, "")}
	if in.KeepSeconds != nil {
		keep := time.Duration(min(max(*in.KeepSeconds, -1), 1<<30)) * time.Second
		out.Keep = &keep
	}
	return out
}
