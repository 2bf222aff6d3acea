package id

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"
)

// recent is how many milliseconds a generation of the sequence holds.
const recent = 1024

// sequence keeps the ids of one process in order. It remembers the last tail
// drawn for each recent millisecond, so that a command whose ids all carry one
// instant gets them ascending even when commands of other instants are served
// in between. The time in an id is always the caller's own: clamping a late
// caller to the newest instant would move a click's time.
//
// Tails live in two generations: a full young one becomes the old one, and what
// the old one held is forgotten unless it was used again meanwhile.
type sequence struct {
	mu         sync.Mutex
	young, old map[uint64]tail // by milliseconds since 1970
}

// tail is the part of a UUIDv7 that is not time.
type tail struct {
	a uint16 // 12 bits, drawn once per millisecond
	b uint64 // 62 bits, rising; never zero
}

var process sequence

// NewUUID makes a UUIDv7 (RFC 9562) whose time is now to the millisecond,
// limited to the years 1970–10889 that 48 bits can hold. It is greater than
// every UUID this process made before for the same millisecond, unless 1024
// other milliseconds have been served since the last of them.
func NewUUID(now time.Time) [16]byte {
	return process.next(uint64(min(max(now.UnixMilli(), 0), 1<<48-1)))
}

func (q *sequence) next(ms uint64) [16]byte {
	var seed [10]byte
	rand.Read(seed[:]) // never fails: the runtime aborts instead
	q.mu.Lock()
	defer q.mu.Unlock()
	t := q.last(ms).after(seed)
	if len(q.young) >= recent || q.young == nil {
		q.young, q.old = make(map[uint64]tail, recent), q.young
	}
	q.young[ms] = t
	return t.uuid(ms)
}

// last gives the newest tail of ms, or the zero tail.
func (q *sequence) last(ms uint64) tail {
	if t, ok := q.young[ms]; ok {
		return t
	}
	return q.old[ms]
}

// after gives the tail that follows t. A fresh millisecond starts in the lower
// half of the range and steps are at most 2^32, so 2^29 ids fit into one
// millisecond; random steps hide how many ids the process makes.
func (t tail) after(seed [10]byte) tail {
	random := binary.BigEndian.Uint64(seed[:8])
	if t.b != 0 {
		return tail{a: t.a, b: t.b + random>>32 + 1}
	}
	return tail{a: binary.BigEndian.Uint16(seed[8:]) >> 4, b: random>>3 | 1}
}

func (t tail) uuid(ms uint64) (u [16]byte) {
	binary.BigEndian.PutUint64(u[:8], ms<<16|7<<12|uint64(t.a))
	binary.BigEndian.PutUint64(u[8:], 2<<62|t.b)
	return u
}
