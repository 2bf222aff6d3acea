package auth

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
)

func TestPasswordHashesVerify(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	one, err := p.hash(t.Context(), right)
	must(t, err)
	two, err := p.hash(t.Context(), right)
	must(t, err)
	if string(one) == string(two) || !strings.HasPrefix(string(one), "$argon2id$v=19$m=47104,t=1,p=1$") {
		t.Fatalf("%s and %s", one, two)
	}
	for _, row := range []struct {
		hash     []byte
		password string
		right    bool
	}{
		{one, right, true}, {two, right, true}, {one, right + " ", false}, {one, "", false}, {nil, right, false}, {nil, "", false},
	} {
		ok, err := p.verify(t.Context(), row.hash, row.password)
		must(t, err)
		if ok != row.right {
			t.Errorf("%s with %q: %v", row.hash, row.password, ok)
		}
	}
}

// Computed with Python's cryptography package (OpenSSL), not with this one:
// Argon2id(salt=b"0123456789abcdef", length=32, iterations, lanes, memory_cost).
func TestPasswordHashVectors(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	for _, text := range []string{
		"$argon2id$v=19$m=47104,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$cDtm0GHgMrI7n/5Ah8aDOcx4YgJ/geJqc4eVUcXYnrg",
		"$argon2id$v=19$m=4096,t=3,p=2$MDEyMzQ1Njc4OWFiY2RlZg$l/M3iyafNJR5tsttUPrOJy2RD3kQjVE+AGVrLVOzgsI",
	} {
		if ok, err := p.verify(t.Context(), []byte(text), right); err != nil || !ok {
			t.Errorf("%s: %v, %v", text, ok, err)
		}
		if ok, err := p.verify(t.Context(), []byte(text), right+"!"); err != nil || ok {
			t.Errorf("%s with another password: %v, %v", text, ok, err)
		}
	}
}

func TestMalformedPasswordHashIsAnErrorNotAPanic(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	good := string(p.decoy)
	for _, text := range []string{
		"", "x", "$argon2id$", strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=47104", "m=99999999", 1), strings.Replace(good, "t=1", "t=0", 1), strings.Replace(good, "p=1", "p=0", 1),
		strings.Replace(good, "p=1", "p=256", 1), good[:len(good)-30], good[:strings.LastIndex(good, "$")+1], good + "!",
	} {
		if ok, err := p.verify(t.Context(), []byte(text), right); ok || err == nil {
			t.Errorf("%q: %v, %v", text, ok, err)
		}
	}
}

// Two hash, fifty wait, the rest of two hundred are sent away at once, and the
// heap grows by less than 160 MiB. Not parallel: it measures the whole process.
func TestTwoHundredLogInsAtOnceAreBounded(t *testing.T) {
	h := house{Service: New(Config{Store: storetest.Open(t)}), t: t}
	for i := range 4 {
		h.signUp(fmt.Sprintf("p%d@example.com", i))
	}
	leave := h.occupy()
	answers := make(chan error, 200)
	for i := range 200 { // of several people from everywhere, whom no allowance binds
		go func() {
			_, err := h.LogIn(h.from(fmt.Sprintf("198.51.100.%d", i)), LogInInput{Email: fmt.Sprintf("p%d@example.com", i%4), Password: right})
			answers <- err
		}()
	}
	for range 150 { // while both slots are taken: fifty wait, all others have answers
		err := <-answers
		refused(t, err, problem.RateLimited, "")
		if p, _ := problem.As(err); p.RetryAfter <= 0 {
			t.Fatal("no hint when to come back")
		}
	}
	if n := h.passwords.present.Load(); n != hashSlots+hashQueue {
		t.Fatalf("%d hash or wait", n)
	}
	peak := watchHeap()
	leave()
	for range 50 {
		must(t, <-answers)
	}
	grown := peak()
	if t.Logf("the heap grew by %d MiB", grown>>20); grown > 160<<20 {
		t.Fatal("that is more than 160 MiB")
	}
	if n := h.passwords.present.Load(); n != 0 {
		t.Fatalf("%d still present", n)
	}
}

// occupy takes both slots.
func (h house) occupy() (leave func()) {
	h.t.Helper()
	one, err := h.passwords.enter(h.t.Context())
	must(h.t, err)
	two, err := h.passwords.enter(h.t.Context())
	must(h.t, err)
	return func() { one(); two() }
}

// watchHeap samples the heap until asked for the most it grew.
func watchHeap() (peak func() uint64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	base, most := m.HeapInuse, atomic.Uint64{}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapInuse-min(base, m.HeapInuse)))
			}
		}
	}()
	return func() uint64 { close(stop); <-done; return most.Load() }
}

func TestWhoeverGivesUpWaitingLeavesTheQueue(t *testing.T) {
	t.Parallel()
	h := house{Service: &Service{passwords: newPasswords()}, t: t}
	leave := h.occupy()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.passwords.hash(ctx, right)
	refused(t, err, problem.Deadline, "")
	if n := h.passwords.present.Load(); n != 2 {
		t.Fatalf("%d present", n)
	}
	leave()
	_, err = h.passwords.hash(t.Context(), right)
	must(t, err)
}
