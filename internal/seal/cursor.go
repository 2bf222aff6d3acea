package seal

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// ErrCursor says that a cursor was not made here for this merchant.
var ErrCursor = errors.New("seal: cursor is malformed or foreign")

// A cursor is the sealed form of epoch (4 bytes) and seq (8), in base64url.
const (
	cursorPlain = 12
	cursorSize  = overhead + cursorPlain
)

var cursorText = base64.RawURLEncoding.Strict()

// SealCursor hides a place in a merchant's event feed: a client can neither
// read the count of events nor make a cursor up. The same place gives the same
// text (the nonce is an HMAC of the place), so that a live delivery and a
// replay of one event carry equal cursors.
func (k *Keyring) SealCursor(epoch uint32, merchant string, seq int64) string {
	key := k.keys[k.current]
	plain := binary.BigEndian.AppendUint32(make([]byte, 0, cursorPlain), epoch)
	plain = binary.BigEndian.AppendUint64(plain, uint64(seq))
	sealed := append(make([]byte, 0, cursorSize), format, key.id)
	aad := appendPart(sealed[:headerSize:headerSize], merchant)
	nonce := cursorNonce(key, aad, plain)
	sealed = append(sealed, nonce...)
	return cursorText.EncodeToString(cursorBox(key).Seal(sealed, nonce, plain, aad))
}

// OpenCursor is the inverse of SealCursor. Every fault, an unknown key
// included, is [ErrCursor].
func (k *Keyring) OpenCursor(text, merchant string) (epoch uint32, seq int64, err error) {
	// The decoder skips line breaks; the fixed length leaves no room for one.
	if len(text) != cursorText.EncodedLen(cursorSize) {
		return 0, 0, ErrCursor
	}
	sealed, err := cursorText.DecodeString(text)
	if err != nil || len(sealed) != cursorSize {
		return 0, 0, ErrCursor
	}
	key, err := k.keyOf(sealed)
	if err != nil {
		return 0, 0, ErrCursor
	}
	box := cursorBox(key)
	nonce, body := sealed[headerSize:headerSize+box.NonceSize()], sealed[headerSize+box.NonceSize():]
	plain, err := box.Open(nil, nonce, body, appendPart(sealed[:headerSize:headerSize], merchant))
	if err != nil {
		return 0, 0, ErrCursor
	}
	return binary.BigEndian.Uint32(plain), int64(binary.BigEndian.Uint64(plain[4:])), nil
}

func cursorBox(key masterKey) cipher.AEAD {
	box, err := cipher.NewGCM(blockOf(key.derive("cursor")))
	if err != nil {
		panic("seal: " + err.Error()) // only for blocks that are not 16 bytes wide
	}
	return box
}

func cursorNonce(key masterKey, aad, plain []byte) []byte {
	mac := hmac.New(sha256.New, key.derive("cursor nonce"))
	mac.Write(aad)
	mac.Write(plain)
	return mac.Sum(nil)[:12]
}
