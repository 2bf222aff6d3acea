package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// clicksRecorded is left out of comparisons: clicks are stored in batches, so
// how many such events there are is not said.
const clicksRecorded = "clicks.recorded"

// feedPage reads the merchant's journal on from a cursor.
func (s *stage) feedPage(as, after string) (events []map[string]any, cursor string, more bool) {
	s.Helper()
	vars := `{"first":100}`
	if after != "" {
		vars = `{"first":100,"after":"` + after + `"}`
	}
	a := s.ask(as, `query($after: String, $first: Int) { eventFeed(after: $after, first: $first) { events { id cursor type subjectId programId affiliateId facts } cursor hasMore } }`, vars)
	if a.failed() != "" {
		s.Fatalf("feed: %s", a.text)
	}
	list, _ := dig(a.data, "eventFeed", "events").([]any)
	for _, one := range list {
		events = append(events, one.(map[string]any))
	}
	return events, dig(a.data, "eventFeed", "cursor").(string), dig(a.data, "eventFeed", "hasMore").(bool)
}

// feed reads all of it.
func (s *stage) feed(as, after string) (all []map[string]any, cursor string) {
	s.Helper()
	for more := true; more; {
		var page []map[string]any
		page, after, more = s.feedPage(as, after)
		all = append(all, page...)
	}
	return all, after
}

// feedEnd is the cursor after everything that has happened: it makes something
// happen and waits until the feed tells it.
func (s *stage) feedEnd() string {
	s.Helper()
	_, cursor := s.told("")
	return cursor
}

// told waits until the feed has everything that was committed before the call,
// and gives it. An adjustment of nothing that matters marks the end: events are
// placed in the order of their commits.
func (s *stage) told(after string) (events []map[string]any, cursor string) {
	s.Helper()
	s.set("owner", "commissionAdjust", `{"affiliateId":"$bob","programId":"$program","amount":{"amount":"0.01","currency":"USD"},"reason":"mark"}`, "commission { id }", "mark=commission.id")
	s.eventually("the mark in the feed", func() bool {
		page, next := s.feed("owner", after)
		events, after, cursor = append(events, page...), next, next
		return slices.ContainsFunc(page, func(e map[string]any) bool { return e["subjectId"] == s.names["mark"] })
	})
	at := slices.IndexFunc(events, func(e map[string]any) bool { return e["subjectId"] == s.names["mark"] })
	return slices.Delete(events, at, at+1), cursor
}

// ends compares what happened in the scenario with what its steps say.
func (s *stage) ends() {
	s.Helper()
	events, _ := s.told(s.since)
	var got []string
	for _, e := range events {
		if e["type"] != clicksRecorded && e["type"] != "terms.changed" { // both are told by the clock: when a test is slow, within it
			got = append(got, e["type"].(string))
		}
	}
	if !slices.Equal(got, s.events) {
		s.Errorf("events\n got %q\nwant %q", got, s.events)
	}
	a := s.ask("owner", `{ trialBalance { amount } }`, "null")
	sums, _ := dig(a.data, "trialBalance").([]any)
	for _, sum := range sums {
		if strings.Trim(dig(sum, "amount").(string), "0.") != "" {
			s.Errorf("the book does not balance: %s", a.text)
		}
	}
}

const browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"

// opened is where a link has led.
type opened struct {
	status   int
	location *url.URL
	token    string
	header   http.Header
	body     string
}

// open opens a link from a network of its own; headers come in pairs.
func (s *stage) open(slug string, headers ...string) opened {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.URL()+"/r/"+slug, nil)
	if err != nil {
		s.Fatal(err)
	}
	n := s.merchant.Add(1)
	req.Header.Set("User-Agent", browser)
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("203.%d.%d.7", n/250%250, n%250))
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := s.nobody.HTTP.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	o := opened{status: res.StatusCode, header: res.Header, body: body(s, res)}
	if o.location, err = url.Parse(res.Header.Get("Location")); err != nil {
		s.Fatal(err)
	}
	o.token = o.location.Query().Get("trb_click")
	return o
}

// visit opens a link as a step: "slug as name" keeps the click token as $name.
func (s *stage) visit(st step) {
	s.Helper()
	slug, name, _ := strings.Cut(st.click, " as ")
	o := s.open(s.text(slug))
	if o.token == "" {
		s.Fatalf("%s led to %s without a token", st.click, o.location)
	}
	s.withNames(map[string]string{name: o.token})
}

func body(s *stage, res *http.Response) string {
	s.Helper()
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.Fatal(err)
	}
	return string(text)
}
