package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/sim"
)

// sums are the live merchant's totals: what reports, ledger and lists add up to.
const sums = `{ trialBalance { amount currency } liveTotals: conversions(first: 1) { totalCount }
	customers(first: 1) { totalCount } commissions(first: 1) { totalCount } programs(first: 1) { totalCount } clicks(first: 1) { totalCount } }`

// A hold of thirty days ends when the sandbox's clock is put forward, before the
// mutation answers; clicks and windows go by that clock; the live merchant's sums
// stand still through all of it.
func TestN21_TheSandboxsClockFiresHoldsAndLiveTotalsNeverMove(t *testing.T) {
	t.Parallel()
	s := open(t).stage(t)
	s.play(sale("live-1")...)
	s.counted()
	before, stats := s.ask("owner", sums, "null").text, s.liveTotals()
	s.enterTwin()
	s.set("owner", "apiTokenCreate", `{"name":"play","kind":"SECRET","mode":"TEST","scopes":["PROGRAM_WRITE","PROGRAM_READ"]}`, "secret apiToken { hint }", "play=secret")
	if !strings.HasPrefix(s.names["play"], "trb_test_") {
		t.Errorf("a sandbox token begins with %.9s", s.names["play"])
	}
	s.furnishTwin()
	commission := s.twinSale("t-1")
	s.set("twinOwner", "clockAdvance", `{"bySeconds":`+fmt.Sprint(31*24*3600)+`}`, "now done")
	s.twinHas(commission, "APPROVED")
	second := s.twinSale("t-2") // a click of the sandbox's present is within its window
	s.twinHas(second, "PENDING")
	s.playAs("twinOwner",
		step{do: "clockAdvance", in: `{"bySeconds":-5}`, get: "now", user: []string{"input.bySeconds INVALID"}},
		step{do: "clockAdvance", in: `{"to":"2020-01-01T00:00:00Z"}`, get: "now", user: []string{"input.to INVALID"}},
		step{do: "clockAdvance", in: `{"bySeconds":` + fmt.Sprint(400*24*3600) + `}`, get: "now", user: []string{"input.bySeconds TOO_LARGE"}},
		step{do: "clockAdvance", in: `{}`, get: "now", user: []string{"input.bySeconds INVALID"}},
	)
	s.playAs("owner", step{do: "clockAdvance", in: `{"bySeconds":60}`, get: "now", user: []string{" WRONG_STATE"}})
	s.set("nobody", "sessionRefresh", `{"refreshToken":"$twinRefresh"}`, "accessToken") // sessions live by the server's clock
	if after := s.ask("owner", sums, "null").text; after != before {
		t.Errorf("live sums moved:\n%s\n%s", before, after)
	}
	if after := s.liveTotals(); after != stats {
		t.Errorf("live totals moved:\n%s\n%s", stats, after)
	}
}

// counted waits until the live sale and its click are in all sums.
func (s *stage) counted() {
	s.Helper()
	s.eventually("the sums", func() bool {
		totals := s.liveTotals()
		return strings.Contains(s.ask("owner", sums, "null").text, `"clicks":{"totalCount":1}`) &&
			strings.Contains(totals, `"conversions":1`) && strings.Contains(totals, `"clicks":1`)
	})
}

// liveTotals is what the reports of the owner's merchant add up to.
func (s *stage) liveTotals() string {
	s.Helper()
	from, to := s.theatre.now().AddDate(0, 0, -30).Format(time.DateOnly), s.theatre.now().AddDate(0, 0, 400).Format(time.DateOnly)
	a := s.ask("owner", `{ stats(input: {from: "`+from+`", to: "`+to+`"}) { totals { currency clicks conversions sales refunded accrued approved paid } } }`, "null")
	if a.failed() != "" {
		s.Fatal(a.text)
	}
	return string(a.raw)
}

// playAs runs refused steps of a merchant that possessions knows nothing of.
func (s *stage) playAs(as string, steps ...step) {
	s.Helper()
	for _, st := range steps {
		st.as = as
		a := s.say(st)
		if want := slices.Clone(st.user); !slices.Equal(a.user, trimmed(want)) {
			s.Errorf("%s %s: %q, want %q: %s", st.do, st.in, a.user, want, a.text)
		}
	}
}

func trimmed(all []string) []string {
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

// furnishTwin gives the sandbox a program with a hold of thirty days, and kim.
func (s *stage) furnishTwin() {
	s.Helper()
	s.set("twinOwner", "programCreate", `{"name":"Play","currency":"USD","fallbackUrl":"https://shop.example/closed"}`, "program { id }", "playProgram=program.id")
	s.set("twinOwner", "hostAdd", `{"programId":"$playProgram","name":"shop.example"}`, "host { id }", "playHost=host.id")
	s.set("twinOwner", "commissionPlanCreate", `{"programId":"$playProgram","name":"Standard"}`, "plan { id }", "playPlan=plan.id")
	s.set("twinOwner", "commissionPlanActivate", `{"planId":"$playPlan","holdDays":30,"autoApprove":true,"rules":[{"level":"PROGRAM","kind":"PERCENT","percent":"10"}]}`, "plan { id }")
	s.set("twinOwner", "affiliateCreate", `{"name":"Kim","email":"kim@$mail","programIds":["$playProgram"]}`, "affiliate { id }", "kim=affiliate.id")
	s.set("twinOwner", "linkCreate", `{"programId":"$playProgram","affiliateId":"$kim","destination":"https://shop.example/"}`, "link { slug }", "kimSlug=link.slug")
}

// twinSale is a click of kim's and an order by it, now by the sandbox's clock.
func (s *stage) twinSale(externalID string) (commission string) {
	s.Helper()
	token := s.open(s.names["kimSlug"]).token
	in := strings.Replace(order(externalID, "50.00", "USD", `"clickToken":"`+token+`"`), "$program", "$playProgram", 1)
	s.set("twinOwner", "conversionRecord", in, "conversion { id }")
	a := s.ask("twinOwner", `{ commissions(last: 1) { edges { node { id status amount { amount } } } } }`, "null")
	if fault := contains(a.data, parse(`{"commissions":{"edges":[{"node":{"status":"PENDING","amount":{"amount":"5.00"}}}]}}`), ""); fault != "" {
		s.Fatalf("the sandbox's sale: %s %s", fault, a.text)
	}
	return dig(dig(a.data, "commissions", "edges").([]any)[0], "node", "id").(string)
}

func (s *stage) twinHas(commission, status string) {
	s.Helper()
	a := s.ask("twinOwner", fmt.Sprintf(`{ node(id: %q) { ... on Commission { status } } }`, commission), "null")
	if got := dig(a.data, "node", "status"); got != status {
		s.Errorf("the commission is %v, want %s: %s", got, status, a.text)
	}
}

// An order that the shop marks as a test lands in the sandbox by itself, is
// refunded there, and moves no live sum.
func TestQ76_TestOrdersOfTheShopLandInTheSandbox(t *testing.T) {
	t.Parallel()
	s := open(t).stage(t)
	s.play(sale("live-1")...)
	s.enterTwin()
	shop := s.shop()
	s.counted()
	before, stats := s.ask("owner", sums, "null").text, s.liveTotals()
	o := s.shopOrder(9001, "")
	for _, delivery := range []string{"d1", "d2"} { // the same again is a duplicate
		if err := shop.Send(s.Context(), sim.TopicPaid, delivery, marked(t, o.Body())); err != nil {
			t.Fatal(err)
		}
	}
	s.took() // different orders are worked on at once
	o.ID = 9002
	if err := shop.Send(s.Context(), sim.TopicPaid, "d3", marked(t, o.Body())); err != nil {
		t.Fatal(err)
	}
	s.took()
	a := s.ask("twinOwner", `{ programs(first: 5) { edges { node { name currency } } } conversions(first: 5) { totalCount edges { node { externalID base { amount } } } } }`, "null")
	if fault := contains(a.data, parse(`{"programs":{"edges":[{"node":{"name":"Partners","currency":"USD"}}]},"conversions":{"totalCount":2,"edges":[{"node":{"externalID":"9001","base":{"amount":"50.00"}}},{"node":{"externalID":"9002"}}]}}`), ""); fault != "" {
		t.Errorf("the sandbox: %s %s", fault, a.text)
	}
	if after := s.ask("owner", sums, "null").text; after != before {
		t.Errorf("live sums moved:\n%s\n%s", before, after)
	}
	if after := s.liveTotals(); after != stats {
		t.Errorf("live totals moved:\n%s\n%s", stats, after)
	}
}

// marked is an order's body as a shop sends it for a test order.
func marked(t *testing.T, body []byte) []byte {
	t.Helper()
	var o map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		t.Fatal(err)
	}
	o["test"] = true
	return []byte(encode(o))
}
