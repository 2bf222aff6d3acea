package canon

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestSequencesAreOneToOne writes two random sequences of values: bytes are
// equal exactly when the sequences are, and each reads back as written.
func TestSequencesAreOneToOne(t *testing.T) {
	t.Parallel()
	drawn := map[byte]int{}
	rapid.Check(t, func(t *rapid.T) {
		a, b := sequence(t, "a"), sequence(t, "b")
		ea, eb := encode(a), encode(b)
		if bytes.Equal(ea, eb) != slices.Equal(a, b) {
			t.Fatalf("%v and %v as %x and %x", a, b, ea, eb)
		}
		again, ok := walk(ea)
		if !ok || !bytes.Equal(again, ea) {
			t.Fatalf("%v was not read back: %x, %x", a, ea, again)
		}
		for _, v := range a {
			drawn[v.tag]++
		}
	})
	for tag := byte(tagBytes); tag <= tagList; tag++ {
		if drawn[tag] == 0 {
			t.Errorf("no value with tag %d was drawn: %v", tag, drawn)
		}
	}
}

// FuzzReader: whatever is accepted is written again as the same bytes, so no
// meaning has two encodings; nothing panics or allocates without bound.
func FuzzReader(f *testing.F) {
	f.Add([]byte{1})
	f.Add([]byte{1, tagString, 1, 'a', tagInt, 0xd8, 0x04, tagTrue, tagTime, 0})
	f.Add([]byte{1, tagList, 2, tagFalse, tagFalse})
	f.Add([]byte{1, tagUint, 0x80, 0x00})
	f.Fuzz(func(t *testing.T, b []byte) {
		if again, ok := walk(b); ok && !bytes.Equal(again, b) {
			t.Fatalf("%x is a second encoding of %x", b, again)
		}
	})
}

// FuzzFacts: accepted facts encode to the bytes they came from.
func FuzzFacts(f *testing.F) {
	f.Add(Facts{"a": "1", "b": ""}.Encode())
	f.Add([]byte{1, tagList, 2, tagString, 0, tagString, 0, tagString, 0, tagString, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if facts, err := DecodeFacts(b); err == nil && !bytes.Equal(facts.Encode(), b) {
			t.Fatalf("%x is a second encoding of %v", b, facts)
		}
	})
}

// value is one written value; only the field of its tag is used.
type value struct {
	tag  byte
	text string
	num  uint64
}

func sequence(t *rapid.T, name string) []value {
	one := rapid.Custom(func(t *rapid.T) value {
		v := value{tag: rapid.ByteRange(tagBytes, tagList).Draw(t, "tag")}
		switch v.tag {
		case tagBytes, tagString:
			v.text = rapid.StringN(0, 2, -1).Draw(t, "text")
		case tagInt, tagUint, tagTime:
			v.num = rapid.Uint64().Draw(t, "num")
		}
		return v // a list is drawn empty: its elements are values of their own
	})
	return rapid.SliceOfN(one, 0, 3).Draw(t, name)
}

func encode(values []value) []byte {
	w := NewWriter(1)
	for _, v := range values {
		v.write(w)
	}
	return w.Sum()
}

func (v value) write(w *Writer) {
	switch v.tag {
	case tagBytes:
		w.Bytes([]byte(v.text))
	case tagString:
		w.String(v.text)
	case tagInt:
		w.Int(int64(v.num))
	case tagUint:
		w.Uint(v.num)
	case tagTime:
		w.Time(time.UnixMicro(int64(v.num)))
	case tagList:
		w.List(int(v.num))
	default:
		w.Bool(v.tag == tagTrue)
	}
}

// walk reads whatever values follow, by their tags, and writes them again.
func walk(b []byte) (again []byte, ok bool) {
	r, err := NewReader(b)
	if err != nil {
		return nil, false
	}
	w := NewWriter(r.Version())
	for len(r.rest) > 0 {
		v := value{tag: r.rest[0]}
		switch v.tag {
		case tagBytes:
			v.text = string(r.Bytes())
		case tagString:
			v.text = r.String()
		case tagInt:
			v.num = uint64(r.Int())
		case tagUint:
			v.num = r.Uint()
		case tagTime:
			v.num = uint64(r.Time().UnixMicro())
		case tagList:
			v.num = uint64(r.List())
		default:
			r.Bool()
		}
		v.write(w)
	}
	return w.Sum(), r.Done() == nil
}
