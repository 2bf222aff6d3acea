// Package hostile holds what strangers send, for every test that stands at the door:
// the same tables are sent to a handler, to a server and to the finished binary.
//
// Means: [Documents] ask for more than they say; [Abuses] and [Costly] are the checks
// of the usual auditors with our answers; [Forgeries] are access tokens that are not
// ours, made from one that is.
//
// Owns no server and sends nothing: it makes requests and judges answers.
//
// Invariants: nothing outside tests imports it.
package hostile
