package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
)

var boardStories = []scenario{
	{name: "J04 orders move the leaderboard over WebSocket, and nobody sees another's row", walk: func(s *stage) { boardMoves(s, "websocket") }},
	{name: "J04 orders move the leaderboard over SSE, and nobody sees another's row", walk: func(s *stage) { boardMoves(s, "sse") }},
	{name: "S81 orders move the funnel over WebSocket, each one's with its own", walk: func(s *stage) { funnelMoves(s, "websocket") }},
	{name: "S81 orders move the funnel over SSE, each one's with its own", walk: func(s *stage) { funnelMoves(s, "sse") }},
	{name: "S61 a program's health moves over WebSocket", walk: func(s *stage) { healthMoves(s, "websocket") }},
	{name: "S61 a program's health moves over SSE", walk: func(s *stage) { healthMoves(s, "sse") }},
	{name: "J04, S61, S81 boards that are refused", walk: refusedBoards},
}

const leaderboard = `leaderboard(input: $in) { rows { place affiliateId conversions revenue } further }`

const bestOf30Days = `{"in":{"programId":"$program","period":"LAST_30_DAYS","by":"CONVERSIONS","currency":"USD"}}`

// place is an affiliate's row of a leaderboard as it is told.
func (s *stage) place(n int, of string, conversions int, revenue string) string {
	return s.text(fmt.Sprintf(`{"affiliateId":"$%s","conversions":%d,"place":%d,"revenue":"%s"}`, of, conversions, n, revenue))
}

// stands spells a leaderboard as it is told.
func stands(further string, rows ...string) string {
	return `{"further":` + further + `,"rows":[` + strings.Join(rows, ",") + `]}`
}

// until reads a board till it is as wanted. What it says on the way names none of
// the strangers.
func (w watch) until(field, want string, strangers ...string) {
	w.s.Helper()
	for {
		said, err := json.Marshal(dig(w.next(), field))
		if err != nil {
			w.s.Fatal(err)
		}
		for _, who := range strangers {
			if strings.Contains(string(said), w.s.names[who]) {
				w.s.Errorf("is told of %s: %s", who, said)
			}
		}
		if string(said) == want {
			return
		}
	}
}

// boardMoves sells for ann, and then twice for bob, who passes her.
func boardMoves(s *stage, over string) {
	foreigner := s.theatre.stage(s.T)
	in, follow := s.text(bestOf30Days), `subscription($in: LeaderboardInput!) { `+leaderboard+` }`
	owner, ann := s.subscribe(over, "owner", follow, in), s.subscribe(over, "ann", follow, in)
	other := foreigner.subscribe(over, "owner", follow, foreigner.text(bestOf30Days))
	other.until("leaderboard", stands("0"))
	s.sell("1", "ann")
	owner.until("leaderboard", stands("0", s.place(1, "ann", 1, "50.00")))
	ann.until("leaderboard", stands("null", s.place(1, "ann", 1, "50.00")), "bob")
	s.sell("2", "bob")
	s.sell("3", "bob")
	owner.until("leaderboard", stands("0", s.place(1, "bob", 2, "100.00"), s.place(2, "ann", 1, "50.00")))
	ann.until("leaderboard", stands("null", s.place(2, "ann", 1, "50.00")), "bob")
	for as, want := range map[string]string{
		"ann":   stands("null", s.place(2, "ann", 1, "50.00")),
		"bob":   stands("null", s.place(1, "bob", 2, "100.00")),
		"owner": stands("0", s.place(1, "bob", 2, "100.00"), s.place(2, "ann", 1, "50.00")),
	} {
		a := s.ask(as, `query($in: LeaderboardInput!) { `+leaderboard+` }`, in)
		if got, err := json.Marshal(dig(a.data, "leaderboard")); err != nil || string(got) != want {
			s.Errorf("%s asks and gets %s, want %s", as, a.text, want)
		}
	}
	foreigner.sell("other-1", "ann")
	other.until("leaderboard", stands("0", foreigner.place(1, "ann", 1, "50.00")))
}

const funnel = `funnel(input: {period: LAST_30_DAYS}) { clicksUnique conversions leads purchases amounts { currency sales paid } }`

// poured spells a funnel as it is told.
func poured(n int, sales string) string {
	return fmt.Sprintf(`{"amounts":[{"currency":"USD","paid":"0.00","sales":"%s"}],"clicksUnique":%d,"conversions":%[2]d,"leads":0,"purchases":%[2]d}`, sales, n)
}

// funnelMoves sells twice for ann and once for bob, each by a click of its own.
func funnelMoves(s *stage, over string) {
	foreigner := s.theatre.stage(s.T)
	for n, name := range []string{"ann", "ann", "bob"} {
		s.sell(fmt.Sprint(n), name)
	}
	foreigner.sell("other-1", "ann")
	for _, row := range []struct {
		on          *stage
		who, want   string
		moved, then string
	}{
		{s, "owner", poured(3, "150.00"), "ann", poured(4, "200.00")},
		{s, "ann", poured(3, "150.00"), "ann", poured(4, "200.00")},
		{s, "bob", poured(1, "50.00"), "bob", poured(2, "100.00")},
		{foreigner, "owner", poured(1, "50.00"), "bob", poured(2, "100.00")},
	} {
		w := row.on.subscribe(over, row.who, `subscription { `+funnel+` }`, "null")
		w.until("funnel", row.want)
		row.on.sell("more of "+row.who, row.moved)
		w.until("funnel", row.then)
		a := row.on.ask(row.who, `{ `+funnel+` }`, "null")
		if got, err := json.Marshal(dig(a.data, "funnel")); err != nil || string(got) != row.then {
			s.Errorf("%s asks and gets %s, want %s", row.who, a.text, row.then)
		}
	}
}

const health = `programHealth(programId: "$program") { clicks clicksUnique clicksConverted conversions clickRate conversionRate commissionsWaiting amounts { currency sales refundRate } payouts { due } syncPending }`

// doing spells a program's health as it is told.
func doing(clicks, converted, sold int, clickRate, conversionRate, sales string) string {
	return fmt.Sprintf(`{"amounts":[{"currency":"USD","refundRate":"0.0000","sales":"%s"}],"clickRate":"%s","clicks":%d,"clicksConverted":%d,"clicksUnique":%[3]d,"commissionsWaiting":%[5]d,"conversionRate":"%[6]s","conversions":%[5]d,"payouts":[],"syncPending":0}`,
		sales, clickRate, clicks, converted, sold, conversionRate)
}

// healthMoves sells by two clicks of four, and by one of them twice.
func healthMoves(s *stage, over string) {
	foreigner := s.theatre.stage(s.T)
	w := s.subscribe(over, "owner", s.text(`subscription { `+health+` }`), "null")
	s.sell("1", "ann")
	w.until("programHealth", doing(1, 1, 1, "100.0000", "100.0000", "50.00"))
	foreigner.sell("other-1", "ann")
	s.open(s.names["annSlug"])
	s.open(s.names["bobSlug"])
	token := s.open(s.names["bobSlug"]).token
	for _, order := range []string{"2", "3"} {
		if a := s.ask("owner", mutation("conversionRecord", "conversion { id }"), s.text(`{"in":`+orderBy(order, token)+`}`)); a.failed() != "" {
			s.Fatal(a.text)
		}
		s.events = append(s.events, strings.Fields(accepted)...)
	}
	want := doing(4, 2, 3, "50.0000", "75.0000", "150.00")
	w.until("programHealth", want)
	a := s.ask("owner", s.text(`{ `+health+` }`), "null")
	if got, err := json.Marshal(dig(a.data, "programHealth")); err != nil || string(got) != want {
		s.Errorf("asked and told %s, want %s", a.text, want)
	}
}

func refusedBoards(s *stage) {
	for _, row := range []struct{ as, field, code string }{
		{"token LINK_READ", `leaderboard(input: {programId: "$program", period: TODAY, by: CLICKS}) { at }`, "FORBIDDEN"},
		{"key", `leaderboard(input: {programId: "$program", period: TODAY, by: CLICKS}) { at }`, "FORBIDDEN"},
		{"owner", `leaderboard(input: {programId: "$foreignProgram", period: TODAY, by: CLICKS}) { at }`, "NOT_FOUND"},
		{"ann", `leaderboard(input: {programId: "$foreignProgram", period: TODAY, by: CLICKS}) { at }`, "NOT_FOUND"},
		{"owner", `leaderboard(input: {programId: "$program", period: TODAY, by: REVENUE}) { at }`, "INVALID"},
		{"owner", `leaderboard(input: {programId: "$program", by: CLICKS}) { at }`, "INVALID"},
		{"token LINK_READ", `funnel(input: {period: TODAY}) { at }`, "FORBIDDEN"},
		{"key", `funnel(input: {period: TODAY}) { at }`, "FORBIDDEN"},
		{"ann", `funnel(input: {period: TODAY, affiliateId: "$bob"}) { at }`, "NOT_FOUND"},
		{"owner", `funnel(input: {period: TODAY, affiliateId: "$foreignAnn"}) { at }`, "NOT_FOUND"},
		{"owner", `funnel(input: {period: TODAY, programId: "$foreignProgram"}) { at }`, "NOT_FOUND"},
		{"owner", `funnel(input: {period: TODAY, timeZone: "Nowhere"}) { at }`, "INVALID"},
		{"token LINK_READ", `programHealth(programId: "$program") { at }`, "FORBIDDEN"},
		{"ann", `programHealth(programId: "$program") { at }`, "FORBIDDEN"},
		{"owner", `programHealth(programId: "$foreignProgram") { at }`, "NOT_FOUND"},
	} {
		field := s.text(`{ ` + row.field + ` }`)
		if a := s.ask(row.as, field, "null"); a.code != row.code {
			s.Errorf("%s as %s: %s", field, row.as, a.text)
		}
		token := s.token(row.as)
		for _, over := range []string{"websocket", "sse"} {
			text := s.first(over, token, "subscription "+field)
			if !strings.Contains(text, `"`+row.code+`"`) || leak.MatchString(text) {
				s.Errorf("%s as %s over %s: %s", field, row.as, over, text)
			}
		}
	}
}
