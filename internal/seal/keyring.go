// Package seal keeps secrets at rest and signs what leaves the house.
//
// Means: a [Keyring] holds one or more 32-byte master keys; every use (sealing,
// look-up hashes, short MACs, signing keys, cursors) has its own sub-key,
// derived by HKDF-SHA256, so that a value of one use says nothing in another.
//
// Owns: the key file, the sealed format, the cursor format.
//
// Refuses: a key file that others may read, a ciphertext moved to another
// merchant, table, column or row, and any altered byte.
//
// Invariants: one key of the ring seals and signs, every key opens and verifies,
// the first key alone makes look-up hashes (they are stored and searched, so
// they must not change when a key is added). A key may name the instant from
// which it is used, so that every server knows it before any uses it. A keyring
// never changes after it is made; rotation makes a new one. No master key appears
// in an error, a log line or a printed keyring.
package seal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MasterSize is the length of a master key in bytes.
const MasterSize = 32

// ErrKey says that key material is missing or malformed. Its text never holds
// any part of a key.
var ErrKey = errors.New("seal: key material is malformed")

// ErrUnknownKey says that a value was made under a key this ring does not hold.
var ErrUnknownKey = errors.New("seal: made under a key that is not in the key file")

// Keyring is a set of master keys. It is safe for concurrent use and immutable.
type Keyring struct {
	keys    map[byte]masterKey
	order   []byte // ids as they were given
	root    byte   // first key: look-up hashes
	current byte   // the key in use: sealing and signing
	macs    *macPools
}

// masterKey is a master key after HKDF-Extract: ready to expand, one per id.
type masterKey struct {
	id   byte
	prk  []byte
	from time.Time // when it is first used; zero: at once
}

// FromHex reads a keyring from text: entries "id:64 hex digits", separated by
// commas or white space, oldest first. "@" and an RFC 3339 instant behind an
// entry say from when it is used; see [Keyring.At]. Until that is called the
// last key without an instant is in use. A single entry may leave out its id,
// which is then 1. Text after # is ignored up to the line's end. Errors wrap
// [ErrKey].
func FromHex(text string) (*Keyring, error) {
	k := &Keyring{keys: map[byte]masterKey{}, macs: &macPools{}}
	for _, entry := range entries(text) {
		key, master, err := parseEntry(entry)
		if err != nil {
			return nil, err
		}
		if err := k.add(key, master); err != nil {
			return nil, err
		}
	}
	if len(k.keys) == 0 {
		return nil, fmt.Errorf("%w: no key given", ErrKey)
	}
	return k.At(time.Time{}), nil
}

// At is the ring as it is used at an instant: the last key whose own instant has
// come seals and signs, the first one when none has. All keys open and verify
// whatever the instant.
func (k *Keyring) At(now time.Time) *Keyring {
	current := k.root
	for _, id := range k.order {
		if !k.keys[id].from.After(now) {
			current = id
		}
	}
	if current == k.current {
		return k
	}
	return &Keyring{keys: k.keys, order: k.order, root: k.root, current: current, macs: k.macs}
}

// Covers reports whether this ring opens, verifies and finds all that the other
// does: the same first key, and each of its keys.
func (k *Keyring) Covers(other *Keyring) bool {
	for id, key := range other.keys {
		if mine, known := k.keys[id]; !known || !slices.Equal(mine.prk, key.prk) {
			return false
		}
	}
	return k.root == other.root
}

// KeyState is what may be told of a key.
type KeyState struct {
	ID     byte
	From   time.Time // when it is first used; zero: from the start
	InUse  bool      // seals and signs now
	Hashes bool      // makes the look-up hashes; it can never be taken away
}

// List tells of every key, oldest first.
func (k *Keyring) List() []KeyState {
	all := make([]KeyState, len(k.order))
	for i, id := range k.order {
		all[i] = KeyState{ID: id, From: k.keys[id].from, InUse: id == k.current, Hashes: id == k.root}
	}
	return all
}

// KeyID names the key that seals and signs now.
func (k *Keyring) KeyID() byte { return k.current }

func entries(text string) []string {
	var found []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		found = append(found, strings.FieldsFunc(line, func(r rune) bool {
			return r == ',' || r == ' ' || r == '\t' || r == '\r' || r == '\n'
		})...)
	}
	return found
}

func parseEntry(entry string) (key masterKey, master []byte, err error) {
	entry, instant, timed := strings.Cut(entry, "@")
	number, digits, named := strings.Cut(entry, ":")
	if !named {
		number, digits = "1", entry
	}
	id, err := strconv.ParseUint(number, 10, 8)
	if err != nil || id == 0 {
		return key, nil, fmt.Errorf("%w: a key id is a number from 1 to 255", ErrKey)
	}
	master, err = hex.DecodeString(digits)
	if err != nil || len(master) != MasterSize {
		return key, nil, fmt.Errorf("%w: key %d is not %d hex digits", ErrKey, id, 2*MasterSize)
	}
	key.id = byte(id)
	if timed {
		if key.from, err = time.Parse(time.RFC3339, instant); err != nil {
			return key, nil, fmt.Errorf("%w: key %d is used from an instant that is not RFC 3339", ErrKey, id)
		}
	}
	return key, master, nil
}

func (k *Keyring) add(key masterKey, master []byte) (err error) {
	if _, taken := k.keys[key.id]; taken {
		return fmt.Errorf("%w: key %d is given twice", ErrKey, key.id)
	}
	if key.prk, err = hkdf.Extract(sha256.New, master, []byte("tributary/seal/1")); err != nil {
		return fmt.Errorf("%w: key %d cannot be used", ErrKey, key.id)
	}
	if len(k.order) == 0 {
		k.root, k.current = key.id, key.id
	}
	k.keys[key.id], k.order = key, append(k.order, key.id)
	return nil
}

// derive makes the 32-byte sub-key of one use. The parts are length-prefixed:
// ("a", "bc") and ("ab", "c") give different keys.
func (m masterKey) derive(use string, parts ...string) []byte {
	info := appendPart(nil, use)
	for _, part := range parts {
		info = appendPart(info, part)
	}
	sub, err := hkdf.Expand(sha256.New, m.prk, string(info), 32)
	if err != nil {
		// Expand fails only for lengths above 255 hashes; ours is one.
		panic("seal: " + err.Error())
	}
	return sub
}

// appendPart appends a 32-bit big-endian length and then the part itself.
func appendPart(b []byte, part string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
	return append(b, part...)
}
