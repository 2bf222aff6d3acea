package server_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// TestFaultsBehindTheAPI harms a server of its own: what the client is told then,
// and what still works.
func TestFaultsBehindTheAPI(t *testing.T) {
	t.Parallel()
	s := open(t).stage(t)
	overtakes(s)
	masks(s)
	sessionEnds(s)
}

// overtakes keeps clicks from being stored: an order that comes before its click
// is attributed from the token alone.
func overtakes(s *stage) {
	if os.Getenv("TRIBUTARY_TEST_POSTGRES") != "" {
		s.harm(s.T, `CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'later'; END $$`,
			`CREATE TRIGGER late BEFORE INSERT ON clicks FOR EACH ROW EXECUTE FUNCTION late()`)
	} else {
		s.harm(s.T, `CREATE TRIGGER late BEFORE INSERT ON clicks BEGIN SELECT RAISE(ABORT, 'later'); END`)
	}
	s.play(sale("overtaking")...)
	s.play(step{ask: `{ clicks(first: 5) { totalCount } }`, want: `{"clicks":{"totalCount":0}}`})
	s.ends()
}

// masks takes a table away: the client is told that something went wrong, under
// which request, and nothing of the database.
func masks(s *stage) {
	s.harm(s.T, `ALTER TABLE coupons RENAME TO harmed`)
	for _, document := range []string{
		`{ coupons(first: 1) { edges { node { id } } } }`,
		s.text(`mutation { couponCreate(input: {programId: "$program", affiliateId: "$ann", code: "NEXT"}) { coupon { id } userErrors { message } } }`),
	} {
		res := s.http(http.MethodPost, "/graphql", encode(map[string]string{"query": document}), "Content-Type", "application/json", "Authorization", "Bearer "+s.token("owner"), "X-Request-Id", "scenario-of-harm-1")
		text := body(s, res)
		if !strings.Contains(text, `"code":"INTERNAL"`) || !strings.Contains(text, `"requestId":"scenario-of-harm-1"`) || strings.Contains(text, "coupons\"") && strings.Contains(text, "relation") || leak.MatchString(text) || strings.Contains(text, "harmed") {
			s.Errorf("%d %s", res.StatusCode, text)
		}
	}
	s.harm(s.T, `ALTER TABLE harmed RENAME TO coupons`)
	s.play(step{ask: `{ coupons(first: 5) { totalCount } }`, want: `{"coupons":{"totalCount":2}}`})
}

// sessionEnds lets time pass: an access token ends by itself.
func sessionEnds(s *stage) {
	s.play(step{ask: `{ viewer { kind } }`, want: `{"viewer":{"kind":"USER"}}`})
	s.ahead.Store(int64(24 * time.Hour))
	if a := s.ask("owner", `{ viewer { kind } }`, "null"); a.status != http.StatusUnauthorized || a.code != "UNAUTHENTICATED" {
		s.Errorf("a day later: %s", a.text)
	}
}
