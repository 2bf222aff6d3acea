package main

import (
	"hash/crc32"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tributary/tributary/internal/hostile"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/sim"
	"github.com/tributary/tributary/internal/store/storetest"
)

// leewayOfClocks is what the binary allows between two clocks; at most a minute.
const leewayOfClocks = 30 * time.Second

// as asks who it is that sends a token.
func (h door) as(s *running, token string) reply {
	return s.send(h.T, "POST", "/graphql", `{"query":"{ viewer { id } }"}`, "Authorization", "Bearer "+token)
}

// forge takes the owner's access token apart, and signs with the house's own key.
func (h door) forge() hostile.Forge {
	h.Helper()
	token, _, err := jwt.NewParser().ParseUnverified(h.who.AccessToken, jwt.MapClaims{})
	if err != nil {
		h.Fatal(err)
	}
	ring, err := seal.Load(h.keys)
	if err != nil {
		h.Fatal(err)
	}
	return hostile.Forge{Header: token.Header, Claims: map[string]any(token.Claims.(jwt.MapClaims)), Method: jwt.SigningMethodEdDSA, Key: ring.SigningKey("jwt")}
}

// R2: an access token with one thing wrong opens nothing at any server of the house;
// the same, made whole by the same forge, does. Without the audience in read in
// trust/auth two of them do, too.
func TestR2_TheBinaryRefusesForgedTokens(t *testing.T) {
	t.Parallel()
	h := openDoor(t, 2, "TRIBUTARY_RATE_ADDRESS=off")
	good := h.forge()
	ring, err := seal.Load(h.keys)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"iss", "aud", "exp", "nbf", "iat", "sub", "mid", "sid"} {
		if good.Claims[name] == nil {
			t.Errorf("an access token without %s", name)
		}
	}
	bea := door{T: t, servers: h.servers, keys: h.keys}
	bea.who = bea.signUp("bea@door.example")
	hers := bea.forge().Claims
	forgeries := hostile.Forgeries(good, hostile.Others{
		Public: ring.PublicKeys("jwt")[1], Foreign: storetest.Keys(t).SigningKey("jwt"), Purpose: ring.SigningKey("other"),
		User: hers["sub"].(string), Merchant: bea.who.MerchantID, Session: hers["sid"].(string), Now: time.Now(), Leeway: leewayOfClocks,
	})
	for _, s := range h.servers {
		text, err := good.Text()
		if got := h.as(s, text); err != nil || got.StatusCode != http.StatusOK || !strings.Contains(got.text, good.Claims["sub"].(string)) {
			t.Fatalf("the forge does not work: %v %s", err, got.text)
		}
		for name, f := range forgeries {
			text, err := f.Text()
			if err != nil {
				t.Fatal(name, err)
			}
			if got := h.as(s, text); got.StatusCode != http.StatusUnauthorized || hostile.Refused(got.text, "UNAUTHENTICATED") != "" {
				t.Errorf("%s: %d %.200s", name, got.StatusCode, got.text)
			}
		}
	}
	t.Logf("%d forgeries at %d servers", len(forgeries), len(h.servers))
}

var secretForm = regexp.MustCompile(`^trb_(live|test)_[0-9A-Za-z]{30,}$`)

// base62 writes a checksum in six digits.
func base62(n uint32) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	text := ""
	for range 6 {
		text = string(digits[n%62]) + text
		n /= 62
	}
	return text
}

// R2: an API token is a prefix, thirty characters or more and its own checksum; it
// ends after ninety days unless it says otherwise; only what is whole is let in; and
// while it rotates both its secrets are.
func TestR2_TheBinarysTokensHaveTheirForm(t *testing.T) {
	t.Parallel()
	h := openDoor(t, 1, "TRIBUTARY_RATE_ADDRESS=off")
	s, made := h.servers[0], h.token(nil)
	text := made.Secret
	if !secretForm.MatchString(text) || text[len(text)-6:] != base62(crc32.ChecksumIEEE([]byte(text[:len(text)-6]))) {
		t.Errorf("a token like %s…%s", text[:9], text[len(text)-6:])
	}
	if got := h.as(s, text); got.StatusCode != http.StatusOK {
		t.Fatal(got.text)
	}
	other := "A"
	if text[15] == 'A' {
		other = "B"
	}
	whole := "trb_live_" + strings.Repeat("a", len(text)-9-6)
	for _, wrong := range []string{"trb_", "trb_live_", "trb_test_" + text[9:], "trb_pub_" + text[9:], strings.ToUpper(text), text[:15] + other + text[16:], text[:len(text)-1], text + "0", whole + base62(crc32.ChecksumIEEE([]byte(whole)))} {
		if got := h.as(s, wrong); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", wrong, got.StatusCode, got.text)
		}
	}
	var seen struct {
		APITokens struct {
			Edges []struct {
				Node struct{ ID, ExpiresAt string }
			}
		} `json:"apiTokens"`
	}
	h.must(h.owner, `{ apiTokens(first: 10) { edges { node { id expiresAt } } } }`, nil, &seen)
	ends, err := time.Parse(time.RFC3339, seen.APITokens.Edges[0].Node.ExpiresAt)
	if days := time.Until(ends).Hours() / 24; err != nil || days < 89.9 || days > 90 {
		t.Errorf("ends after %.1f days: %v", days, err)
	}
	var turned struct{ APITokenRotate apiToken }
	h.must(h.owner, `mutation($in: ApiTokenRotateInput!) { apiTokenRotate(input: $in) { secret apiToken { id } userErrors { field message code } } }`, sim.Vars{"in": sim.Vars{"id": made.APIToken.ID, "overlapSeconds": 60}}, &turned)
	for _, live := range []string{text, turned.APITokenRotate.Secret} {
		if got := h.as(s, live); got.StatusCode != http.StatusOK || live == "" {
			t.Errorf("while it rotates: %s", got.text)
		}
	}
}

// R1, R2: a token that is revoked or expires, and a session that ends, lose requests,
// sockets and streams within a second, at the server that was told and at the others.
// With what watch in graph/transport keeps left out, nothing is heard.
func TestR1_R2_TheBinaryForgetsWhatEnds(t *testing.T) {
	t.Parallel()
	h := openDoor(t, 2, "TRIBUTARY_RATE_ADDRESS=off")
	revoked, expires := h.token(nil), time.Now().Add(4*time.Second)
	expiring := h.token(sim.Vars{"expiresAt": expires.Format(time.RFC3339Nano)})
	leaving := h.logIn()
	for _, c := range []struct {
		name, token string
		lose        func()
	}{
		{"revoked", revoked.Secret, func() {
			h.must(h.owner, `mutation($id: ID!) { apiTokenRevoke(input: {id: $id}) { userErrors { message } } }`, sim.Vars{"id": revoked.APIToken.ID}, nil)
		}},
		{"logged out", leaving, func() { h.must(h.owner.As(leaving), `mutation { logOut { ended } }`, nil, nil) }},
		{"expired", expiring.Secret, func() { time.Sleep(time.Until(expires)) }},
	} {
		var sockets []talk
		var streams []*http.Response
		for _, s := range h.servers {
			sockets = append(sockets, s.greeted(t, c.token))
			sockets[len(sockets)-1].say(watching("1"))
			streams = append(streams, s.stream(t, c.token))
		}
		c.lose()
		lost := time.Now()
		for i, s := range h.servers {
			if got := sockets[i].hearPast("ping"); !strings.HasPrefix(got, "4403 ") {
				t.Errorf("%s: the socket ended with %s", c.name, got)
			}
			if text := rest(t, streams[i]); !strings.Contains(text, `"code":"UNAUTHENTICATED"`) || !strings.Contains(text, "event: complete") {
				t.Errorf("%s: the stream said %s", c.name, text)
			}
			if got := h.as(s, c.token); got.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s: %d %s", c.name, got.StatusCode, got.text)
			}
		}
		if took := time.Since(lost); took > time.Second {
			t.Errorf("%s: lost after %v", c.name, took)
		}
	}
}

// logIn gives an access token of the owner.
func (h door) logIn() string {
	h.Helper()
	got := h.servers[0].logIn(h.T, "owner@door.example", password, "")
	_, token, _ := strings.Cut(got.text, `"accessToken":"`)
	token, _, found := strings.Cut(token, `"`)
	if !found {
		h.Fatal(got.text)
	}
	return token
}
