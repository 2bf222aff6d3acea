package server_test

import "testing"

// scenario is a story told through the API alone.
type scenario struct {
	name  string
	steps []step
	walk  func(*stage) // what a table cannot say; after the steps
}

// TestScenarios plays every scenario on one server, each with a merchant of its own.
func TestScenarios(t *testing.T) {
	t.Parallel()
	th := open(t)
	foreign := th.stage(t)
	foreign.play(sale("foreign-1")...)
	for _, group := range [][]scenario{orderStories, creditStories, refundStories, badInputStories, roleStories, repeatStories, pageStories, liveStories, boardStories, doorStories, sessionStories, machineStories, feedTokenStories, boundStories, treeStories, termStories, exportStories} {
		for _, sc := range group {
			t.Run(sc.name, func(t *testing.T) {
				t.Parallel()
				s := th.stage(t)
				s.admitForeigner(foreign)
				s.play(sc.steps...)
				if sc.walk != nil {
					sc.walk(s)
				}
				s.ends()
			})
		}
	}
}

// admitForeigner lets the owner of another merchant in, and names that merchant's
// rows: foreignProgram, foreignAnn, …
func (s *stage) admitForeigner(f *stage) {
	s.tokens["foreign"] = f.tokens["owner"]
	for name, value := range f.names {
		s.names["foreign"+string(name[0]-'a'+'A')+name[1:]] = value
	}
}

// sale is a visitor of ann's who buys for fifty dollars: ten percent are five.
func sale(order string) []step {
	return []step{
		{click: "$annSlug as annClick"},
		{
			do: "conversionRecord", in: `{"programId":"$program","externalId":"` + order + `","total":{"amount":"50.00","currency":"USD"},"clickToken":"$annClick","customer":{"email":"buyer@elsewhere.example"}}`,
			want:   `{"conversionRecord":{"created":true,"conversion":{"status":"ACCEPTED","rating":"RATED","total":{"amount":"50.00"},"attribution":{"rule":"LAST_CLICK","affiliate":{"id":"$ann"}},"commissions":[{"affiliateID":"$ann","status":"PENDING","amount":{"amount":"5.00"}}]}}}`,
			save:   []string{"conversion=conversion.id"},
			events: accepted,
		},
	}
}
