package transport

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const (
	isJSON      = "Content-Type: application/json\n"
	wantsNew    = "Accept: application/graphql-response+json\n"
	wantsStream = "Accept: text/event-stream\n"
)

func asking(document string) string { return `{"query":"` + document + `"}` }

func byURL(document string) string { return "/?query=" + url.QueryEscape(document) }

// R1: GraphQL over HTTP to the letter. Taking any one refusal out of request,
// read or accept makes its row fail.
func TestR1_RequestsOverHTTP(t *testing.T) {
	t.Parallel()
	p := open(t)
	for name, c := range map[string]struct {
		method, path, headers, body string
		status                      int
		kind, want, allow           string
	}{
		"OK POST":                   {"POST", "/", isJSON, asking("{name}"), 200, mediaJSON, `{"data":{"name":"value"}}`, ""},
		"OK the newer type":         {"POST", "/", isJSON + wantsNew, asking("{name}"), 200, MediaResponse, `{"data":{"name":"value"}}`, ""},
		"OK charset":                {"POST", "/", "Content-Type: application/json; charset=\"UTF-8\"\n", asking("{name}"), 200, mediaJSON, `"value"`, ""},
		"OK GET":                    {"GET", byURL("{name}"), "", "", 200, mediaJSON, `{"data":{"name":"value"}}`, ""},
		"OK GET with variables":     {"GET", byURL("query A($n:Int!){big(bytes:$n)}") + `&variables={"n":1}&operationName=A&extensions={}`, "", "", 200, mediaJSON, `{"data":`, ""},
		"OK HEAD":                   {"HEAD", byURL("{name}"), "", "", 200, mediaJSON, "", ""},
		"OK OPTIONS":                {"OPTIONS", "/", "", "", 204, "", "", methods},
		"OK nulls":                  {"POST", "/", isJSON, `{"query":"{name}","variables":null,"operationName":null,"extensions":null,"more":1}`, 200, mediaJSON, `"value"`, ""},
		"OK a mutation by POST":     {"POST", "/", isJSON, asking("mutation{change}"), 200, mediaJSON, `"value"`, ""},
		"OK data on one line":       {"POST", "/", isJSON, asking("{lines}"), 200, mediaJSON, `{"data":{"lines":"a"   }}`, ""},
		"OK operations have a time": {"POST", "/", isJSON, asking("{deadline}"), 200, mediaJSON, `{"deadline":true}`, ""},

		"ErrMethod":                    {"PUT", "/", isJSON, asking("{name}"), 405, mediaJSON, `"METHOD_NOT_ALLOWED"`, methods},
		"ErrMethod DELETE":             {"DELETE", "/", wantsStream, "", 405, mediaJSON, `"METHOD_NOT_ALLOWED"`, methods},
		"ErrMethod mutation by GET":    {"GET", byURL("mutation{change}"), wantsNew, "", 405, MediaResponse, `"METHOD_NOT_ALLOWED"`, "POST"},
		"ErrMethod mutation by HEAD":   {"HEAD", byURL("mutation{change}"), "", "", 405, mediaJSON, "", "POST"},
		"ErrMethod mutation streamed":  {"GET", byURL("mutation{change}"), wantsStream, "", 405, mediaJSON, `"METHOD_NOT_ALLOWED"`, "POST"},
		"ErrMedia none":                {"POST", "/", "", asking("{name}"), 415, mediaJSON, `"UNSUPPORTED_MEDIA_TYPE"`, ""},
		"ErrMedia a form":              {"POST", "/", "Content-Type: application/x-www-form-urlencoded\n", "query={name}", 415, mediaJSON, `"UNSUPPORTED_MEDIA_TYPE"`, ""},
		"ErrMedia an upload":           {"POST", "/", "Content-Type: multipart/form-data; boundary=x\n", "--x--", 415, mediaJSON, `"UNSUPPORTED_MEDIA_TYPE"`, ""},
		"ErrMedia another charset":     {"POST", "/", "Content-Type: application/json; charset=latin1\n", asking("{name}"), 415, mediaJSON, `"UNSUPPORTED_MEDIA_TYPE"`, ""},
		"ErrAccept":                    {"POST", "/", isJSON + "Accept: text/html, image/*\n", asking("{name}"), 406, mediaJSON, `"NOT_ACCEPTABLE"`, ""},
		"ErrAccept refused by weight":  {"POST", "/", isJSON + "Accept: application/json;q=0\n", asking("{name}"), 406, mediaJSON, `"NOT_ACCEPTABLE"`, ""},
		"ErrAccept a subscription":     {"POST", "/", isJSON, asking("subscription{forever}"), 406, mediaJSON, `"NOT_ACCEPTABLE"`, ""},
		"ErrAccept a stream by HEAD":   {"HEAD", byURL("subscription{forever}"), wantsStream, "", 406, mediaJSON, "", ""},
		"ErrBody none":                 {"POST", "/", isJSON, "", 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrBody half":                 {"POST", "/", isJSON, `{"query":"{ canary`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrBody null":                 {"POST", "/", isJSON, `null`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrBody text":                 {"POST", "/", isJSON, `"canary"`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrBody a batch":              {"POST", "/", isJSON, ` [` + asking("{name}") + `]`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrBody two":                  {"POST", "/", isJSON, asking("{name}") + asking("{name}"), 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrBody not UTF-8":            {"POST", "/", isJSON, "{\"query\":\"{name}\",\"x\":\"\xff\"}", 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrParams no query":           {"POST", "/", isJSON + wantsNew, `{"QUERY":"{name}"}`, 400, MediaResponse, `"BAD_REQUEST"`, ""},
		"ErrParams query":              {"POST", "/", isJSON, `{"query":["canary"]}`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrParams persisted text":     {"POST", "/", isJSON, `{"query":"{name}","extensions":{"persistedQuery":"x"}}`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrParams persisted list":     {"POST", "/", isJSON, `{"query":"{name}","extensions":{"persistedQuery":[]}}`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrParams persisted no hash":  {"POST", "/", isJSON, `{"query":"{name}","extensions":{"persistedQuery":{"version":1}}}`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrParams persisted hash":     {"POST", "/", isJSON, `{"query":"{name}","extensions":{"persistedQuery":{"version":1,"sha256Hash":7}}}`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrParams persisted version":  {"POST", "/", isJSON, `{"query":"{name}","extensions":{"persistedQuery":{"version":2,"sha256Hash":"x"}}}`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrParams persisted id":       {"POST", "/", isJSON, `{"query":"{name}","extensions":{"documentId":7}}`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"OK persisted null":            {"POST", "/", isJSON, `{"query":"{name}","extensions":{"persistedQuery":null}}`, 200, mediaJSON, `"value"`, ""},
		"ErrParams operationName":      {"POST", "/", isJSON, `{"query":"{name}","operationName":{}}`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrParams variables":          {"POST", "/", isJSON, `{"query":"{name}","variables":["canary"]}`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrParams extensions":         {"POST", "/", isJSON, `{"query":"{name}","extensions":"canary"}`, 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrParams GET without query":  {"GET", "/", "", "", 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrParams GET twice":          {"GET", byURL("{name}") + "&query={name}", "", "", 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrParams GET variables":      {"GET", byURL("{name}") + "&variables=[1]", "", "", 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrParams GET variables rest": {"GET", byURL("{name}") + "&variables={}{}", "", "", 400, mediaJSON, `"BAD_REQUEST"`, ""},
		"ErrDocument":                  {"POST", "/", isJSON, asking("{"), 200, mediaJSON, `"GRAPHQL_PARSE_FAILED"`, ""},
		"ErrDocument newer":            {"POST", "/", isJSON + wantsNew, asking("{"), 400, MediaResponse, `"GRAPHQL_PARSE_FAILED"`, ""},
		"ErrField newer":               {"POST", "/", isJSON + wantsNew, asking("{nothing}"), 400, MediaResponse, `"GRAPHQL_VALIDATION_FAILED"`, ""},
		"ErrVariable newer":            {"POST", "/", isJSON + wantsNew, asking("query($n:Int!){big(bytes:$n)}"), 400, MediaResponse, `"GRAPHQL_VALIDATION_FAILED"`, ""},
		"ErrRefused newer":             {"POST", "/", isJSON + wantsNew, `{"query":"query A{name} query B{name}","operationName":"C"}`, 400, MediaResponse, `"GRAPHQL_VALIDATION_FAILED"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := p.send(c.method, c.path, c.headers, c.body)
			kind, charset, _ := strings.Cut(a.Header.Get("Content-Type"), "; ")
			if a.StatusCode != c.status || kind != c.kind || c.kind != "" && charset != "charset=utf-8" || !strings.Contains(a.text, c.want) || a.Header.Get("Allow") != c.allow {
				t.Errorf("%d %q Allow %q: %s", a.StatusCode, a.Header.Get("Content-Type"), a.Header.Get("Allow"), a.text)
			}
			if strings.Contains(a.text, "canary") || strings.HasPrefix(name, "Err") && strings.Contains(a.text, `"data"`) {
				t.Errorf("the answer holds too much: %s", a.text)
			}
		})
	}
}

// Weights decide, then the closest range; who only takes anything gets the older type.
func TestAcceptIsNegotiated(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]accepted{
		"":                  {once: mediaJSON},
		" ":                 {once: mediaJSON},
		"*/*":               {once: mediaJSON, stream: true},
		"application/*":     {once: mediaJSON},
		"text/*":            {stream: true, streamFirst: true},
		"text/event-stream": {stream: true, streamFirst: true},
		"application/graphql-response+json, application/json;q=0.9":       {once: MediaResponse},
		"application/json, application/graphql-response+json":             {once: MediaResponse},
		"application/json;q=0.9, application/graphql-response+json;q=0.1": {once: mediaJSON},
		"application/graphql-response+json;q=0, */*":                      {once: mediaJSON, stream: true},
		"application/graphql-response+json;charset=utf-8, */*;q=0.1":      {once: MediaResponse, stream: true},
		"application/json;charset=latin1":                                 {},
		"application/json;q=2, application/json;q=x, ;":                   {},
		"text/html": {},
		"application/graphql-response+json, application/json, text/event-stream, multipart/*": {once: MediaResponse, stream: true},
		"text/event-stream, application/json;q=0.5":                                           {once: mediaJSON, stream: true, streamFirst: true},
	} {
		if got := accept([]string{header}); got != want {
			t.Errorf("%q: %+v, want %+v", header, got, want)
		}
	}
}

// A query that takes too long is given up, and says so.
func TestOperationsEndInTime(t *testing.T) {
	t.Parallel()
	p := open(t, func(c *Config) { c.Limits.Operation = time.Nanosecond })
	a := p.send("POST", "/", isJSON+wantsNew, asking("{slow}"))
	if a.StatusCode != http.StatusInternalServerError || strings.Contains(a.text, "data") { // the small API's presenter knows no deadlines
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
}

// Overload says when to come back.
func TestRetryAfterIsAHeader(t *testing.T) {
	t.Parallel()
	for _, ms := range []int64{1, 1000, 1001} {
		a := failedWith(map[string]any{"code": "RATE_LIMITED", "retryAfterMs": ms})
		want := map[int64]string{1: "1", 1000: "1", 1001: "2"}[ms]
		if got, _ := retryAfter(a); got != want || status(MediaResponse, a) != http.StatusTooManyRequests || status(mediaJSON, a) != http.StatusOK {
			t.Errorf("%d ms: %q, %d", ms, got, status(MediaResponse, a))
		}
	}
}
