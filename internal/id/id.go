// Package id makes and reads the ids of every stored thing: a prefix, "_", and
// 26 lower-case Crockford base32 characters of a UUIDv7 ("aff_01jc…").
//
// It owns the text form and the uniqueness of ids. It refuses any second
// spelling of an id (upper case, look-alike letters, surplus bits), so ids can
// be compared as bytes. Ids made by one process sort by their millisecond and,
// within it, by the order in which they were made; ids of several processes are
// not in commit order. An id is no secret.
package id

import (
	"encoding/binary"
	"errors"
	"time"
)

// ErrMalformed is returned for text that is not an id.
var ErrMalformed = errors.New("id: malformed")

const (
	prefixLen = 3
	textLen   = prefixLen + 1 + bodyLen
)

// New makes an id for a thing created at now.
func New(p Prefix, now time.Time) string { return FromUUID(p, NewUUID(now)) }

// First gives the least id of a kind that a millisecond can have: ids made in it
// or later are not below, ids made before are.
func First(p Prefix, at time.Time) string {
	var u [16]byte
	binary.BigEndian.PutUint64(u[:8], uint64(min(max(at.UnixMilli(), 0), 1<<48-1))<<16)
	return FromUUID(p, u)
}

// FromUUID gives the text form of u. p must be one of this package's prefixes.
func FromUUID(p Prefix, u [16]byte) string {
	b := make([]byte, 0, textLen)
	b = append(b, p...)
	b = append(b, '_')
	return string(appendBody(b, u))
}

// Parse reads an id of any prefix of three lower-case letters. It accepts only
// what FromUUID writes and returns ErrMalformed for the rest.
func Parse(s string) (Prefix, [16]byte, error) {
	if len(s) != textLen || s[prefixLen] != '_' || !lower(s[:prefixLen]) {
		return "", [16]byte{}, ErrMalformed
	}
	u, ok := parseBody(s[prefixLen+1:])
	if !ok {
		return "", [16]byte{}, ErrMalformed
	}
	return Prefix(s[:prefixLen]), u, nil
}

// Is reports whether s is a well-formed id with prefix p.
func Is(s string, p Prefix) bool {
	got, _, err := Parse(s)
	return err == nil && got == p
}

// Time gives the instant, in UTC and to the millisecond, at which the id was
// made. It returns ErrMalformed for text that is not the id of a UUIDv7.
func Time(s string) (time.Time, error) {
	_, u, err := Parse(s)
	if err != nil || u[6]>>4 != 7 || u[8]>>6 != 2 {
		return time.Time{}, ErrMalformed
	}
	ms := binary.BigEndian.Uint64(u[:8]) >> 16
	return time.UnixMilli(int64(ms)).UTC(), nil
}

func lower(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}
