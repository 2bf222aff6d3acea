// Package tributary is a typed client of Tributary's API.
//
// It means: a function for each common task, generated from the documents that all
// clients share, and a Client that sends them, repeats what may be repeated, and
// follows the event feed through cuts.
//
// It owns no state but a bearer token. It refuses to send a command again whose
// input carries no idempotency key, unless the server said that it had not begun.
//
// Invariants: Events gives each event once and in order, whatever becomes of the
// connection or the server.
package tributary

//go:generate go tool genqlient genqlient.yaml
