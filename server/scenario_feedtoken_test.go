package server_test

import "fmt"

var feedTokenStories = []scenario{
	{name: "A05 a partner's feed token gets the affiliate's own rows, over cuts, until it is revoked", walk: feedToken},
}

// feedToken reads ann's feed with a token bound to her while she and bob sell.
func feedToken(s *stage) {
	secret := s.issue("ann", "SECRET", "EVENT_READ", "")
	id := s.names["lastToken"]
	s.mu.Lock()
	s.tokens["partner"] = secret
	s.mu.Unlock()
	cursor, sold := s.since, 0
	for i, over := range []string{"websocket", "sse", "websocket"} {
		w := s.subscribe(over, "partner", eventsAfter, `{"after":"`+cursor+`"}`)
		s.sell(fmt.Sprintf("bob-%d", i), "bob")
		s.sell(fmt.Sprintf("ann-%d", i), "ann")
		for _, e := range w.follow("conversion.accepted") {
			if cursor = e["cursor"].(string); e["affiliateId"] != s.names["ann"] {
				s.Errorf("the partner sees %v", e)
			}
			if e["type"] == "conversion.accepted" {
				sold++
			}
		}
		w.cut()
	}
	events, _ := s.feed("partner", s.since)
	for _, e := range events {
		if e["affiliateId"] != s.names["ann"] {
			s.Errorf("the partner's page has %v", e)
		}
	}
	if sold != 3 || len(events) == 0 {
		s.Errorf("%d sales seen live, %d events on pages", sold, len(events))
	}
	if a := s.send(secret, `{ links(first: 1) { totalCount } }`, "null"); a.code != "FORBIDDEN" {
		s.Errorf("beyond its scope: %s", a.text)
	}
	s.set("owner", "apiTokenRevoke", `{"id":"`+id+`"}`, "apiToken { id }")
	s.eventually("the feed's end", func() bool { return s.send(secret, `{ eventFeed { cursor } }`, "null").status == 401 })
}
