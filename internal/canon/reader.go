package canon

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// ErrMalformed is wrapped by every error of a Reader.
var ErrMalformed = errors.New("canon: malformed")

// Reader reads an encoding in the order in which it was written. After the
// first fault every method returns a zero value and Err keeps that fault, so
// callers check once, at the end, with Done.
type Reader struct {
	version byte
	rest    []byte
	err     error
}

// NewReader starts reading b, which must hold at least the version byte.
// The Reader keeps b and never changes it.
func NewReader(b []byte) (*Reader, error) {
	if len(b) == 0 {
		return nil, fmt.Errorf("%w: no version byte", ErrMalformed)
	}
	return &Reader{version: b[0], rest: b[1:]}, nil
}

// Version gives the version byte.
func (r *Reader) Version() byte { return r.version }

// Err gives the first fault, or nil.
func (r *Reader) Err() error { return r.err }

// Done gives the first fault; unread bytes are one.
func (r *Reader) Done() error {
	if r.err == nil && len(r.rest) > 0 {
		r.fail("trailing bytes")
	}
	return r.err
}

// Bytes reads raw bytes into a new slice; no bytes read as nil.
func (r *Reader) Bytes() []byte { return append([]byte(nil), r.block(tagBytes)...) }

// String reads text. It moves the Reader: it is no fmt.Stringer for logs.
func (r *Reader) String() string { return string(r.block(tagString)) }

// Int reads a signed integer.
func (r *Reader) Int() int64 { return r.varint(tagInt) }

// Uint reads an unsigned integer.
func (r *Reader) Uint() uint64 { return r.uvarint(tagUint) }

// Bool reads a truth value.
func (r *Reader) Bool() bool {
	if r.err == nil && len(r.rest) > 0 && r.rest[0] == tagTrue {
		r.rest = r.rest[1:]
		return true
	}
	r.tag(tagFalse)
	return false
}

// Time reads an instant in UTC.
func (r *Reader) Time() time.Time {
	v := r.varint(tagTime)
	if r.err != nil {
		return time.Time{}
	}
	return time.UnixMicro(v).UTC()
}

// List reads an element count. A count above the bytes that are left is a
// fault, so a forged count cannot make the caller allocate without bound.
func (r *Reader) List() int {
	n := r.uvarint(tagList)
	if n > uint64(len(r.rest)) {
		r.fail("list longer than its bytes")
		return 0
	}
	return int(n)
}

// block reads a length-prefixed run of bytes, without copying.
func (r *Reader) block(tag byte) []byte {
	n := r.uvarint(tag)
	if n > uint64(len(r.rest)) {
		r.fail("length beyond the end")
		return nil
	}
	v := r.rest[:n]
	r.rest = r.rest[n:]
	return v
}

func (r *Reader) varint(tag byte) int64 {
	u := r.uvarint(tag)
	return int64(u>>1) ^ -int64(u&1) // undo zigzag
}

// uvarint reads a tagged varint and refuses a longer spelling than needed.
func (r *Reader) uvarint(tag byte) uint64 {
	if !r.tag(tag) {
		return 0
	}
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || n > 1 && r.rest[n-1] == 0 {
		r.fail("bad varint")
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *Reader) tag(want byte) bool {
	if r.err != nil {
		return false
	}
	if len(r.rest) == 0 || r.rest[0] != want {
		r.fail("another kind of value")
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// Refuse marks what was read as malformed, for what only the caller can see.
func (r *Reader) Refuse(why string) { r.fail(why) }

// fail keeps the first fault.
func (r *Reader) fail(why string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrMalformed, why)
	}
	r.rest = nil
}
