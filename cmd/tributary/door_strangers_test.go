package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/hostile"
)

// What a hostile document may cost the binary.
const (
	hostileCPU   = 50 * time.Millisecond
	hostileReply = 8 << 10
	hostileRSS   = 64 << 20
)

// R1: every hostile document costs the process little time, the best of three, and
// few bytes of answer, and the whole corpus leaves little memory behind. With the
// measure taken out of pass in graph, single documents take seconds.
func TestR1_N34_TheBinaryAnswersHostileDocumentsCheaply(t *testing.T) {
	t.Parallel()
	h := openDoor(t, 1)
	s := h.servers[0]
	ask := func(document string) string {
		body, _ := json.Marshal(map[string]string{"query": document})
		return s.send(t, "POST", "/graphql", string(body), "Authorization", "Bearer "+h.who.AccessToken).text
	}
	for range 500 { // ordinary questions, so that the collector has come round: what it lets lie is no growth
		ask("{ viewer { principalId kind } programs(first: 20) { edges { node { name } } } }")
	}
	before, dearest := s.memory(t, "RssAnon"), time.Duration(0)
	for name, document := range hostile.Documents {
		least, text := time.Hour, ""
		for range 3 {
			began := s.worked(t)
			text = ask(document)
			least = min(least, s.worked(t)-began)
		}
		if dearest = max(dearest, least); least > hostileCPU || len(text) > hostileReply {
			t.Errorf("%s: %v of CPU, a reply of %d bytes: %.300s", name, least, len(text), text)
		}
	}
	grown := s.memory(t, "RssAnon") - before // what is read of the program's own file is no growth
	t.Logf("%d documents: the dearest took %v; the corpus left %d MiB, %d MiB of memory in all", len(hostile.Documents), dearest, grown>>20, s.memory(t, "VmRSS")>>20)
	if grown > hostileRSS {
		t.Errorf("the corpus left %d MiB", grown>>20)
	}
}

// R1: what the usual auditors look for is refused by the binary as it is by the
// handler, and canaries in headers, paths, variables, documents and tokens come back
// in no reply, log or metric.
func TestR1_TheBinaryWithstandsTheUsualAbuse(t *testing.T) {
	t.Parallel()
	s := startAt(t, t.TempDir(), databaseURL(t), "127.0.0.1:0", "TRIBUTARY_INTROSPECTION=false", "TRIBUTARY_EXPLORER=false", "TRIBUTARY_RATE_ADDRESS=off", "TRIBUTARY_LOG_LEVEL=DEBUG")
	for _, a := range slices.Concat(hostile.Abuses, hostile.Costly) {
		req, err := a.Request(t.Context(), s.base)
		if err != nil {
			t.Fatal(err)
		}
		got := do(t, req)
		if fault := a.Fault(got.Response, got.text); fault != "" {
			t.Errorf("%s: %s", a.Weakness, fault)
		}
	}
	const canary = "canary5f3a"
	for _, r := range []reply{
		s.send(t, "GET", "/"+canary+"?token="+canary, "", "Authorization", "Bearer "+canary, "User-Agent", canary, "X-Forwarded-For", canary, "Cookie", "c="+canary),
		s.send(t, "GET", "/r/"+canary+"?email="+canary, "", "Referer", "https://"+canary+".example/"),
		s.send(t, canary, "/graphql?query="+canary, "", "Authorization", "Bearer trb_live_"+canary),
		s.send(t, "POST", "/hooks/"+canary, canary, "X-Shopify-Hmac-Sha256", canary),
		s.send(t, "POST", "/oauth/token", "grant_type=client_credentials&client_id="+canary+"&client_secret="+canary, "Content-Type", "application/x-www-form-urlencoded"),
		s.send(t, "POST", "/session", canary, "Cookie", "trb="+canary),
		s.send(t, "POST", "/graphql", `{"query":"query($n: Int) { programs(first: $n) { totalCount } }","variables":{"n":"`+canary+`"}}`),
		s.send(t, "POST", "/graphql", `{"query":"mutation { logIn(input: {email: \"`+canary+`@x.example\", password: \"`+canary+`\"}) { accessToken } }"}`),
		s.send(t, "POST", "/graphql", `{"query":"{ node(id: \"`+canary+`\") { id } }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"`+canary+`"}}}`),
	} {
		if strings.Contains(r.text, canary) || hostile.Told.MatchString(r.text) && !strings.Contains(r.Header.Get("Content-Type"), "html") {
			t.Errorf("%s %s: %.300s", r.Request.Method, r.Request.URL.Path, r.text)
		}
	}
	for where, text := range map[string][]byte{"log": s.log(t), "metrics": []byte(s.send(t, "GET", "/metrics", "").text)} {
		if i := bytes.Index(bytes.ToLower(text), []byte("canary")); i >= 0 {
			t.Errorf("the %s holds a canary: …%s…", where, text[max(0, i-100):min(len(text), i+100)])
		}
	}
}
