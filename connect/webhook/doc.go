// Package webhook tells the merchant's own systems what happens.
//
// Means: an endpoint is an address that is told of some events; a delivery is one
// event on its way to one endpoint; an attempt is one try of it. A message is
// signed as Standard Webhooks says, so that any of its libraries can verify it.
//
// Owns the rows WebhookEndpoint, WebhookDelivery and WebhookAttempt, the follower
// "webhooks", and the catalogue of the types of events.
//
// Refuses addresses that are not on the public internet, when they are given and
// again when they are dialled; answers that redirect; secrets that are short.
//
// Invariants:
//   - an event's deliveries are committed with the follower's cursor: each event has
//     one for each endpoint that it is meant for, whatever crashes;
//   - a delivery is sent at least once, and has one id through all tries, whoever
//     asked for them: it is made from those of the event and the endpoint;
//   - what is numbered n for an endpoint happened before what is numbered n+1;
//   - no transaction is open while an address is called;
//   - one endpoint that hangs takes a bounded share of what can be sent at once;
//   - addresses and secrets are sealed, and in no log and no error.
package webhook
