// Package canon is the canonical encoding of everything that is hashed or kept
// as bytes: facts, decisions, traces, events, ledger leaves.
//
// An encoding is one version byte followed by values. Every value starts with a
// tag byte; integers are minimal base-128 varints (least significant group
// first, signed ones zigzag), text and bytes are length-prefixed, an instant is
// its microseconds since 1970-01-01 UTC, a list is its element count followed
// by the elements' values.
//
// Invariants: equal values give equal bytes; different sequences of values give
// different bytes; a Reader accepts only what a Writer can have written, so
// there is one encoding per meaning. Text is kept as the bytes given, without
// Unicode normalisation. The package refuses floats, maps in iteration order,
// and JSON; testdata/vectors.json publishes examples.
package canon

import "crypto/sha256"

// Tags of the wire format, version-independent.
const (
	tagBytes  = 0x01
	tagString = 0x02
	tagInt    = 0x03
	tagUint   = 0x04
	tagFalse  = 0x05
	tagTrue   = 0x06
	tagTime   = 0x07
	tagList   = 0x08
)

// Hash gives the SHA-256 of b, which should be a Writer's Sum.
func Hash(b []byte) [32]byte { return sha256.Sum256(b) }
