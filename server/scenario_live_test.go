package server_test

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

var liveStories = []scenario{
	{name: "N02 a sale is seen live over WebSocket, by the right ones only", walk: func(s *stage) { seenLive(s, "websocket") }},
	{name: "N02 a sale is seen live over SSE, by the right ones only", walk: func(s *stage) { seenLive(s, "sse") }},
	{name: "N02 live totals over WebSocket", walk: func(s *stage) { liveTotals(s, "websocket") }},
	{name: "N02 live totals over SSE", walk: func(s *stage) { liveTotals(s, "sse") }},
	{name: "N03 a feed goes on after cuts, each event once and in order", walk: resumes},
	{name: "subscriptions that are refused", steps: []step{
		{ask: `{ eventFeed(after: "nonsense") { cursor } }`, code: "INVALID"},
	}, walk: refusedSubscriptions},
}

const eventsAfter = `subscription($after: String) { events(after: $after) { id cursor type subjectId programId affiliateId } }`

// sell is an order of fifty dollars by a click of the affiliate's.
func (s *stage) sell(order, name string) {
	s.Helper()
	token := s.open(s.names[name+"Slug"]).token
	a := s.ask("owner", mutation("conversionRecord", "conversion { id }"), s.text(`{"in":`+orderBy(order, token)+`}`))
	if a.failed() != "" {
		s.Fatal(a.text)
	}
	s.events = append(s.events, strings.Fields(accepted)...)
}

func orderBy(id, token string) string {
	return order(id, "50.00", "USD", `"clickToken":"`+token+`"`)
}

// follow reads a subscription to events up to one of a type, clicks aside.
func (w watch) follow(last string) (events []map[string]any) {
	w.s.Helper()
	for {
		e := dig(w.next(), "events").(map[string]any)
		if e["type"] == clicksRecorded {
			continue
		}
		events = append(events, e)
		if e["type"] == last {
			return events
		}
	}
}

func types(events []map[string]any) string {
	var all []string
	for _, e := range events {
		all = append(all, e["type"].(string))
	}
	return strings.Join(all, " ")
}

// seenLive sells for ann and then for bob: the first event that bob sees is of
// his own sale, though ann's was before it.
func seenLive(s *stage, over string) {
	foreigner := s.theatre.stage(s.T)
	after := `{"after":"` + s.since + `"}`
	owner, ann, bob := s.subscribe(over, "owner", eventsAfter, after), s.subscribe(over, "ann", eventsAfter, after), s.subscribe(over, "bob", eventsAfter, after)
	other := foreigner.subscribe(over, "owner", eventsAfter, `{"after":"`+foreigner.since+`"}`)
	quickest := patience
	for i := range 5 {
		s.sell(fmt.Sprintf("ann-%d", i), "ann")
		began := time.Now()
		if got := types(owner.follow("conversion.accepted")); got != accepted {
			s.Errorf("the owner sees %s", got)
		}
		for _, e := range ann.follow("conversion.accepted") {
			if e["affiliateId"] != s.names["ann"] {
				s.Errorf("ann sees %v", e)
			}
		}
		quickest = min(quickest, time.Since(began))
	}
	s.Logf("from answer to both subscribers: %v at best", quickest)
	if quickest > time.Second {
		s.Errorf("not one of five sales was seen within a second; the quickest took %v", quickest)
	}
	s.sell("bob-1", "bob")
	for _, e := range bob.follow("conversion.accepted") {
		if e["affiliateId"] != s.names["bob"] {
			s.Errorf("bob sees %v", e)
		}
	}
	foreigner.sell("other-1", "ann")
	for _, e := range other.follow("conversion.accepted") {
		if e["programId"] != foreigner.names["program"] {
			s.Errorf("another merchant sees %v", e)
		}
	}
}

const totals = `subscription { liveStats { cursor at total { currency clicks conversions sales accrued } } }`

// reach reads live totals until dollars accrued are as wanted; less is allowed on
// the way, anything else is not.
func (w watch) reach(want string, before ...string) {
	w.s.Helper()
	for {
		got := "none"
		rows, _ := dig(w.next(), "liveStats", "total").([]any)
		for _, row := range rows {
			if dig(row, "currency") == "USD" {
				got = dig(row, "accrued").(string)
			}
		}
		if got == want {
			return
		}
		if !slices.Contains(before, got) {
			w.s.Errorf("totals say %s on the way to %s", got, want)
			return
		}
	}
}

func liveTotals(s *stage, over string) {
	foreigner := s.theatre.stage(s.T)
	owner, ann, bob := s.subscribe(over, "owner", totals, "null"), s.subscribe(over, "ann", totals, "null"), s.subscribe(over, "bob", totals, "null")
	other := foreigner.subscribe(over, "owner", totals, "null")
	marked := []string{"none", "0.00", "0.01"} // the mark of the set-up may be on its way
	s.sell("1", "ann")
	owner.reach("5.01", marked...)
	ann.reach("5.00", "none", "0.00")
	s.sell("2", "bob")
	owner.reach("10.01", "5.01")
	bob.reach("5.01", marked...)
	foreigner.sell("3", "bob")
	other.reach("5.01", marked...)
}

// resumes reads the feed in pieces, cutting the connection between them while
// sales go on: put together they are the journal.
func resumes(s *stage) {
	sold := make(chan struct{})
	go func() {
		defer close(sold)
		for i := range 12 {
			s.sell(fmt.Sprint(i), "ann")
		}
	}()
	var got []string
	cursor, over := s.since, []string{"websocket", "sse"}
	for i := range 6 {
		w := s.subscribe(over[i%2], "owner", eventsAfter, `{"after":"`+cursor+`"}`)
		for range 4 {
			e := dig(w.next(), "events").(map[string]any)
			got, cursor = append(got, e["id"].(string)), e["cursor"].(string)
		}
		w.cut()
	}
	<-sold
	s.told(s.since)
	events, _ := s.feed("owner", s.since) // with told's mark
	w := s.subscribe("websocket", "owner", eventsAfter, `{"after":"`+cursor+`"}`)
	for len(got) < len(events) {
		got = append(got, dig(w.next(), "events", "id").(string))
	}
	var want []string
	for _, e := range events {
		want = append(want, e["id"].(string))
	}
	if !slices.Equal(got, want) {
		s.Errorf("read in pieces\n got %v\nwant %v", got, want)
	}
	s.events = append(s.events, "commission.adjusted")
}

func refusedSubscriptions(s *stage) {
	for _, row := range []struct{ as, document, code string }{
		{"token LINK_READ", eventsAfter, "FORBIDDEN"},
		{"token LINK_READ", totals, "FORBIDDEN"},
		{"key", eventsAfter, "FORBIDDEN"},
		{"ann", s.text(`subscription { liveStats(affiliateId: "$bob") { cursor } }`), "NOT_FOUND"},
		{"owner", s.text(`subscription { liveStats(affiliateId: "$foreignAnn") { cursor } }`), "NOT_FOUND"},
		{"owner", `subscription { events(after: "nonsense") { id } }`, "INVALID"},
	} {
		token := s.token(row.as)
		for _, over := range []string{"websocket", "sse"} {
			text := s.first(over, token, row.document)
			if !strings.Contains(text, `"`+row.code+`"`) || leak.MatchString(text) {
				s.Errorf("%s as %s over %s: %s", row.document, row.as, over, text)
			}
		}
	}
}
