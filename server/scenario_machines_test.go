package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket/wsjson"

	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/server"
)

var machineStories = []scenario{
	{name: "R2 a token rotates with two live secrets", walk: rotations},
	{name: "R2 a token is used from its addresses only", walk: addresses},
	{name: "R2 client credentials", walk: clientCredentials},
	{name: "what OAuth refuses", walk: oauthRefusals},
	{name: "a key's page may call, with its key", walk: keyPages},
	{name: "the console's session", walk: consoleSession},
}

const viewerKind = `{ viewer { kind scopes } }`

func rotations(s *stage) {
	old := s.issue("", "SECRET", "PROGRAM_READ", "")
	s.set("owner", "apiTokenRotate", `{"id":"$lastToken","idempotencyKey":"r1"}`, "secret apiToken { id hint formerExpiresAt }", "next=secret")
	for _, secret := range []string{old, s.names["next"]} {
		if a := s.send(secret, viewerKind, "null"); a.status != http.StatusOK {
			s.Errorf("a live secret is answered with %s", a.text)
		}
	}
	s.play(step{do: "apiTokenRotate", in: `{"id":"$lastToken","idempotencyKey":"r1"}`, get: "secret apiToken { id }", want: `{"apiTokenRotate":{"secret":null,"apiToken":{"id":"$lastToken"}}}`})
	s.set("owner", "apiTokenRotate", `{"id":"$lastToken","overlapSeconds":0}`, "secret", "last=secret")
	s.eventually("the end of both former secrets", func() bool {
		return s.send(old, viewerKind, "null").status == 401 && s.send(s.names["next"], viewerKind, "null").status == 401
	})
	if a := s.send(s.names["last"], viewerKind, "null"); a.status != http.StatusOK {
		s.Errorf("the new secret: %s", a.text)
	}
}

func addresses(s *stage) {
	secret := s.issue("", "SECRET", "PROGRAM_READ", "")
	s.set("owner", "apiTokenUpdate", `{"id":"$lastToken","addresses":["198.51.100.0/24"]}`, "apiToken { addresses }")
	from := func(addr string) int {
		res := s.http(http.MethodPost, "/graphql", who, "Content-Type", "application/json", "Authorization", "Bearer "+secret, "X-Forwarded-For", addr)
		_ = body(s, res)
		return res.StatusCode
	}
	s.eventually("the list to hold", func() bool { return from("203.0.113.9") == 403 })
	if got := from("198.51.100.9"); got != 200 {
		s.Errorf("from a listed address: %d", got)
	}
	if got := from("198.51.100.9, 203.0.113.9"); got != 403 { // what a stranger wrote before the proxy
		s.Errorf("a claimed address is believed: %d", got)
	}
	s.play(step{do: "apiTokenUpdate", in: `{"id":"$lastToken","addresses":["everywhere"]}`, get: "apiToken { id }", user: []string{"input.addresses.0 INVALID"}})
}

// form posts to the token endpoint; headers come in pairs.
func (s *stage) form(values url.Values, headers ...string) (int, map[string]any, http.Header) {
	s.Helper()
	res := s.http(http.MethodPost, "/oauth/token", values.Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
	text := body(s, res)
	out := map[string]any{}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		s.Fatalf("%d: %.200s", res.StatusCode, text)
	}
	return res.StatusCode, out, res.Header
}

func clientCredentials(s *stage) {
	secret := s.issue("ann", "SECRET", "LINK_READ PROGRAM_READ", "")
	values := url.Values{"grant_type": {"client_credentials"}, "client_id": {s.names["lastToken"]}, "client_secret": {secret}, "scope": {"link:read"}}
	status, out, header := s.form(values)
	if status != 200 || out["token_type"] != "Bearer" || out["scope"] != "link:read" || header.Get("Cache-Control") != "no-store" || out["expires_in"].(float64) < 880 {
		s.Fatalf("%d %v", status, out)
	}
	access := out["access_token"].(string)
	if a := s.send(access, `{ viewer { kind scopes affiliate { id } } links(first: 9) { totalCount } }`, "null"); !strings.Contains(a.text, `"scopes":["LINK_READ"]`) || !strings.Contains(a.text, `"totalCount":1`) {
		s.Errorf("%s", a.text)
	}
	if a := s.send(access, `{ programs(first: 1) { totalCount } }`, "null"); a.code != "FORBIDDEN" {
		s.Errorf("beyond its scopes: %s", a.text)
	}
	res := s.http(http.MethodPost, "/oauth/token", "grant_type=client_credentials", "Content-Type", "application/x-www-form-urlencoded; charset=utf-8",
		"Authorization", basicAuth(s.names["lastToken"], secret))
	if text := body(s, res); res.StatusCode != 200 || !strings.Contains(text, `"scope":"link:read program:read"`) {
		s.Errorf("by the header: %d %s", res.StatusCode, text)
	}
	s.set("owner", "apiTokenRevoke", `{"id":"$lastToken"}`, "apiToken { id }")
	s.eventually("the access token's end", func() bool { return s.send(access, viewerKind, "null").status == 401 })
	if status, out, _ := s.form(values); status != 401 || out["error"] != "invalid_client" {
		s.Errorf("revoked: %d %v", status, out)
	}
}

func basicAuth(user, password string) string {
	req, _ := http.NewRequest(http.MethodGet, "/", nil)
	req.SetBasicAuth(url.QueryEscape(user), url.QueryEscape(password))
	return req.Header.Get("Authorization")
}

func oauthRefusals(s *stage) {
	secret := s.issue("", "SECRET", "LINK_READ", "")
	id := s.names["lastToken"]
	page := s.token("key")
	good := func() url.Values {
		return url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	}
	for _, row := range []struct {
		name   string
		change func(url.Values)
		header string
		status int
		fault  string
	}{
		{"no grant", func(v url.Values) { v.Del("grant_type") }, "", 400, "invalid_request"},
		{"another grant", func(v url.Values) { v.Set("grant_type", "password") }, "", 400, "unsupported_grant_type"},
		{"a parameter twice", func(v url.Values) { v.Add("scope", "a"); v.Add("scope", "b") }, "", 400, "invalid_request"},
		{"no client", func(v url.Values) { v.Del("client_id"); v.Del("client_secret") }, "", 401, "invalid_client"},
		{"a wrong secret", func(v url.Values) { v.Set("client_secret", "trb_live_x") }, "", 401, "invalid_client"},
		{"another's id", func(v url.Values) { v.Set("client_id", "tok_"+s.names["missing"]) }, "", 401, "invalid_client"},
		{"the client twice", func(url.Values) {}, basicAuth(id, secret), 400, "invalid_request"},
		{"a header that is none", func(v url.Values) { v.Del("client_id"); v.Del("client_secret") }, "Basic !", 401, "invalid_client"},
		{"a scope it lacks", func(v url.Values) { v.Set("scope", "link:read payout:write") }, "", 400, "invalid_scope"},
		{"a scope that is none", func(v url.Values) { v.Set("scope", "everything") }, "", 400, "invalid_scope"},
		{"a publishable key", func(v url.Values) { v.Set("client_secret", page); v.Set("client_id", s.names["lastToken"]) }, "", 400, "unauthorized_client"},
	} {
		values, headers := good(), []string{}
		row.change(values)
		if row.header != "" {
			headers = []string{"Authorization", row.header}
		}
		status, out, header := s.form(values, headers...)
		if status != row.status || out["error"] != row.fault || out["access_token"] != nil || (status == 401) != (header.Get("WWW-Authenticate") != "") {
			s.Errorf("%s: %d %v", row.name, status, out)
		}
	}
	res := s.http(http.MethodPost, "/oauth/token", `{"grant_type":"client_credentials"}`, "Content-Type", "application/json")
	if text := body(s, res); res.StatusCode != 400 || !strings.Contains(text, "invalid_request") {
		s.Errorf("JSON: %d %s", res.StatusCode, text)
	}
	if res := s.http(http.MethodGet, "/.well-known/jwks.json", ""); !strings.Contains(body(s, res), `"crv":"Ed25519"`) || res.Header.Get("Cache-Control") != "public, max-age=60" {
		s.Errorf("keys: %v", res.Header)
	}
	// The stage has no public URL: its tokens name no address, so no document may.
	if res := s.http(http.MethodGet, "/.well-known/oauth-authorization-server", ""); res.StatusCode != 404 || !strings.Contains(body(s, res), "TRIBUTARY_PUBLIC_URL") {
		s.Errorf("metadata without a public URL: %d", res.StatusCode)
	}
}

// keyPages: a page that no configuration lists calls with the key that lists it,
// and with nothing else.
func keyPages(s *stage) {
	const boutique = "https://boutique.example"
	s.set("owner", "apiTokenCreate", `{"name":"page","kind":"PUBLISHABLE","scopes":["APPLICATION_WRITE"],"origins":["`+boutique+`"]}`, "secret", "boutique=secret")
	preflight := func(origin string) string {
		res := s.http(http.MethodOptions, "/graphql", "", "Origin", origin, "Sec-Fetch-Site", "cross-site", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type")
		_ = body(s, res)
		return res.Header.Get("Access-Control-Allow-Origin")
	}
	s.eventually("the page to be known", func() bool { return preflight(boutique) == boutique })
	for _, row := range []struct {
		token, origin string
		status        int
	}{{s.names["boutique"], boutique, 200}, {s.token("key"), boutique, 403}, {s.tokens["owner"], boutique, 403}, {"", boutique, 403}, {s.names["boutique"], "https://evil.example", 403}} {
		headers := []string{"Content-Type", "application/json", "Origin", row.origin, "Sec-Fetch-Site", "cross-site"}
		if row.token != "" {
			headers = append(headers, "Authorization", "Bearer "+row.token)
		}
		res := s.http(http.MethodPost, "/graphql", who, headers...)
		_ = body(s, res)
		if res.StatusCode != row.status || res.Header.Get("Access-Control-Allow-Credentials") != "" || (row.status == 200) != (res.Header.Get("Access-Control-Allow-Origin") == boutique) && row.token != s.token("key") {
			s.Errorf("%.12s on %s: %d %v", row.token, row.origin, res.StatusCode, res.Header)
		}
	}
	if got := preflight("https://evil.example"); got != "" {
		s.Errorf("a foreign page may ask: %q", got)
	}
}

func rate(t *testing.T, text string) (r server.Rate) {
	t.Helper()
	if err := r.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return r
}

// Two servers of a house, where the database allows it, and one token: together
// they grant what the limit says. With limits counted by each server the second
// grants as much again.
func TestA10_R2_RateLimitsHoldOverServers(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	limited := func(c *server.Config) {
		c.DatabaseURL, c.Token, c.Address = url, rate(t, "40/1h"), rate(t, "30/1h")
		c.MasterKeys = strings.Repeat("ab", 32)
	}
	servers := []*theatre{open(t, func(c *server.Config) { limited(c); c.Address = server.Rate{} })}
	if strings.HasPrefix(url, "postgres") {
		servers = append(servers, open(t, limited))
	}
	s := servers[0].stage(t)
	secret := s.issue("", "SECRET", "PROGRAM_READ", "")
	granted, refused := 0, 0
	for i := range 100 {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, servers[i%len(servers)].URL()+"/graphql", strings.NewReader(who))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+secret)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, policy := body(s, res), res.Header.Get("RateLimit-Policy")
		switch {
		case policy != `"token";q=40;w=3600` || !strings.HasPrefix(res.Header.Get("RateLimit"), `"token";r=`):
			t.Fatalf("%v", res.Header)
		case res.StatusCode == 200:
			granted++
		case res.StatusCode == 429 && strings.Contains(text, `"RATE_LIMITED"`) && res.Header.Get("Retry-After") != "" && strings.Contains(text, "retryAfterMs"):
			refused++
		default:
			t.Fatalf("%d %s", res.StatusCode, text)
		}
	}
	if granted != 40 || refused != 60 {
		t.Errorf("%d granted and %d refused of 100, want 40 and 60", granted, refused)
	}
}

// A socket is no way around the allowances: each operation on it is a request of
// its token's and its merchant's. Without operation in the limiter all are answered.
func TestA10_R2_OperationsOnASocketCount(t *testing.T) {
	t.Parallel()
	th := open(t, func(c *server.Config) { c.Token = rate(t, "40/1h") })
	s := th.stage(t)
	secret := s.issue("", "SECRET", "PROGRAM_READ", "")
	c := s.dial(t.Context(), http.Header{"Authorization": {"Bearer " + secret}}) // the first request
	defer c.CloseNow()                                                           //nolint:errcheck // the test is done with it
	w := watch{s: s}
	w.say(t.Context(), c, message{Type: "connection_init"})
	var m message
	kinds := map[string]int{}
	for range 60 {
		w.say(t.Context(), c, message{ID: "1", Type: "subscribe", Payload: json.RawMessage(`{"query":"{ viewer { kind } }"}`)})
		for m.Type = ""; m.Type != "complete" && m.Type != "error"; {
			if err := wsjson.Read(t.Context(), c, &m); err != nil {
				t.Fatal(err)
			}
		}
		kinds[m.Type]++
		if m.Type == "error" && (!strings.Contains(string(m.Payload), `"RATE_LIMITED"`) || !strings.Contains(string(m.Payload), `"retryAfterMs":`)) {
			t.Fatalf("%s", m.Payload)
		}
	}
	if kinds["complete"] != 39 || kinds["error"] != 21 {
		t.Errorf("%v", kinds)
	}
	if a := s.send(secret, `{ viewer { kind } }`, "null"); a.status != http.StatusTooManyRequests {
		t.Errorf("a request afterwards: %d %s", a.status, a.text)
	}
}

// Whoever guesses tokens, or asks without one, is bounded by address; visitors on
// links are not.
func TestR2_AddressesAreBoundedAndRedirectsAreNot(t *testing.T) {
	t.Parallel()
	th := open(t)
	s := th.stage(t)
	strict := open(t, func(c *server.Config) { c.Address = rate(t, "10/1h") })
	count := func(headers ...string) (answers map[int]int) {
		answers = map[int]int{}
		for range 15 {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, strict.URL()+"/graphql", strings.NewReader(who))
			req.Header.Set("Content-Type", "application/json")
			for i := 0; i < len(headers); i += 2 {
				req.Header.Set(headers[i], headers[i+1])
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = body(s, res)
			answers[res.StatusCode]++
		}
		return answers
	}
	for _, row := range []struct {
		headers []string
		status  int
	}{
		{[]string{"X-Forwarded-For", "198.51.100.1"}, 200},
		{[]string{"X-Forwarded-For", "198.51.100.2", "Authorization", "Bearer guess"}, 401},
		{[]string{"X-Forwarded-For", "2001:db8::1"}, 200},
	} {
		if got := count(row.headers...); got[row.status] != 10 || got[429] != 5 {
			t.Errorf("%v: %v", row.headers, got)
		}
	}
	if got := count("X-Forwarded-For", "2001:db8::2"); got[429] != 15 {
		t.Errorf("another address of the same network: %v", got)
	}
	for range 30 {
		res, err := strict.nobody.HTTP.Get(strict.URL() + "/r/nowhere")
		if err != nil {
			t.Fatal(err)
		}
		_ = body(s, res)
		if res.StatusCode != http.StatusNotFound {
			t.Fatalf("a visitor is answered with %d", res.StatusCode)
		}
	}
}

// tally is how one kind of request was answered.
type tally struct{ done, shed, other, kind int }

func (t *tally) note(status int, retry string) {
	switch {
	case status == 200 || status == 302:
		t.done++
	case status == 503 && retry != "":
		t.shed++
	default:
		t.other++
	}
}

func (t *tally) add(o tally) {
	t.done, t.shed, t.other = t.done+o.done, t.shed+o.shed, t.other+o.other
}

// Four times as many ask as there is room for: visitors and orders are served,
// questions are told to come back. Without classes orders are turned away as
// well.
func TestR8_OverloadShedsQuestionsFirst(t *testing.T) {
	t.Parallel()
	th := open(t, func(c *server.Config) { c.Room = 4 })
	s := th.stage(t)
	s.token("owner")
	stop := time.Now().Add(2 * time.Second)
	results := make(chan tally)
	var workers int
	work := func(n, kind int, one func(i int) (status int, retry string)) {
		for w := range n {
			workers++
			go func() {
				t := tally{kind: kind}
				for i := w * 100000; time.Now().Before(stop); i++ {
					t.note(one(i))
				}
				results <- t
			}()
		}
	}
	post := func(text string) (int, string) {
		res := s.http(http.MethodPost, "/graphql", text, "Content-Type", "application/json", "Authorization", "Bearer "+s.tokens["owner"])
		_ = body(s, res)
		return res.StatusCode, res.Header.Get("Retry-After")
	}
	work(32, 0, func(int) (int, string) {
		return post(`{"query":"{ conversions(first: 50) { totalCount edges { node { id commissions { id explanation { steps { text } } } } } } }"}`)
	})
	work(4, 1, func(i int) (int, string) {
		return post(encode(map[string]any{"query": mutation("conversionRecord", "created"), "variables": map[string]json.RawMessage{"in": json.RawMessage(s.text(order(fmt.Sprint(i), "5.00", "USD", "")))}}))
	})
	work(2, 2, func(int) (int, string) {
		res, err := th.nobody.HTTP.Get(th.URL() + "/r/" + s.names["annSlug"])
		if err != nil {
			return 0, ""
		}
		_ = body(s, res)
		return res.StatusCode, ""
	})
	var sums [3]tally
	for range workers {
		t := <-results
		sums[t.kind].add(t)
	}
	t.Logf("questions %+v, orders %+v, visitors %+v", sums[0], sums[1], sums[2])
	if q := sums[0]; q.shed == 0 || q.done == 0 || q.other > 0 {
		t.Errorf("questions: %+v", q)
	}
	for _, k := range sums[1:] {
		if k.done == 0 || k.shed+k.other > 0 {
			t.Errorf("orders or visitors: %+v", k)
		}
	}
}
