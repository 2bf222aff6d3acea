package canon

import (
	"fmt"
	"maps"
	"slices"
)

// factsVersion is the layout of Facts: a list of pairs, key then value.
const factsVersion = 1

// Facts is a small set of named texts, such as the payload of an event.
type Facts map[string]string

// Encode gives the canonical bytes: keys ascending by byte; nil and empty are the same.
func (f Facts) Encode() []byte {
	w := NewWriter(factsVersion)
	w.List(len(f))
	for _, k := range slices.Sorted(maps.Keys(f)) {
		w.String(k)
		w.String(f[k])
	}
	return w.Sum()
}

// DecodeFacts reads what Encode wrote and nothing else: another version, keys
// out of order, repeated keys and trailing bytes return ErrMalformed.
func DecodeFacts(b []byte) (Facts, error) {
	r, err := NewReader(b)
	if err != nil {
		return nil, err
	}
	if r.Version() != factsVersion {
		return nil, fmt.Errorf("%w: facts of version %d", ErrMalformed, r.Version())
	}
	f := Facts{}
	last := ""
	for i := range r.List() {
		k, v := r.String(), r.String()
		if i > 0 && k <= last {
			r.fail("keys out of order")
			break
		}
		f[k], last = v, k
	}
	if err := r.Done(); err != nil {
		return nil, err
	}
	return f, nil
}
