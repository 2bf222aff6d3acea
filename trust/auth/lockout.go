package auth

import (
	"context"
	"encoding/base64"
	"net/netip"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/pace"
)

// Guessing is slowed down by allowances that all servers share:
//
//   - of an e-mail address from one network address: the ordinary bound;
//   - of a network address, whomever it guesses at;
//   - of an e-mail address from everywhere, soft: it does not bind a network
//     address from which this person has signed in before, so that strangers who
//     use it up lock nobody out who comes from where they always come from.
//
// Sessions are never touched: whoever is signed in stays so. An address that
// nobody has signed up with is counted like any other. On this machine, where a
// proxy that is not listed as trusted would make everybody one address, the
// second is not kept. What was right is given back: people who share a network
// address and know their passwords do not keep each other out.
var (
	pairLimit    = pace.Limit{Every: time.Minute, Burst: 10}
	addressLimit = pace.Limit{Every: 5 * time.Second, Burst: 60}
	emailLimit   = pace.Limit{Every: time.Minute, Burst: 100}
	signUpLimit  = pace.Limit{Every: 5 * time.Minute, Burst: 10} // of a network address
	askLimit     = pace.Limit{Every: 20 * time.Minute, Burst: 3} // of letters to one person
	inviteLimit  = pace.Limit{Every: 5 * time.Minute, Burst: 50} // of a merchant
	factorLimit  = pace.Limit{Every: time.Minute, Burst: 5}      // of a person from one network address
	codesLimit   = pace.Limit{Every: 5 * time.Minute, Burst: 20} // of a person from everywhere
	homeLimit    = pace.Limit{Every: 90 * 24 * time.Hour, Burst: 1}
)

// bucket names an allowance. What it is of is hashed with a key: e-mail and
// network addresses are personal.
func (s *Service) bucket(kind, of string) string {
	return kind + ":" + base64.RawURLEncoding.EncodeToString(s.store.Keys().Hash("", "allowance "+kind, of)[:16])
}

// from is the network address of whoever asks: of IPv6 the half that a line is
// given, since its holder may choose the other.
func from(ctx context.Context) netip.Addr {
	a := trust.Address(ctx)
	if a.Is6() {
		net, _ := a.WithZone("").Prefix(64) // 64 fits
		return net.Addr()
	}
	return a
}

// allow takes one from an allowance. Errors: RateLimited.
func (s *Service) allow(ctx context.Context, bucket string, l pace.Limit) error {
	v, err := s.store.DoorSpend(ctx, bucket, l, 1)
	if err == nil && !v.Granted {
		slow := problem.New(problem.RateLimited, "too many attempts; try again later")
		slow.RetryAfter = v.RetryAfter
		return slow
	}
	return err
}

// allowAddress is allow for the network address of whoever asks.
func (s *Service) allowAddress(ctx context.Context, kind string, l pace.Limit) error {
	if at, counted := counted(ctx); counted {
		return s.allow(ctx, s.bucket(kind, at), l)
	}
	return nil
}

// counted is the network address that whoever asks is counted by; false on this
// machine, and for what has no address.
func counted(ctx context.Context) (string, bool) {
	a := from(ctx)
	return a.String(), a.IsValid() && !trust.Address(ctx).IsLoopback() // before its network is taken: that of ::1 is no loopback
}

// attempt is one try to prove to be a person by a secret that can be guessed.
type attempt struct {
	s              *Service
	pair, all      string // allowances
	pairMax, total pace.Limit
	home           string
}

// byPassword is an attempt at the password of whoever has the e-mail address.
func (s *Service) byPassword(ctx context.Context, email string) attempt {
	pair := email + " " + from(ctx).String()
	return attempt{s, s.bucket("password", pair), s.bucket("passwords", email), pairLimit, emailLimit, s.bucket("home", pair)}
}

// byFactor is an attempt at the second factor of a person.
func (s *Service) byFactor(ctx context.Context, userID, email string) attempt {
	pair := userID + " " + from(ctx).String()
	return attempt{s, s.bucket("factor", pair), s.bucket("factors", userID), factorLimit, codesLimit, s.bucket("home", email+" "+from(ctx).String())}
}

// begin is asked before the secret is looked at: of many who guess at once each
// has paid. Errors: RateLimited.
func (a attempt) begin(ctx context.Context) error {
	if err := a.s.allowAddress(ctx, "address", addressLimit); err != nil {
		return err
	}
	if err := a.s.allow(ctx, a.pair, a.pairMax); err != nil {
		return err
	}
	known, err := a.s.store.DoorLook(ctx, a.home, homeLimit)
	if err != nil || known.Remaining == 0 {
		return err
	}
	return a.s.allow(ctx, a.all, a.total)
}

// right gives back what was paid: only failures are counted. Of the network
// address it is this one attempt alone: an address that were made whole would
// let whoever has one right password guess at everybody else for ever.
func (a attempt) right(ctx context.Context) {
	a.forgive(ctx)
	if at, counted := counted(ctx); counted {
		a.warn(a.s.store.DoorReturn(ctx, a.s.bucket("address", at), addressLimit, 1))
	}
}

// forgive makes the person's own allowances whole.
func (a attempt) forgive(ctx context.Context) {
	for _, bucket := range []string{a.pair, a.all} {
		a.warn(a.s.store.DoorRefill(ctx, bucket))
	}
}

// warn tells of an allowance that could not be given back, which is no reason to
// turn the person away.
func (a attempt) warn(err error) {
	if err != nil {
		a.s.store.Log().Warn("an allowance was not given back", "error", err)
	}
}

// feelAtHome remembers for ninety days that the person has signed in from this
// network address.
func (s *Service) feelAtHome(ctx context.Context, email string) {
	home := s.byPassword(ctx, email).home
	err := s.store.DoorRefill(ctx, home)
	if err == nil {
		err = s.allow(ctx, home, homeLimit)
	}
	if err != nil && problem.CodeOf(err) != problem.RateLimited { // refilled by two log-ins at once: remembered
		s.store.Log().Warn("where a person signed in is not remembered", "error", err)
	}
}
