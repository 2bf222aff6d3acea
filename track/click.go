package track

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/track/token"
)

// kind is what opened a link, as a click's row names it.
type kind byte

// The kinds, in the order of their codes in a record.
const (
	human kind = iota
	bot
	prefetch
	duplicate
)

var kindNames = [...]string{"HUMAN", "BOT", "PREFETCH", "DUPLICATE"}

// clickID is a UUIDv7 whose last bit says whether the click may earn. An order
// may overtake its click on the way to the database; the token then still tells
// a person's click from a robot's, and the decision is the same as later.
type clickID [16]byte

// newClickID draws 73 random bits: guessing a click's id is hopeless even
// before its token's proof is checked (Q51).
func newClickID(now time.Time, payable bool) (c clickID) {
	_, _ = rand.Read(c[6:]) // never fails: the runtime aborts instead
	ms := uint64(now.UnixMilli())
	binary.BigEndian.PutUint32(c[:4], uint32(ms>>16))
	binary.BigEndian.PutUint16(c[4:6], uint16(ms))
	c[6], c[8] = 7<<4|c[6]&0x0f, 2<<6|c[8]&0x3f
	c[15] &^= 1
	if payable {
		c[15] |= 1
	}
	return c
}

func (c clickID) payable() bool        { return c[15]&1 == 1 }
func (c clickID) String() string       { return id.FromUUID(id.Click, c) }
func (c clickID) clickedAt() time.Time { return token.Token{Click: c}.ClickedAt() }

// click is what is known of one opening when it happens. It travels through the
// stream as a record and becomes a row.
type click struct {
	id       clickID
	link     uint64 // number
	kind     kind
	consent  bool
	reason   string // why it may not earn; "" when it may
	agent    string
	referrer string
	network  []byte // keyed hash of the truncated address; nil without consent
	visitor  []byte // keyed hash of link, network and browser; nil without consent, and where nothing may repeat
	labels   []byte // sub-ids as appendLabel writes them; a later one wins
}

// The layouts of records: the older one, without a visitor, may still lie in a stream.
const (
	clickLayout   = 2
	nobodysLayout = 1
)

var errClick = errors.New("track: not a click record")

// appendTo writes the record: layout, id, link number, kind, consent, then six
// texts, each with its length.
func (c *click) appendTo(b []byte) []byte {
	b = append(b, clickLayout)
	b = append(b, c.id[:]...)
	b = binary.AppendUvarint(b, c.link)
	consent := byte(0)
	if c.consent {
		consent = 1
	}
	b = append(b, byte(c.kind), consent)
	b = appendText(b, c.reason)
	b = appendText(b, c.agent)
	b = appendText(b, c.referrer)
	b = appendBlock(b, c.network)
	b = appendBlock(b, c.labels)
	return appendBlock(b, c.visitor)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendBlock(b, v []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// readClick reads what appendTo wrote, or wrote before there was a visitor, and nothing else. It shares b's memory.
func readClick(b []byte) (c click, err error) {
	const fixed = 1 + len(c.id)
	if len(b) < fixed || b[0] != clickLayout && b[0] != nobodysLayout {
		return c, fmt.Errorf("%w: layout", errClick)
	}
	copy(c.id[:], b[1:])
	link, n := binary.Uvarint(b[fixed:])
	rest := b[fixed+max(n, 0):]
	if n <= 0 || link > token.MaxLink || len(rest) < 2 || rest[0] > byte(duplicate) || rest[1] > 1 {
		return c, fmt.Errorf("%w: head", errClick)
	}
	c.link, c.kind, c.consent = link, kind(rest[0]), rest[1] == 1
	var blocks [6][]byte
	rest = rest[2:]
	for i := range len(blocks) - int(clickLayout-b[0]) {
		if blocks[i], rest, err = cutBlock(rest); err != nil {
			return c, err
		}
	}
	if len(rest) > 0 {
		return c, fmt.Errorf("%w: trailing bytes", errClick)
	}
	c.reason, c.agent, c.referrer = string(blocks[0]), string(blocks[1]), string(blocks[2])
	c.network, c.labels, c.visitor = blocks[3], blocks[4], blocks[5]
	if c.id.payable() != (c.reason == "") {
		return c, fmt.Errorf("%w: payable and a reason", errClick)
	}
	return c, nil
}

func cutBlock(b []byte) (block, rest []byte, err error) {
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w) {
		return nil, nil, fmt.Errorf("%w: cut off", errClick)
	}
	end := w + int(n)
	return b[w:end:end], b[end:], nil
}

func appendLabel(b []byte, name, value string) []byte {
	return appendText(appendText(b, name), value)
}

func appendLabels(b []byte, labels map[string]string) []byte {
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		b = appendLabel(b, name, labels[name])
	}
	return b
}

func readLabels(b []byte) (map[string]string, error) {
	if len(b) == 0 {
		return nil, nil
	}
	labels := map[string]string{}
	for len(b) > 0 {
		name, rest, err := cutBlock(b)
		if err != nil {
			return nil, err
		}
		value, rest, err := cutBlock(rest)
		if err != nil {
			return nil, err
		}
		labels[string(name)], b = string(value), rest
	}
	return labels, nil
}
