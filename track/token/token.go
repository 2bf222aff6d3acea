// Package token is the click token: what a redirect appends to the landing page
// and an order brings back.
//
// Means: 48 characters that name a click and its link and prove that we made
// them, so that an order can be credited without a look-up, and even when the
// click itself could not be recorded.
//
// Owns: the format. 30 bytes — click UUIDv7 (16), link number (5, big-endian),
// key id (1), MAC (8) over the 22 before it — as Crockford base32 in lower case.
//
// Refuses: any other spelling (upper case, look-alike letters, padding), any
// altered character, any key the signer does not hold.
//
// Invariants: one token has one text; the MAC is compared in constant time;
// a link number belongs to one merchant, so the caller must still check that
// the order's merchant is the link's.
package token

import (
	"crypto/subtle"
	"encoding/binary"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
)

// Size is the length of a token's text in characters.
const Size = 48

// MaxLink is the largest link number a token can carry.
const MaxLink = 1<<40 - 1

// Purpose is what a Signer is asked to sign for.
const Purpose = "click-token"

// ErrMalformed is for text that is no click token.
var ErrMalformed = problem.New(problem.Invalid, "click token is malformed")

// ErrForged is for a click token that was altered or that we did not make.
var ErrForged = problem.New(problem.Invalid, "click token is not genuine")

// Signer makes the 64-bit MAC.
type Signer interface {
	MAC64(purpose string, msg []byte) [8]byte
}

// Rotating is a Signer with several keys. Encode then signs under the current
// one and Parse verifies under the one that the token names.
type Rotating interface {
	Signer
	KeyID() byte
	MAC64By(keyID byte, purpose string, msg []byte) ([8]byte, bool)
}

// Token is a click and the link it opened.
type Token struct {
	Click [16]byte // UUIDv7 of the click; also the id of its row
	Link  uint64   // link number, at most MaxLink
	KeyID byte     // key that signed it; set by Encode when the signer is Rotating
}

// Positions within the 30 bytes.
const (
	linkAt  = 16
	keyAt   = 21
	macAt   = 22
	rawSize = 30
)

// Encode gives the token's text. A link number above MaxLink has none: the
// empty string, never the token of another link.
func (t Token) Encode(s Signer) string {
	if t.Link > MaxLink {
		return ""
	}
	raw := make([]byte, macAt, rawSize)
	if r, ok := s.(Rotating); ok {
		t.KeyID = r.KeyID()
	}
	t.fill(raw)
	mac := s.MAC64(Purpose, raw)
	var text [Size]byte
	encode(&text, (*[rawSize]byte)(append(raw, mac[:]...)))
	return string(text[:])
}

func (t Token) fill(raw []byte) {
	copy(raw, t.Click[:])
	binary.BigEndian.PutUint32(raw[linkAt:], uint32(t.Link>>8))
	raw[linkAt+4] = byte(t.Link)
	raw[keyAt] = t.KeyID
}

// Parse reads a token and checks its proof. Errors: ErrMalformed, ErrForged.
func Parse(text string, s Signer) (Token, error) {
	raw := make([]byte, rawSize)
	if len(text) != Size || !decode((*[rawSize]byte)(raw), text) {
		return Token{}, ErrMalformed
	}
	mac, known := macOf(s, raw[keyAt], raw[:macAt])
	if !known || subtle.ConstantTimeCompare(mac[:], raw[macAt:]) != 1 {
		return Token{}, ErrForged
	}
	return Token{
		Click: [16]byte(raw[:linkAt]),
		Link:  uint64(binary.BigEndian.Uint32(raw[linkAt:]))<<8 | uint64(raw[linkAt+4]),
		KeyID: raw[keyAt],
	}, nil
}

func macOf(s Signer, keyID byte, msg []byte) ([8]byte, bool) {
	if r, ok := s.(Rotating); ok {
		return r.MAC64By(keyID, Purpose, msg)
	}
	return s.MAC64(Purpose, msg), true
}

// ClickedAt is when the click happened, to the millisecond, in UTC: the time
// inside its UUIDv7.
func (t Token) ClickedAt() time.Time {
	milli := binary.BigEndian.Uint64(t.Click[:8]) >> 16
	return time.UnixMilli(int64(milli)).UTC()
}

// ClickID is the id of the click's row, "clk_…".
func (t Token) ClickID() string { return id.FromUUID(id.Click, t.Click) }
