package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/tributary/tributary/internal/problem"
)

// Parameters of argon2id: 46 MiB, one pass, one lane.
const (
	hashMemory = 46 * 1024 // KiB
	hashPasses = 1
	hashLanes  = 1
	hashSize   = 32
	saltSize   = 16
)

// Bounds of hashing at once. A hundred log-ins that hash freely take gigabytes;
// two at a time take a hundred megabytes, and fifty more may wait.
const (
	hashSlots = 2
	hashQueue = 50
)

// Lengths of a password in characters.
const (
	minPassword = 10
	maxPassword = 200
)

// passwords hashes and verifies, a bounded number at once.
type passwords struct {
	slots   chan struct{}
	present atomic.Int64  // hashing or waiting
	spilled atomic.Uint64 // collections there had been when a hash last ended
	decoy   []byte        // hash of no password, to spend the same time on nobody
}

func newPasswords() *passwords {
	return &passwords{slots: make(chan struct{}, hashSlots), decoy: encode(hashMemory, hashPasses, hashLanes, make([]byte, saltSize), make([]byte, hashSize))}
}

// nobodys is the hash of a person who has been invited and has no password yet:
// no password makes it.
func (p *passwords) nobodys() []byte { return p.decoy }

// isNobodys reports whether there is no password yet, and so nobody who knows it.
func isNobodys(encoded []byte) bool {
	h, err := decode(encoded)
	return err == nil && subtle.ConstantTimeCompare(h.sum, make([]byte, len(h.sum))) == 1
}

// checkPassword accepts 10 to 200 characters of any kind.
func checkPassword(field, s string) error {
	if n := utf8.RuneCountInString(s); n < minPassword || n > maxPassword {
		return problem.At(problem.Invalid, field, "must have %d to %d characters", minPassword, maxPassword)
	}
	return nil
}

// enter waits for a slot. It fails with RateLimited when the queue is full, and
// with the context's error.
func (p *passwords) enter(ctx context.Context) (leave func(), err error) {
	if p.present.Add(1) > hashSlots+hashQueue {
		p.present.Add(-1)
		return nil, crowded()
	}
	select {
	case p.slots <- struct{}{}:
		return func() { p.spilled.Store(cycles()); <-p.slots; p.present.Add(-1) }, nil
	case <-ctx.Done():
		p.present.Add(-1)
		return nil, problem.New(problem.Deadline, "the request took too long and was given up").Because(ctx.Err())
	}
}

// room fails with RateLimited while the queue is full: a look before anything
// that costs the database something is done for somebody who will be sent away.
func (p *passwords) room() error {
	if p.present.Load() >= hashSlots+hashQueue {
		return crowded()
	}
	return nil
}

func crowded() error {
	busy := problem.New(problem.RateLimited, "too many people are signing in; try again in a moment")
	busy.RetryAfter = 2 * time.Second
	return busy
}

// sweep has the last hash's memory collected before the next one takes its own.
// The collector alone lets five or six such blocks pile up before it runs; here
// there are two in use and at most one that waits. Two collections after the
// block was left it is gone anyway.
func (p *passwords) sweep() {
	if then := p.spilled.Load(); then > 0 && cycles() < then+2 {
		runtime.GC()
	}
}

// cycles counts the garbage collections so far.
func cycles() uint64 {
	sample := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// hash gives the encoded hash of a new password.
func (p *passwords) hash(ctx context.Context, password string) ([]byte, error) {
	leave, err := p.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	p.sweep()
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	sum := argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, hashLanes, hashSize)
	return encode(hashMemory, hashPasses, hashLanes, salt, sum), nil
}

// verify reports whether the password made the hash. A nil hash is nobody's: it
// takes the same time and is never right.
func (p *passwords) verify(ctx context.Context, encoded []byte, password string) (bool, error) {
	if encoded == nil {
		encoded = p.decoy
	}
	h, err := decode(encoded)
	if err != nil {
		return false, err
	}
	leave, err := p.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	p.sweep()
	if utf8.RuneCountInString(password) > maxPassword {
		password = "" // no stored password is as long, and none is empty
	}
	sum := argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.lanes, uint32(len(h.sum)))
	return subtle.ConstantTimeCompare(sum, h.sum) == 1, nil
}

type hashed struct {
	memory, passes uint32
	lanes          uint8
	salt, sum      []byte
}

// encode writes the customary form, $argon2id$v=19$m=…,t=…,p=…$salt$hash, so
// that a hash made under other parameters still verifies.
func encode(memory, passes uint32, lanes uint8, salt, sum []byte) []byte {
	b64 := base64.RawStdEncoding
	return fmt.Appendf(nil, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

var errHash = errors.New("a stored password hash is malformed")

func decode(encoded []byte) (h hashed, err error) {
	parts := strings.Split(string(encoded), "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.lanes); err != nil {
		return h, errHash
	}
	h.salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return h, errHash
	}
	h.sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(h.sum) < 16 || h.memory > 4*hashMemory || h.passes == 0 || h.lanes == 0 {
		return h, errHash
	}
	return h, nil
}
