package server

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/allowance"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/pace"
)

// limiter keeps each caller to its allowances, and says what is left of them.
// Redirects and shops' messages do not pass here: a visitor is sent on and an
// order is taken in whoever else is busy at the same address.
type limiter struct {
	limits Limits
	desk   *allowance.Desk
	store  *store.Store
}

func newLimiter(c Config, s *store.Store) *limiter {
	cfg := allowance.Config{Shared: sharedBy(s), Clock: s.Now, Log: c.Log}
	return &limiter{limits: c.Limits, desk: allowance.New(cfg), store: s}
}

// sharedBy is where all servers of a house spend from; nil where this is the only one.
func sharedBy(s *store.Store) allowance.Spend {
	if s.Postgres() {
		return s.DoorSpend
	}
	return nil
}

// share is one allowance that a request takes from.
type share struct {
	name string // as the headers say it
	id   string
	rate Rate
}

// admit answers a request that is beyond an allowance with 429 and passes any
// other on, with what is left in the headers of both.
func (l *limiter) admit(next http.Handler) http.Handler {
	return past(l.admits, next)
}

func (l *limiter) admits(w http.ResponseWriter, r *http.Request) bool {
	return l.allows(w, r, l.sharesOf(r.Context())...)
}

// stranger answers a credential that opens nothing: who tries many is told to
// stop trying. Where only the database could not say, nobody is to blame.
func (l *limiter) stranger(w http.ResponseWriter, r *http.Request, err error) {
	if code := problem.CodeOf(err); code == problem.Unauthenticated && !l.allows(w, r, l.addressOf(r.Context())) {
		return
	}
	refuse(w, err)
}

func (l *limiter) allows(w http.ResponseWriter, r *http.Request, shares ...share) bool {
	var policy, left strings.Builder
	for _, s := range shares {
		if !s.rate.on() {
			continue
		}
		v := l.desk.Take(r.Context(), s.id, s.rate.limit)
		s.tell(&policy, &left, v)
		if !v.Granted {
			l.say(w, policy.String(), left.String())
			refuse(w, tooOften(v))
			return false
		}
	}
	l.say(w, policy.String(), left.String())
	return true
}

// operation takes what one operation on a socket costs out of the allowances that a
// request of the same viewer pays from: a socket that is open is no way around
// them. Errors: RateLimited.
func (l *limiter) operation(ctx context.Context) error {
	for _, s := range l.sharesOf(ctx) {
		if !s.rate.on() {
			continue
		}
		if v := l.desk.Take(ctx, s.id, s.rate.limit); !v.Granted {
			return tooOften(v)
		}
	}
	return nil
}

func tooOften(v pace.Verdict) error {
	p := problem.New(problem.RateLimited, "too many requests: wait and try again")
	p.RetryAfter = v.RetryAfter
	return p
}

func (l *limiter) say(w http.ResponseWriter, policy, left string) {
	if policy != "" {
		h := w.Header()
		h.Set("RateLimit-Policy", policy)
		h.Set("RateLimit", left)
	}
}

// tell adds the two items of the IETF's RateLimit fields: the quota q of a
// window of w seconds; r units that remain, and t seconds until all are back.
func (s share) tell(policy, left *strings.Builder, v pace.Verdict) {
	if policy.Len() > 0 {
		policy.WriteString(", ")
		left.WriteString(", ")
	}
	policy.WriteString(s.name + s.rate.policy)
	left.WriteString(s.name + ";r=" + strconv.Itoa(v.Remaining) + ";t=" + strconv.Itoa(int((v.Full+time.Second-1)/time.Second)))
}

// sharesOf is what a request takes from: a publishable key is everybody's, so a
// flood with it takes nothing from its merchant's own programs.
func (l *limiter) sharesOf(ctx context.Context) []share {
	v, known := trust.From(ctx)
	switch {
	case !known:
		return []share{l.addressOf(ctx)}
	case v.Kind == trust.KindPublishable:
		return []share{
			{`"page"`, "page:" + v.PrincipalID + ":" + l.hashed(ctx), l.limits.Page},
			{`"key"`, "key:" + v.PrincipalID, l.limits.Key},
		}
	}
	return []share{
		{`"token"`, "token:" + v.PrincipalID, l.limits.Token},
		{`"merchant"`, "merchant:" + v.MerchantID, l.limits.Merchant},
	}
}

func (l *limiter) addressOf(ctx context.Context) share {
	if !l.limits.Address.on() {
		return share{}
	}
	return share{`"address"`, "address:" + l.hashed(ctx), l.limits.Address}
}

// hashed names an address without telling it. Of IPv6 the network is meant: a
// single subscriber has all addresses in it.
func (l *limiter) hashed(ctx context.Context) string {
	addr := trust.Address(ctx)
	if network, err := addr.Prefix(64); err == nil && addr.Is6() {
		addr = network.Addr()
	}
	return hex.EncodeToString(l.store.Keys().Hash("", "allowance.address", addr.String())[:12])
}
