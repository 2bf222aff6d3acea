package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// ErrOpen says that a sealed value does not belong here or was altered. It does
// not tell which: wrong key, wrong row and flipped bit look alike.
var ErrOpen = errors.New("seal: value is altered or belongs elsewhere")

// ErrPlace says that an [AAD] leaves table, column or row empty.
var ErrPlace = errors.New("seal: table, column and row must be named")

// AAD is the place a sealed value lives in. It is not stored with the value, it
// is part of the proof: the value opens in this place only. Merchant is empty
// for the few tables that no merchant owns; the other three are required.
type AAD struct{ Merchant, Table, Column, Row string }

// A sealed value is: format (1 byte), key id (1), nonce (12), ciphertext, tag (16).
const (
	format     = 1
	headerSize = 2
	overhead   = headerSize + 12 + 16
)

// Seal encrypts plain for its place with AES-256-GCM under the current key and
// a fresh random nonce. The result is plain's length + 30 bytes. Each merchant
// has its own sub-key, so the number of random nonces per key stays far below
// GCM's bound. The only error is [ErrPlace].
func (k *Keyring) Seal(plain []byte, place AAD) ([]byte, error) {
	if !place.complete() {
		return nil, ErrPlace
	}
	sealed := make([]byte, headerSize, overhead+len(plain))
	sealed[0], sealed[1] = format, k.current
	box := boxOf(k.keys[k.current].derive("seal", place.Merchant))
	return box.Seal(sealed, nil, plain, place.bytes(sealed[:headerSize])), nil // #nosec G407 -- the box draws its own nonce and takes none
}

// Open returns what was sealed for this place. Errors: [ErrUnknownKey] when the
// header names a key that the ring lacks, [ErrPlace], else [ErrOpen].
func (k *Keyring) Open(sealed []byte, place AAD) ([]byte, error) {
	if !place.complete() {
		return nil, ErrPlace
	}
	key, err := k.keyOf(sealed)
	if err != nil {
		return nil, err
	}
	box := boxOf(key.derive("seal", place.Merchant))
	plain, err := box.Open(nil, nil, sealed[headerSize:], place.bytes(sealed[:headerSize]))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// keyOf reads the header of a sealed value or cursor.
func (k *Keyring) keyOf(sealed []byte) (masterKey, error) {
	if len(sealed) < overhead || sealed[0] != format {
		return masterKey{}, ErrOpen
	}
	key, known := k.keys[sealed[1]]
	if !known {
		return masterKey{}, fmt.Errorf("%w (key %d)", ErrUnknownKey, sealed[1])
	}
	return key, nil
}

func (a AAD) complete() bool { return a.Table != "" && a.Column != "" && a.Row != "" }

// bytes is the header and the four length-prefixed parts: an edge between two
// parts cannot be moved.
func (a AAD) bytes(header []byte) []byte {
	size := len(header) + 16 + len(a.Merchant) + len(a.Table) + len(a.Column) + len(a.Row)
	b := append(make([]byte, 0, size), header...)
	for _, part := range [...]string{a.Merchant, a.Table, a.Column, a.Row} {
		b = appendPart(b, part)
	}
	return b
}

// boxOf is AES-256-GCM with a random nonce written before the ciphertext.
func boxOf(key []byte) cipher.AEAD {
	box, err := cipher.NewGCMWithRandomNonce(blockOf(key))
	if err != nil {
		panic("seal: " + err.Error()) // only for blocks that are not AES
	}
	return box
}

func blockOf(key []byte) cipher.Block {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("seal: " + err.Error()) // only for keys that are not 16, 24 or 32 bytes
	}
	return block
}
