package transport

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// R1: server-sent events in the manner of graphql-sse, by POST and by GET.
func TestR1_Streams(t *testing.T) {
	t.Parallel()
	p := open(t)
	for name, c := range map[string]struct{ method, path, headers, document, want string }{
		"OK a subscription":              {"POST", "/", isJSON + wantsStream, "subscription{count(to:2)}", ":\n\nevent: next\ndata: {\"data\":{\"n\":1}}\n\nevent: next\ndata: {\"data\":{\"n\":2}}\n\nevent: complete\ndata: \n\n"},
		"OK by GET":                      {"GET", byURL("subscription{count(to:1)}"), wantsStream, "", ":\n\nevent: next\ndata: {\"data\":{\"n\":1}}\n\nevent: complete\ndata: \n\n"},
		"OK a query":                     {"POST", "/", isJSON + wantsStream, "{name}", ":\n\nevent: next\ndata: {\"data\":{\"name\":\"value\"}}\n\nevent: complete\ndata: \n\n"},
		"OK a mutation":                  {"POST", "/", isJSON + wantsStream, "mutation{change}", ":\n\nevent: next\ndata: {\"data\":{\"change\":\"value\"}}\n\nevent: complete\ndata: \n\n"},
		"OK one line of data":            {"POST", "/", isJSON + wantsStream, "{lines}", ":\n\nevent: next\ndata: {\"data\":{\"lines\":\"a\"   }}\n\nevent: complete\ndata: \n\n"},
		"OK only subscriptions streamed": {"POST", "/", isJSON + "Accept: application/json, text/event-stream\n", "subscription{count(to:0)}", ":\n\nevent: complete\ndata: \n\n"},
		"OK no deadline":                 {"POST", "/", isJSON + wantsStream, "subscription{deadline}", ":\n\nevent: next\ndata: {\"data\":{\"deadline\":false}}\n\nevent: complete\ndata: \n\n"},
		"ErrDocument":                    {"POST", "/", isJSON + wantsStream, "{nothing}", ":\n\nevent: next\ndata: {\"errors\":[{\"message\":\"refused\",\"extensions\":{\"code\":\"GRAPHQL_VALIDATION_FAILED\"}}]}\n\nevent: complete\ndata: \n\n"},
		"ErrSubscription":                {"POST", "/", isJSON + wantsStream, "subscription{refused}", ":\n\nevent: next\ndata: {\"errors\":[{\"message\":\"refused\",\"extensions\":{\"code\":\"FORBIDDEN\"}}]}\n\nevent: complete\ndata: \n\n"},
		"ErrPanic":                       {"POST", "/", isJSON + wantsStream, "subscription{boom}", ":\n\nevent: next\ndata: {\"errors\":[{\"message\":\"refused\",\"extensions\":{\"code\":\"INTERNAL\"}}]}\n\nevent: complete\ndata: \n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := p.send(c.method, c.path, c.headers, map[bool]string{true: asking(c.document)}[c.method == "POST"])
			if kind := a.Header.Get("Content-Type"); a.StatusCode != http.StatusOK || kind != "text/event-stream; charset=utf-8" || a.text != c.want {
				t.Errorf("%d %s: %.500q", a.StatusCode, kind, a.text)
			}
		})
	}
	if a := p.send("POST", "/", isJSON+"Accept: application/json, text/event-stream\n", asking("{name}")); a.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("a query for who takes both: %q", a.Header.Get("Content-Type"))
	}
}

// reading is a stream that goes on.
type reading struct {
	t     *testing.T
	lines *bufio.Scanner
	cut   context.CancelFunc
}

func (p *place) read(headers, document string) reading {
	p.t.Helper()
	ctx, cut := context.WithCancel(p.t.Context())
	req, err := http.NewRequestWithContext(ctx, "POST", p.URL, strings.NewReader(asking(document)))
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(isJSON + wantsStream + headers) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		req.Header.Set(name, value)
	}
	res, err := p.Client().Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { cut(); _ = res.Body.Close() })
	return reading{p.t, bufio.NewScanner(res.Body), cut}
}

// next is the next line that says something; empty at the end.
func (r reading) next() string {
	for r.lines.Scan() {
		if text := r.lines.Text(); text != "" && text != ":" {
			return text
		}
	}
	return ""
}

// Whoever leaves a stream leaves nothing behind.
func TestClientsLeaveStreams(t *testing.T) {
	t.Parallel()
	p := open(t)
	r := p.read("", "subscription{forever}")
	r.next()
	r.cut()
	eventually(t, patience, "the stream's end", func() bool { return p.lasting.Load() == 0 })
}

// A stream says that it lives.
func TestStreamsGiveSigns(t *testing.T) {
	t.Parallel()
	p := open(t, func(c *Config) { c.Limits.Heartbeat = 5 * time.Millisecond })
	r := p.read("", "subscription{forever}")
	signs := 0
	for signs < 5 && r.lines.Scan() {
		if r.lines.Text() == ":" {
			signs++
		}
	}
	if signs != 5 {
		t.Errorf("%d signs", signs)
	}
}

// The server's end cuts a stream short without complete: the client comes back.
func TestR8_StreamsEndWithTheServer(t *testing.T) {
	t.Parallel()
	p := open(t)
	r := p.read("Authorization: Bearer good\n", "subscription{forever}")
	r.next()
	r.next()
	p.end()
	if got := r.next(); got != "" {
		t.Errorf("said %q", got)
	}
}

// However long a stream was silent, its end is a response's end and no broken
// connection.
func TestR8_SilentStreamsEndWell(t *testing.T) {
	t.Parallel()
	const brief = 200 * time.Millisecond
	p := open(t, func(c *Config) { c.Limits.Write = brief })
	r := p.read("", "subscription{forever}")
	r.next()
	r.next()
	time.Sleep(2 * brief) // the deadline of the last write passes
	p.end()
	r.next()
	if err := r.lines.Err(); err != nil {
		t.Errorf("the stream broke off: %v", err)
	}
}
