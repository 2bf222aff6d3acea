package auth

import (
	"context"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

func (h house) token(in TokenCreateInput) TokenOutcome {
	h.t.Helper()
	if in.Name == "" {
		in.Name = "crm"
	}
	out, err := h.TokenCreate(h.as(h.owner.AccessToken), in)
	must(h.t, err)
	return out
}

func (h house) row(tokenID string) *ent.ApiToken {
	h.t.Helper()
	row, err := h.store.Client().ApiToken.Get(h.system(h.owner.MerchantID), tokenID)
	must(h.t, err)
	return row
}

func (h house) affiliate(merchantID, email string) (affiliateID string) {
	h.t.Helper()
	h.write(merchantID, func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.Ent().Affiliate.Create().SetName("Aff").SetEmail(email).SetStatus("ACTIVE").SetClaimHash(digest("claim " + email)).Save(ctx)
		if err == nil {
			affiliateID = row.ID
		}
		return err
	})
	return affiliateID
}

func TestTokenBelongsToItsMerchantAndMode(t *testing.T) {
	h := open(t)
	scopes := []trust.Scope{trust.LinkRead, trust.AffiliateRead, trust.LinkRead}
	live := h.token(TokenCreateInput{Scopes: scopes})
	there, err := h.SessionSwitch(h.as(h.owner.AccessToken), SessionSwitchInput{h.twin()})
	must(t, err)
	test, err := h.TokenCreate(h.as(there.AccessToken), TokenCreateInput{Name: "crm", Scopes: scopes})
	must(t, err)
	for _, row := range []struct {
		out              TokenOutcome
		prefix, merchant string
	}{{live, "trb_live_", h.owner.MerchantID}, {test, "trb_test_", h.twin()}} {
		if !strings.HasPrefix(row.out.Secret, row.prefix) || len(row.out.Secret) != len(row.prefix)+38 || strings.Contains(row.out.Hint, row.out.Secret[9:]) {
			t.Errorf("secret %q, hint %q", row.out.Secret, row.out.Hint)
		}
		v, err := h.Authenticate(t.Context(), row.out.Secret, "https://anywhere.example")
		must(t, err)
		if v.MerchantID != row.merchant || v.Kind != trust.KindToken || v.PrincipalID != row.out.TokenID || !slices.Equal(v.Scopes, []trust.Scope{trust.AffiliateRead, trust.LinkRead}) {
			t.Errorf("%+v", v)
		}
	}
}

// The database is closed: whatever is still told apart was told by the text.
func TestTokenChecksumIsRefusedBeforeAnyLookUp(t *testing.T) {
	h := open(t)
	good := h.token(TokenCreateInput{Scopes: []trust.Scope{trust.LinkRead}}).Secret
	never := newSecret(livePrefix)
	must(t, h.store.Close())
	other := "A"
	if good[15] == 'A' {
		other = "B"
	}
	body := "trb_live_" + strings.Repeat("a", 31)
	for _, text := range []string{
		"trb_", "trb_live_", "trb_claim_x", newRefreshText(), "trb_liv3_" + good[9:], "trb_test_" + good[9:], "trb_pub_" + good[9:], strings.ToUpper(good),
		good[:15] + other + good[16:], good[:len(good)-1], good + "0", body + checksum(body), good + strings.Repeat("x", 1<<20),
	} {
		h.refuses(text)
	}
	_, err := h.Authenticate(t.Context(), never, "")
	if err == nil || problem.CodeOf(err) == problem.Unauthenticated {
		t.Fatalf("a well-formed token was not looked up: %v", err)
	}
}

func newRefreshText() string { return string(newRefreshToken()) }

// The six digits by hand: CRC-32 of "123456789" is 0xCBF43926 = 3421780262 =
// 3·62⁵ + 45·62⁴ + 35·62³ + 27·62² + 22·62 + 14 (checked below without the code).
func TestTokenChecksumVector(t *testing.T) {
	t.Parallel()
	if crc32.ChecksumIEEE([]byte("123456789")) != 3421780262 {
		t.Fatal("not the IEEE polynomial")
	}
	digits := []uint64{3, 45, 35, 27, 22, 14}
	var value uint64
	text := ""
	for _, d := range digits {
		value = value*62 + d
		text += string("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[d])
	}
	if value != 3421780262 {
		t.Fatalf("the vector's arithmetic gives %d", value)
	}
	if got := checksum("123456789"); got != text {
		t.Fatalf("%s, want %s", got, text)
	}
}

func TestTokenSecretIsNeverStored(t *testing.T) {
	h := open(t)
	ctx := store.WithKey(h.as(h.owner.AccessToken), store.Key{Value: "k", Fingerprint: [32]byte{1}})
	in := TokenCreateInput{Name: "crm", Scopes: []trust.Scope{trust.LinkRead}}
	first, err := h.TokenCreate(ctx, in)
	must(t, err)
	second, err := h.TokenCreate(ctx, in)
	must(t, err)
	if first.Secret == "" || second.Secret != "" || second.TokenID != first.TokenID {
		t.Fatalf("%+v, then %+v", first, second)
	}
	rows, err := h.store.Client().IdempotencyRecord.Query().All(h.system(h.owner.MerchantID))
	must(t, err)
	if len(rows) != 1 || strings.Contains(string(rows[0].Outcome), first.Secret) {
		t.Fatalf("%d records hold the secret", len(rows))
	}
}

func TestTokenNeverWidensRights(t *testing.T) {
	h := open(t)
	aff := h.affiliate(h.owner.MerchantID, "a@example.com")
	limited := h.token(TokenCreateInput{Scopes: []trust.Scope{trust.TokenWrite, trust.LinkRead}})
	v, err := h.Authenticate(t.Context(), limited.Secret, "")
	must(t, err)
	ctx := trust.With(t.Context(), v)
	_, err = h.TokenCreate(ctx, TokenCreateInput{Name: "x", Scopes: []trust.Scope{trust.LinkRead, trust.PayoutApprove}})
	refused(t, err, problem.Forbidden, "scopes.1")
	_, err = h.TokenCreate(ctx, TokenCreateInput{Name: "x", Scopes: []trust.Scope{trust.LinkRead}})
	must(t, err)
	owner := h.as(h.owner.AccessToken)
	for _, row := range []struct {
		in    TokenCreateInput
		code  problem.Code
		field string
	}{
		{TokenCreateInput{Name: "x"}, problem.Invalid, "scopes"},
		{TokenCreateInput{Name: "x", Scopes: []trust.Scope{"link:*"}}, problem.Invalid, "scopes.0"},
		{TokenCreateInput{Name: "x", Scopes: []trust.Scope{trust.LinkRead}, AffiliateID: "aff_00000000000000000000000000"}, problem.NotFound, "affiliateId"},
		{TokenCreateInput{Name: "x", Scopes: []trust.Scope{trust.LinkRead}, AffiliateID: "x\x00"}, problem.NotFound, "affiliateId"},
		{TokenCreateInput{Name: "x", Scopes: []trust.Scope{trust.PlanWrite}, AffiliateID: aff}, problem.Invalid, "scopes.0"},
		{TokenCreateInput{Name: "x", Kind: "PUBLISHABLE", Origins: []string{"https://a.example"}, Scopes: []trust.Scope{trust.LinkRead}}, problem.Invalid, "scopes.0"},
		{TokenCreateInput{Name: "x", Kind: "PUBLISHABLE", Scopes: []trust.Scope{trust.TouchWrite}}, problem.Invalid, "origins"},
		{TokenCreateInput{Name: "x", Kind: "PUBLISHABLE", Origins: []string{"https://*.example"}, Scopes: []trust.Scope{trust.TouchWrite}}, problem.Invalid, "origins.0"},
		{TokenCreateInput{Name: "x", Kind: "PUBLISHABLE", Origins: []string{"https://a.example"}, AffiliateID: aff, Scopes: []trust.Scope{trust.TouchWrite}}, problem.Invalid, "affiliateId"},
		{TokenCreateInput{Name: "x", Origins: []string{"https://a.example"}, Scopes: []trust.Scope{trust.LinkRead}}, problem.Invalid, "origins"},
		{TokenCreateInput{Name: "x", Kind: "ROOT", Scopes: []trust.Scope{trust.LinkRead}}, problem.Invalid, "kind"},
		{TokenCreateInput{Name: "", Scopes: []trust.Scope{trust.LinkRead}}, problem.Invalid, "name"},
		{TokenCreateInput{Name: "x", Scopes: []trust.Scope{trust.LinkRead}, ExpiresAt: new(h.clock.Now())}, problem.Invalid, "expiresAt"},
	} {
		_, err := h.TokenCreate(owner, row.in)
		refused(t, err, row.code, row.field)
	}
}

func TestTokenBoundToAnAffiliate(t *testing.T) {
	h := open(t)
	aff := h.affiliate(h.owner.MerchantID, "a@example.com")
	out := h.token(TokenCreateInput{Scopes: []trust.Scope{trust.LinkRead}, AffiliateID: aff})
	v, err := h.Authenticate(t.Context(), out.Secret, "")
	must(t, err)
	if v.AffiliateID != aff || !v.Can(trust.LinkRead) || v.Sees("aff_other") {
		t.Fatalf("%+v", v)
	}
}

func TestRevokedTokenIsRefusedWithinASecondOnEveryServer(t *testing.T) {
	h := open(t)
	elsewhere := New(Config{Store: h.store})
	out := h.token(TokenCreateInput{Scopes: []trust.Scope{trust.LinkRead}})
	for _, server := range []*Service{h.Service, elsewhere} {
		_, err := server.Authenticate(t.Context(), out.Secret, "")
		must(t, err)
	}
	ctx := h.as(h.owner.AccessToken)
	_, err := h.TokenRevoke(ctx, TokenRevokeInput{out.TokenID})
	must(t, err)
	h.refuses(out.Secret)
	h.clock.Advance(time.Second)
	_, err = elsewhere.Authenticate(t.Context(), out.Secret, "")
	refused(t, err, problem.Unauthenticated, "")
	when := h.row(out.TokenID).RevokedAt
	_, err = h.TokenRevoke(ctx, TokenRevokeInput{out.TokenID})
	must(t, err)
	if again := h.row(out.TokenID).RevokedAt; when == nil || !again.Equal(*when) {
		t.Fatalf("revoked at %v, then %v", when, again)
	}
}

func TestWall_TokensOfOthersAreNotThere(t *testing.T) {
	h := open(t)
	out := h.token(TokenCreateInput{Scopes: []trust.Scope{trust.LinkRead}})
	other := h.signUp("bea@example.com")
	theirs := h.affiliate(other.MerchantID, "t@example.com")
	for _, id := range []string{out.TokenID, "tok_00000000000000000000000000", "nonsense", ""} {
		_, err := h.TokenRevoke(h.as(other.AccessToken), TokenRevokeInput{id})
		refused(t, err, problem.NotFound, "id")
	}
	_, err := h.TokenCreate(h.as(h.owner.AccessToken), TokenCreateInput{Name: "x", Scopes: []trust.Scope{trust.LinkRead}, AffiliateID: theirs})
	refused(t, err, problem.NotFound, "affiliateId")
	_, err = h.Authenticate(t.Context(), out.Secret, "")
	must(t, err)
}

func TestTokenExpires(t *testing.T) {
	h := open(t)
	soon := h.token(TokenCreateInput{Scopes: []trust.Scope{trust.LinkRead}, ExpiresAt: new(h.clock.Now().Add(time.Hour))})
	usual := h.token(TokenCreateInput{Scopes: []trust.Scope{trust.LinkRead}})
	key := h.token(TokenCreateInput{Kind: "PUBLISHABLE", Origins: []string{"shop.example"}, Scopes: []trust.Scope{trust.TouchWrite}})
	h.clock.Advance(time.Hour - time.Second)
	_, err := h.Authenticate(t.Context(), soon.Secret, "")
	must(t, err)
	h.clock.Advance(time.Second) // remembered for less than a second, and expired all the same
	h.refuses(soon.Secret)
	h.clock.Advance(90*24*time.Hour - time.Hour - time.Second)
	_, err = h.Authenticate(t.Context(), usual.Secret, "")
	must(t, err)
	h.clock.Advance(time.Second)
	h.refuses(usual.Secret)
	_, err = h.Authenticate(t.Context(), key.Secret, "")
	must(t, err)
}
