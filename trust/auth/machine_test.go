package auth

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

var reads = []trust.Scope{trust.LinkRead, trust.AffiliateRead}

func (h house) accepts(bearer string) trust.Viewer {
	h.t.Helper()
	v, err := h.Authenticate(h.t.Context(), bearer, "")
	must(h.t, err)
	return v
}

// Without the former hash in the door, or without its end in opens, a row fails.
func TestA07_R2_TwoSecretsLiveWhileATokenRotates(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	old := h.token(TokenCreateInput{Scopes: reads})
	elsewhere := New(Config{Store: h.store})
	next, err := h.TokenRotate(ctx, TokenRotateInput{ID: old.TokenID, Overlap: time.Hour})
	must(t, err)
	if next.Secret == old.Secret || next.TokenID != old.TokenID || !strings.HasPrefix(next.Secret, "trb_live_") || next.Hint != hint("trb_live_", next.Secret) {
		t.Fatalf("%+v after %+v", next, old)
	}
	for _, secret := range []string{old.Secret, next.Secret} {
		if v := h.accepts(secret); v.PrincipalID != old.TokenID {
			t.Errorf("%+v", v)
		}
	}
	third, err := h.TokenRotate(ctx, TokenRotateInput{ID: old.TokenID, Overlap: time.Hour})
	must(t, err)
	h.refuses(old.Secret) // there are two secrets, not three
	h.accepts(next.Secret)
	h.clock.Advance(time.Hour)
	h.refuses(next.Secret)
	h.accepts(third.Secret)
	_, err = elsewhere.Authenticate(t.Context(), next.Secret, "")
	refused(t, err, problem.Unauthenticated, "")
	last, err := h.TokenRotate(ctx, TokenRotateInput{ID: old.TokenID})
	must(t, err)
	h.refuses(third.Secret) // no overlap: at once
	h.accepts(last.Secret)
}

// Without the hash in the condition of the update both rotations succeed, and one
// of the secrets handed out never works.
func TestRotationsAtOnceHandOutWorkingSecretsOnly(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	out := h.token(TokenCreateInput{Scopes: reads})
	var mu sync.Mutex
	var secrets []string
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			next, err := h.TokenRotate(ctx, TokenRotateInput{ID: out.TokenID, Overlap: time.Hour})
			if err != nil && problem.CodeOf(err) != problem.Conflict {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			secrets = append(secrets, next.Secret)
		})
	}
	all.Wait()
	for _, secret := range secrets {
		if secret != "" {
			h.accepts(secret)
		}
	}
}

func TestR2_RotationNeverWidensRights(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	strong := h.token(TokenCreateInput{Scopes: []trust.Scope{trust.PlanWrite, trust.LinkRead}})
	weak := trust.With(t.Context(), h.accepts(h.token(TokenCreateInput{Scopes: []trust.Scope{trust.TokenWrite, trust.LinkRead}}).Secret))
	_, err := h.TokenRotate(weak, TokenRotateInput{ID: strong.TokenID})
	refused(t, err, problem.Forbidden, "id")
	_, err = h.TokenUpdate(weak, TokenUpdateInput{ID: strong.TokenID, Addresses: []string{}})
	refused(t, err, problem.Forbidden, "id")
	other := h.signUp("bea@example.com")
	for _, id := range []string{strong.TokenID, "tok_00000000000000000000000000", "x", ""} {
		_, err := h.TokenRotate(h.as(other.AccessToken), TokenRotateInput{ID: id})
		refused(t, err, problem.NotFound, "id")
		_, err = h.TokenUpdate(h.as(other.AccessToken), TokenUpdateInput{ID: id})
		refused(t, err, problem.NotFound, "id")
	}
	_, err = h.TokenRotate(ctx, TokenRotateInput{ID: strong.TokenID, Overlap: maxOverlap + 1})
	refused(t, err, problem.Invalid, "overlapSeconds")
	_, err = h.TokenRotate(ctx, TokenRotateInput{ID: strong.TokenID, ExpiresAt: new(h.clock.Now())})
	refused(t, err, problem.Invalid, "expiresAt")
	_, err = h.TokenRevoke(ctx, TokenRevokeInput{strong.TokenID})
	must(t, err)
	_, err = h.TokenRotate(ctx, TokenRotateInput{ID: strong.TokenID})
	refused(t, err, problem.State, "id")
	h.accepts(h.token(TokenCreateInput{Scopes: reads}).Secret)
}

func TestARepeatedRotationRotatesOnce(t *testing.T) {
	h := open(t)
	out := h.token(TokenCreateInput{Scopes: reads})
	ctx := store.WithKey(h.as(h.owner.AccessToken), store.Key{Value: "k", Fingerprint: [32]byte{1}})
	first, err := h.TokenRotate(ctx, TokenRotateInput{ID: out.TokenID})
	must(t, err)
	second, err := h.TokenRotate(ctx, TokenRotateInput{ID: out.TokenID})
	must(t, err)
	if second.Secret != "" {
		t.Error("the secret was shown twice")
	}
	h.accepts(first.Secret)
}

// Taking mayComeFrom out lets every address in.
func TestA07_R2_ATokenIsUsedFromItsAddressesOnly(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	out := h.token(TokenCreateInput{Scopes: reads, Addresses: []string{"203.0.113.77/24", "2001:db8::/32", "198.51.100.7", "198.51.100.7"}})
	if got := h.row(out.TokenID).Addresses; !slices.Equal(got, []string{"198.51.100.7/32", "2001:db8::/32", "203.0.113.0/24"}) {
		t.Fatalf("kept as %v", got)
	}
	try := func(text string) error {
		from := t.Context()
		if text != "" {
			from = trust.WithAddress(from, netip.MustParseAddr(text))
		}
		_, err := h.Authenticate(from, out.Secret, "")
		return err
	}
	for text, in := range map[string]bool{"203.0.113.1": true, "::ffff:203.0.113.1": true, "2001:db8:1::1": true, "198.51.100.7": true, "198.51.100.8": false, "2001:db9::1": false, "203.0.114.1": false, "": false} {
		err := try(text)
		if in {
			must(t, err)
		} else {
			refused(t, err, problem.Forbidden, "")
		}
	}
	_, err := h.TokenUpdate(ctx, TokenUpdateInput{ID: out.TokenID, Addresses: []string{"192.0.2.1"}, Name: new(" shop ")})
	must(t, err)
	must(t, try("192.0.2.1"))
	refused(t, try("203.0.113.1"), problem.Forbidden, "")
	_, err = h.TokenUpdate(ctx, TokenUpdateInput{ID: out.TokenID, ExpiresAt: new(h.clock.Now().Add(time.Hour))})
	must(t, err)
	refused(t, try("203.0.113.1"), problem.Forbidden, "") // absent: unchanged
	_, err = h.TokenUpdate(ctx, TokenUpdateInput{ID: out.TokenID, Addresses: []string{}})
	must(t, err)
	must(t, try(""))
	if row := h.row(out.TokenID); row.Name != "shop" || !row.ExpiresAt.Equal(h.clock.Now().Add(time.Hour)) {
		t.Errorf("%v", row)
	}
	for _, text := range []string{"203.0.113.0/33", "shop.example", "", "::ffff:1.2.3.0/120", "*"} {
		_, err := h.TokenCreate(ctx, TokenCreateInput{Name: "x", Scopes: reads, Addresses: []string{text}})
		refused(t, err, problem.Invalid, "addresses.0")
	}
	_, err = h.TokenCreate(ctx, TokenCreateInput{Name: "x", Kind: "PUBLISHABLE", Origins: []string{"https://a.example"}, Scopes: []trust.Scope{trust.TouchWrite}, Addresses: []string{"192.0.2.1"}})
	refused(t, err, problem.Invalid, "addresses")
}

// After a rotation of the master keys what the former key signed holds until its
// end; a server that knows the next key before it is used verifies it.
func TestR2_AccessTokensOutliveARotationOfKeys(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	text, err := seal.Extended(strings.Repeat("ab", seal.MasterSize), clock.Now().Add(time.Minute))
	must(t, err)
	ring, err := seal.FromHex(text)
	must(t, err)
	s, err := store.Open(t.Context(), store.Config{URL: storetest.URL(t), Clock: clock.Now, Keys: ring})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	must(t, s.Migrate(t.Context()))
	h := house{Service: New(Config{Store: s}), t: t, clock: clock}
	h.owner = h.signUp("ada@example.com")
	if n := len(h.VerifyingKeys()); n != 2 {
		t.Fatalf("%d keys are announced", n)
	}
	if s.UseKeys(storetest.Keys(t)) == nil {
		t.Fatal("foreign keys were taken over")
	}
	before := h.owner.AccessToken
	must(t, s.UseKeys(ring.At(clock.Now().Add(time.Minute))))
	h.accepts(before)
	after := h.signUp("bea@example.com").AccessToken
	h.accepts(after)
	if kid(t, before) != "1" || kid(t, after) != "2" {
		t.Errorf("signed under %s, then %s", kid(t, before), kid(t, after))
	}
	must(t, s.UseKeys(ring)) // a server whose clock is behind
	h.accepts(after)
}

func kid(t *testing.T, access string) string {
	t.Helper()
	token, _, err := jwt.NewParser().ParseUnverified(access, jwt.MapClaims{})
	must(t, err)
	return token.Header["kid"].(string)
}
