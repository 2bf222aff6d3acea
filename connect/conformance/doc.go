// Package conformance says when a provider of shops is done: the tests that each of
// them must pass, whatever its wire is like.
//
// It means: a provider hands over its messages about one order as a Subject, in the
// order in which they happen, with the states in which the order must stand after
// each, written by hand; Run plays them against the real rooms and databases.
//
// It owns no fixtures: those are the provider's, with their source. It refuses a
// subject that leaves something out.
package conformance
