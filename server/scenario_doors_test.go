package server_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// first is the first thing that is said to a subscriber, as it stands.
func (s *stage) first(over, token, document string) string {
	s.Helper()
	if over == "sse" {
		res := s.http(http.MethodPost, "/graphql", encode(map[string]string{"query": document}), "Content-Type", "application/json", "Accept", "text/event-stream", "Authorization", "Bearer "+token)
		defer res.Body.Close()
		lines := bufio.NewScanner(res.Body)
		for lines.Scan() {
			if text, found := strings.CutPrefix(lines.Text(), "data: "); found {
				return text
			}
			if strings.HasPrefix(lines.Text(), "{") {
				return lines.Text()
			}
		}
		return "nothing"
	}
	c := s.dial(s.Context(), nil)
	defer c.CloseNow() //nolint:errcheck // the test is done with it
	w := watch{s: s}
	w.say(s.Context(), c, message{Type: "connection_init", Payload: json.RawMessage(`{"Authorization":"Bearer ` + token + `"}`)})
	if m := w.hear(s.Context(), c); m.Type != "connection_ack" {
		return string(m.Payload)
	}
	w.say(s.Context(), c, message{ID: "1", Type: "subscribe", Payload: json.RawMessage(encode(map[string]string{"query": document}))})
	m := w.hear(s.Context(), c)
	return m.Type + string(m.Payload)
}

// http makes a request; headers come in pairs.
func (s *stage) http(method, path, text string, headers ...string) *http.Response {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.URL()+path, strings.NewReader(text))
	if err != nil {
		s.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := s.nobody.HTTP.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	return res
}

// call is one plain HTTP request and what must come of it.
type call struct {
	name          string
	method, path  string // POST /graphql when empty
	as            string // nobody when empty
	headers, body string // headers as "Name: value" lines
	status        int
	want          string // in the body
	allowed       string // Access-Control-Allow-Origin
}

const (
	asJSON  = "Content-Type: application/json\n"
	asForm  = "Content-Type: application/x-www-form-urlencoded\n"
	fromApp = "Origin: " + appOrigin + "\nSec-Fetch-Site: cross-site\n"
	evil    = "Origin: https://evil.example\nSec-Fetch-Site: cross-site\n"
	who     = `{"query":"{ viewer { id } }"}`
	gift    = `mutation { commissionAdjust(input: {affiliateId: \"$ann\", programId: \"$program\", amount: {amount: \"9\", currency: \"USD\"}, reason: \"x\"}) { commission { id } } }`
)

// calls are refused or change nothing.
var calls = []call{
	{name: "malformed JSON", as: "owner", headers: asJSON, body: `{"query": "{ canary5f3a`, status: 400, want: `"errors":[{"message":"`},
	{name: "JSON that is no request", as: "owner", headers: asJSON, body: `[1,2]`, status: 400, want: `"errors":[{"message":"`},
	{name: "no body", as: "owner", headers: asJSON, status: 400, want: `"errors":[{"message":"`},
	{name: "a batch", as: "owner", headers: asJSON, body: `[` + who + `]`, status: 400, want: `"errors":[{"message":"`},
	{name: "a body that is too large", as: "owner", headers: asJSON, body: `{"query":"` + strings.Repeat(" ", 300<<10) + `"}`, status: 413, want: `"code":"TOO_LARGE"`},
	{name: "no bearer", headers: asJSON + "Authorization: Basic b3duZXI6eA==\n", body: who, status: 401, want: `"code":"UNAUTHENTICATED"`},
	{name: "a form", as: "owner", headers: asForm, body: "query=" + gift, status: 415, want: `"code":"UNSUPPORTED_MEDIA_TYPE"`},
	{name: "a mutation by GET", method: "GET", path: "/graphql?query=mutation{logOut{ended}}", as: "owner", status: 405, want: `"code":"METHOD_NOT_ALLOWED"`},
	{name: "a query by GET", method: "GET", path: "/graphql?query={viewer{kind}}", as: "owner", status: 200, want: `{"data":{"viewer":{"kind":"USER"}}}`},
	{name: "a form of a foreign page", as: "owner", headers: asForm + evil, body: "query=" + gift, status: 403, want: `"code":"FORBIDDEN"`},
	{name: "JSON of a foreign page", as: "owner", headers: asJSON + evil, body: `{"query":"` + gift + `"}`, status: 403, want: `"code":"FORBIDDEN"`},
	{name: "plain text of a foreign page", as: "owner", headers: "Content-Type: text/plain\n" + evil, body: `{"query":"` + gift + `"}`, status: 403, want: `"code":"FORBIDDEN"`},
	{name: "a page of an opaque origin", as: "owner", headers: asJSON + "Origin: null\nSec-Fetch-Site: cross-site\n", body: `{"query":"` + gift + `"}`, status: 403, want: `"code":"FORBIDDEN"`},
	{name: "a listed page", as: "owner", headers: asJSON + fromApp, body: `{"query":"{ viewer { kind } }"}`, status: 200, want: `"kind":"USER"`, allowed: appOrigin},
	{name: "a key on its page", as: "key", headers: asJSON + "Origin: " + shopOrigin + "\n", body: `{"query":"{ viewer { kind } }"}`, status: 200, want: `"kind":"PUBLISHABLE"`, allowed: shopOrigin},
	{name: "a key on another page", as: "key", headers: asJSON + fromApp, body: who, status: 403, want: `"code":"FORBIDDEN"`, allowed: appOrigin},
	{name: "a listed page asks first", method: "OPTIONS", headers: fromApp + "Access-Control-Request-Method: POST\nAccess-Control-Request-Headers: authorization,content-type\n", status: 204, allowed: appOrigin},
	{name: "a foreign page asks first", method: "OPTIONS", headers: evil + "Access-Control-Request-Method: POST\n", status: 204},
	{name: "a page that looks listed", method: "OPTIONS", headers: "Origin: https://app.example.evil.example\nAccess-Control-Request-Method: POST\n", status: 204},
	{name: "an import without a token", path: "/import", headers: "Content-Type: application/x-ndjson\n", body: "{}\n", status: 401, want: `{"errors":[{`},
	{name: "an import by an affiliate", path: "/import", as: "ann", headers: "Content-Type: application/x-ndjson\n", body: "{}\n", status: 403, want: `{"errors":[{"extensions":{"code":"FORBIDDEN"}`},
	{name: "an import that is none", path: "/import", as: "owner", headers: "Content-Type: application/x-ndjson\n", body: "{]\n", status: 200, want: `"code":"INVALID"`},
	{name: "no such page", method: "GET", path: "/nowhere", status: 404},
}

var doorStories = []scenario{
	{name: "plain HTTP", walk: func(s *stage) {
		for _, c := range calls {
			s.calls(c)
		}
	}},
	{name: "a WebSocket of a foreign page", walk: func(s *stage) {
		for origin, open := range map[string]bool{"https://evil.example": false, "null": false, appOrigin: true} {
			_, res, err := websocket.Dial(s.Context(), "ws"+strings.TrimPrefix(s.URL(), "http")+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Origin": {origin}}})
			if (err == nil) != open || !open && res.StatusCode != http.StatusForbidden {
				s.Errorf("%s: %v", origin, err)
			}
		}
	}},
	{name: "a WebSocket with a wrong token", walk: func(s *stage) {
		c := s.dial(s.Context(), nil)
		defer c.CloseNow() //nolint:errcheck // the test is done with it
		watch{s: s}.say(s.Context(), c, message{Type: "connection_init", Payload: json.RawMessage(`{"Authorization":"Bearer nonsense"}`)})
		var m message
		if err := wsjson.Read(s.Context(), c, &m); err == nil && m.Type == "connection_ack" {
			s.Errorf("a wrong token was answered with %s %s", m.Type, m.Payload)
		}
	}},
	{name: "an import of orders", walk: imports},
}

func (s *stage) calls(c call) {
	s.Helper()
	if c.method == "" {
		c.method = http.MethodPost
	}
	if c.path == "" {
		c.path = "/graphql"
	}
	var headers []string
	for line := range strings.Lines(c.headers) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		headers = append(headers, name, value)
	}
	if c.as != "" {
		headers = append(headers, "Authorization", "Bearer "+s.token(c.as))
	}
	before := s.possessions()
	res := s.http(c.method, c.path, s.text(c.body), headers...)
	text := body(s, res)
	if res.StatusCode != c.status || !strings.Contains(text, c.want) {
		s.Errorf("%s: %d, want %d with %s: %.400s", c.name, res.StatusCode, c.status, c.want, text)
	}
	if leak.MatchString(text) || strings.Contains(text, "canary") {
		s.Errorf("%s: the answer shows too much: %.400s", c.name, text)
	}
	if got := res.Header.Get("Access-Control-Allow-Origin"); got != c.allowed || res.Header.Get("Access-Control-Allow-Credentials") != "" {
		s.Errorf("%s: Access-Control-Allow-Origin %q, want %q; credentials %q", c.name, got, c.allowed, res.Header.Get("Access-Control-Allow-Credentials"))
	}
	if after := s.possessions(); after != before {
		s.Errorf("%s changed something:\n%s\n%s", c.name, before, after)
	}
}

// imports tells two orders by the bulk door, one of them twice, beside one that
// cannot be: each line has its own answer.
func imports(s *stage) {
	token := s.open(s.names["annSlug"]).token
	line := func(id, amount string) string {
		return s.text(`{"type":"order","programId":"$program","externalId":"` + id + `","total":{"amount":"` + amount + `","currency":"USD"},"clickToken":"` + token + `"}` + "\n")
	}
	s.token("owner")
	res := s.http(http.MethodPost, "/import", line("1", "50.00")+line("2", "1.001")+line("1", "50.00"), "Content-Type", "application/x-ndjson", "Authorization", "Bearer "+s.tokens["owner"])
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(text), "AMOUNT_PRECISION") {
		s.Errorf("%d %v %s", res.StatusCode, err, text)
	}
	s.events = append(s.events, strings.Fields(accepted)...)
	s.play(step{ask: `{ conversions(first: 5) { totalCount edges { node { externalID commissions { amount { amount } } } } } }`,
		want: `{"conversions":{"totalCount":1,"edges":[{"node":{"externalID":"1","commissions":[{"amount":{"amount":"5.00"}}]}}]}}`})
}
