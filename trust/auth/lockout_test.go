package auth

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

func (h house) guess(ctx context.Context, email string) problem.Code {
	_, err := h.LogIn(ctx, LogInInput{Email: email, Password: "wrong horse battery"})
	return problem.CodeOf(err)
}

// Strangers who guess from everywhere use the attempts up for strangers; whoever
// signed in from somewhere before still gets in from there, at once. Without the
// look at home in begin, the owner is locked out here.
func TestR2_NobodyIsLockedOutByOthersGuessing(t *testing.T) {
	h := open(t)
	in := LogInInput{Email: "ada@example.com", Password: right}
	_, err := h.LogIn(h.from("198.51.100.7"), in)
	must(t, err)
	for i := range 10 {
		if got := h.guess(h.from(fmt.Sprintf("2001:db8:%x::1", i)), "ada@example.com"); got != problem.Unauthenticated {
			t.Fatalf("stranger %d: %s", i, got)
		}
	}
	left, err := h.store.DoorSpend(t.Context(), h.bucket("passwords", "ada@example.com"), emailLimit, emailLimit.Burst-10) // as many more
	if must(t, err); !left.Granted || left.Remaining > 0 {
		t.Fatalf("ten strangers have used up %+v", left)
	}
	if got := h.guess(h.from("203.0.113.1"), "ada@example.com"); got != problem.RateLimited {
		t.Fatalf("a stranger may still guess: %s", got)
	}
	_, err = h.LogIn(h.from("198.51.100.7"), in)
	must(t, err)
	must(t, h.LogOut(h.as(h.owner.AccessToken)))
}

// Ten guesses, then one a minute; an address that nobody has is counted alike.
func TestR2_GuessingIsSlowedDownAlikeForEverybody(t *testing.T) {
	h := open(t)
	for _, email := range []string{"ada@example.com", "nobody@example.com"} {
		ctx := h.from("203.0.113.1")
		if email == "nobody@example.com" {
			ctx = h.from("203.0.113.2")
		}
		for range pairLimit.Burst {
			if got := h.guess(ctx, email); got != problem.Unauthenticated {
				t.Fatalf("%s: %s", email, got)
			}
		}
		_, err := h.LogIn(ctx, LogInInput{Email: email, Password: right})
		refused(t, err, problem.RateLimited, "")
		if p, _ := problem.As(err); p.RetryAfter != time.Minute {
			t.Errorf("%s: retry after %v", email, p.RetryAfter)
		}
	}
	h.clock.Advance(time.Minute)
	_, err := h.LogIn(h.from("203.0.113.1"), LogInInput{Email: "ada@example.com", Password: right})
	must(t, err)
	if got := h.guess(h.from("203.0.113.1"), "ada@example.com"); got != problem.Unauthenticated {
		t.Errorf("success gave nothing back: %s", got)
	}
}

// One line guesses at many people: the address is slowed down, and the halves of
// an IPv6 line are one address.
func TestAnAddressIsSlowedDownWhomeverItGuessesAt(t *testing.T) {
	h := open(t)
	for i := range addressLimit.Burst {
		must(t, h.allowAddress(h.from(fmt.Sprintf("2001:db8::%x", i)), "address", addressLimit))
	}
	if got := h.guess(h.from("2001:db8::ffff"), "x@example.com"); got != problem.RateLimited {
		t.Errorf("got %s", got)
	}
	if got := h.guess(h.from("2001:db8:0:1::1"), "x@example.com"); got != problem.Unauthenticated {
		t.Errorf("the neighbour got %s", got)
	}
}

// Many who guess at once pay first: with the payment after the look, each of the
// many is let through.
func TestGuessesAtOnceArePaidFirst(t *testing.T) {
	h := open(t)
	var looked atomic.Int64
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() {
			if h.guess(h.from("203.0.113.1"), "ada@example.com") == problem.Unauthenticated {
				looked.Add(1)
			}
		})
	}
	group.Wait()
	if got := looked.Load(); got != int64(pairLimit.Burst) {
		t.Errorf("%d guesses were looked at", got)
	}
}

// Colleagues behind one network address know their passwords. Without the
// address in right, the eighth waits; with the address made whole, whoever has
// one right password guesses for ever.
func TestR2_RightLogInsUseNothingUp(t *testing.T) {
	h := open(t)
	ctx := h.from("198.51.100.7")
	bucket := h.bucket("address", "198.51.100.7")
	left := func() int {
		v, err := h.store.DoorLook(t.Context(), bucket, addressLimit)
		must(t, err)
		return v.Remaining
	}
	_, err := h.store.DoorSpend(t.Context(), bucket, addressLimit, addressLimit.Burst-3)
	must(t, err)
	secret, _ := h.factored()
	for range 4 {
		in, err := h.LogIn(ctx, LogInInput{Email: "ada@example.com", Password: right})
		must(t, err)
		h.clock.Advance(factorStep * time.Second)
		_, err = h.store.DoorSpend(t.Context(), bucket, addressLimit, left()-3)
		must(t, err)
		_, err = h.LogInSecondFactor(ctx, LogInSecondFactorInput{Challenge: in.Challenge, Code: h.now(secret, 0)})
		must(t, err)
	}
	if left() != 3 {
		t.Fatalf("right log-ins left %d of 3", left())
	}
	for i := range 4 {
		want := problem.Unauthenticated
		if i == 3 {
			want = problem.RateLimited
		}
		if got := h.guess(ctx, fmt.Sprintf("x%d@example.com", i)); got != want {
			t.Errorf("guess %d: %s", i, got)
		}
	}
}

// Who has just signed up is at home where that was: strangers who guess at the
// new address keep nobody out. Without feelAtHome in SignUp the owner waits.
func TestR2_WhoSignsUpIsAtHomeThere(t *testing.T) {
	h := open(t)
	ctx := h.from("198.51.100.7")
	_, err := h.SignUp(ctx, SignUpInput{Email: "bea@example.com", Password: right, Name: "Bea", MerchantName: "Bee", Currency: "USD"})
	must(t, err)
	_, err = h.store.DoorSpend(t.Context(), h.bucket("passwords", "bea@example.com"), emailLimit, emailLimit.Burst) // strangers
	must(t, err)
	if got := h.guess(h.from("203.0.113.1"), "bea@example.com"); got != problem.RateLimited {
		t.Fatalf("a stranger may still guess: %s", got)
	}
	_, err = h.LogIn(ctx, LogInInput{Email: "bea@example.com", Password: right})
	must(t, err)
}

// Visitors whose address a proxy garbles are one address, and none is on this
// machine, where the bound is not kept.
func TestR2_UnreadableAddressesAreCountedAsOne(t *testing.T) {
	h := open(t)
	for at, want := range map[string]bool{trust.Unreadable.String(): true, "203.0.113.1": true, "127.0.0.1": false, "::1": false} {
		if _, got := counted(h.from(at)); got != want {
			t.Errorf("%s is counted: %t", at, got)
		}
	}
}
