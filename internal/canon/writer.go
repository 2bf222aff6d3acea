package canon

import (
	"encoding/binary"
	"slices"
	"time"
)

// Writer builds an encoding value by value. It cannot fail.
type Writer struct{ b []byte }

// NewWriter starts an encoding. The version belongs to the kind of thing being
// encoded; a change of its layout needs a new one.
func NewWriter(version byte) *Writer { return &Writer{b: []byte{version}} }

// Version gives the version byte.
func (w *Writer) Version() byte { return w.b[0] }

// Bytes writes raw bytes; nil and empty are the same.
func (w *Writer) Bytes(v []byte) {
	w.uvarint(tagBytes, uint64(len(v)))
	w.b = append(w.b, v...)
}

// String writes text as it is.
func (w *Writer) String(v string) {
	w.uvarint(tagString, uint64(len(v)))
	w.b = append(w.b, v...)
}

// Int writes a signed integer.
func (w *Writer) Int(v int64) { w.varint(tagInt, v) }

// Uint writes an unsigned integer.
func (w *Writer) Uint(v uint64) { w.uvarint(tagUint, v) }

// Bool writes a truth value.
func (w *Writer) Bool(v bool) {
	if v {
		w.b = append(w.b, tagTrue)
		return
	}
	w.b = append(w.b, tagFalse)
}

// Time writes an instant, cut to the microsecond; its zone is not kept.
func (w *Writer) Time(v time.Time) { w.varint(tagTime, v.UnixMicro()) }

// List announces n elements, n being the length of a slice. The caller writes
// them next, each as at least one value.
func (w *Writer) List(n int) { w.uvarint(tagList, uint64(n)) }

// Sum gives the encoding so far. The Writer may go on; the result stays as it is.
func (w *Writer) Sum() []byte { return slices.Clone(w.b) }

func (w *Writer) uvarint(tag byte, v uint64) {
	w.b = binary.AppendUvarint(append(w.b, tag), v)
}

func (w *Writer) varint(tag byte, v int64) {
	w.b = binary.AppendVarint(append(w.b, tag), v)
}
