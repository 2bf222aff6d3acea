package server_test

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tributary/tributary/internal/sim"
)

// fallsBack opens a link that may not earn.
func (s *stage) fallsBack(slug, reason string) {
	s.Helper()
	s.eventually("the fallback", func() bool { // other servers learn of it within a second; this one at once
		return s.open(s.names[slug]).location.String() == "https://shop.example/closed"
	})
	o := s.open(s.names[slug])
	if o.status != 302 || o.token != "" || o.location.String() != "https://shop.example/closed" {
		s.Errorf("led to %d %s", o.status, o.location)
	}
	s.clickIs(`"payable":false,"reason":"`+reason+`","consent":true`, "annLink")
}

// clickIs waits for the last click of a link and looks at it.
func (s *stage) clickIs(want, link string) {
	s.Helper()
	var a answer
	s.eventually("the click "+want, func() bool {
		a = s.ask("owner", s.text(`{ clicks(linkId: "$`+link+`", last: 1) { edges { node { payable reason consent kind referrer subIds } } } }`), "null")
		return contains(a.data, parse(`{"clicks":{"edges":[{"node":{`+want+`}}]}}`), "") == ""
	})
}

func suspended(s *stage) {
	s.play(
		step{do: "affiliateSuspend", in: `{"id":"$ann"}`, get: "affiliate { status }", user: []string{"input.reason INVALID"}},
		step{do: "affiliateSuspend", in: `{"id":"$ann","reason":"spam"}`, get: "affiliate { status statusReason }", want: `{"affiliateSuspend":{"affiliate":{"status":"SUSPENDED","statusReason":"spam"}}}`, events: "affiliate.suspended"},
	)
	s.fallsBack("annSlug", "AFFILIATE_SUSPENDED")
	s.play(
		step{do: "conversionRecord", in: order("1", "50.00", "USD", `"couponCodes":["ANN10"]`), events: unearned, want: `{"conversionRecord":{"created":true,"conversion":{"rating":"NO_CREDIT","commissions":[]}}}`},
		step{do: "linkCreate", in: `{"programId":"$program","affiliateId":"$ann","destination":"https://shop.example/x"}`, get: "link { id }", user: []string{"input.affiliateId WRONG_STATE"}},
		step{do: "affiliateReinstate", in: `{"id":"$ann","reason":"sorry"}`, get: "affiliate { status }", want: `{"affiliateReinstate":{"affiliate":{"status":"ACTIVE"}}}`, events: "affiliate.reinstated"},
	)
	s.eventually("the link", func() bool { return s.open(s.names["annSlug"]).token != "" })
}

// forgedToken changes a token's proof, its click and its link.
func forgedToken(s *stage) {
	token := s.open(s.names["annSlug"]).token
	for i, at := range []int{0, len(token) / 2, len(token) - 2} {
		other := "a"
		if token[at] == 'a' {
			other = "b"
		}
		bad := token[:at] + other + token[at+1:]
		s.play(step{do: "conversionRecord", in: order("order-"+string(rune('1'+i)), "50.00", "USD", `"clickToken":"`+bad+`"`), events: unearned,
			want: `{"conversionRecord":{"created":true,"conversion":{"rating":"NO_CREDIT","commissions":[]}}}`})
	}
}

func private(s *stage) {
	for _, headers := range [][]string{{"Sec-Gpc", "1"}, {"Cookie", "trb_consent=0"}} {
		o := s.open(s.names["annSlug"], append(headers, "Referer", "https://blog.example/post")...)
		if o.status != 302 || o.location.String() != "https://shop.example/shoes?a=1" || len(o.header.Values("Set-Cookie")) != 0 {
			s.Errorf("%v: %d %s %v", headers, o.status, o.location, o.header)
		}
		s.clickIs(`"consent":false,"referrer":"","payable":true`, "annLink")
	}
	o := s.open(s.names["annSlug"], "Referer", "https://blog.example/post?q=secret")
	if o.token == "" || o.location.Query().Get("a") != "1" {
		s.Errorf("who says nothing is sent to %s", o.location)
	}
	s.clickIs(`"consent":true,"referrer":"blog.example/post","payable":true`, "annLink")
}

// shop connects a shop that signs as Shopify does.
func (s *stage) shop() sim.Shop {
	s.Helper()
	s.set("owner", "integrationCreate", `{"programId":"$program","provider":"SHOPIFY","name":"Shop","secret":"hush-hush"}`, "integration { id } webhookUrl", "integration=integration.id")
	return sim.Shop{Client: s.nobody, Path: "/hooks/" + s.names["integration"], Secret: "hush-hush"}
}

// shopOrder is an order of fifty dollars by ann's click.
func (s *stage) shopOrder(id int64, token string) sim.Order {
	return sim.Order{
		ID: id, Currency: "USD", ClickToken: token, Email: "buyer@elsewhere.example", At: s.theatre.now(), Paid: true,
		Lines: []sim.Item{{ID: id * 10, Title: "Shoes", Price: "25.00", Quantity: 2}},
	}
}

func fromShopAndAPI(s *stage) {
	shop, token := s.shop(), s.open(s.names["annSlug"]).token
	for range 2 {
		if err := shop.Send(s.Context(), sim.TopicPaid, "delivery-1", s.shopOrder(7001, token).Body()); err != nil {
			s.Fatal(err)
		}
	}
	s.took()
	s.events = append(s.events, strings.Fields(accepted)...)
	s.play(
		step{do: "conversionRecord", in: order("7001", "50.00", "USD", `"clickToken":"`+token+`"`), want: `{"conversionRecord":{"created":false,"conversion":{"sources":["shopify","api"],"commissions":[{"affiliateID":"$ann","amount":{"amount":"5.00"}}]}}}`},
		step{ask: `{ conversions(first: 5) { totalCount } commissions(affiliateId: "$ann", first: 5) { totalCount } }`, want: `{"conversions":{"totalCount":1},"commissions":{"totalCount":1}}`},
	)
}

func hundredReports(s *stage) {
	shop, token := s.shop(), s.open(s.names["annSlug"]).token
	owner := s.token("owner")
	made := make(chan bool, 100)
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			if i%4 == 0 {
				s.eventually("the shop's report to be taken", func() bool { // a shop reports again until it is
					return shop.Send(s.Context(), sim.TopicPaid, "delivery", s.shopOrder(7002, token).Body()) == nil
				})
				return
			}
			a := s.send(owner, mutation("conversionRecord", "created"), s.text(`{"in":`+order("7002", "50.00", "USD", `"clickToken":"`+token+`","lines":[{"externalId":"70020","quantity":2,"amount":{"amount":"50.00","currency":"USD"}}]`)+`}`))
			if a.failed() != "" {
				s.Errorf("report %d: %s", i, a.text)
				return
			}
			made <- dig(a.data, "conversionRecord", "created").(bool)
		})
	}
	all.Wait()
	close(made)
	s.took()
	firsts := 0
	for created := range made {
		if created {
			firsts++
		}
	}
	if firsts > 1 { // none, when a webhook was first
		s.Errorf("%d reports say that they made the conversion", firsts)
	}
	s.events = append(s.events, strings.Fields(accepted)...)
	s.play(step{ask: `{ conversions(first: 5) { totalCount } commissions(affiliateId: "$ann", first: 5) { totalCount edges { node { amount { amount } } } } balances(affiliateId: "$ann") { pending { amount } } }`,
		want: `{"conversions":{"totalCount":1},"commissions":{"totalCount":1,"edges":[{"node":{"amount":{"amount":"5.00"}}}]},"balances":[{"pending":{"amount":"5.00"}}]}`})
}

// shared is a sale of 50.05 to a buyer who came by ann's link and then by bob's:
// ten percent are 5.01, and of its halves of 250½ cents the one whose id is
// smaller, ann's, has the cent.
var shared = []step{
	{do: "attributionPolicyActivate", in: `{"programId":"$program","windowDays":30,"model":"LINEAR","affiliateWindows":[{"affiliateId":"$ann","windowDays":60}],"lifetime":{"binds":"LAST"}}`,
		get: "policy { model windowDays position { first } halfLifeHours affiliateWindows { affiliateId windowDays } lifetime { binds days } }", events: "policy.activated",
		want: `{"attributionPolicyActivate":{"policy":{"model":"LINEAR","windowDays":30,"position":null,"halfLifeHours":null,"affiliateWindows":[{"affiliateId":"$ann","windowDays":60}],"lifetime":{"binds":"LAST","days":null}}}}`},
	{as: "bob", ask: `{ attributionPolicies(first: 5) { edges { node { affiliateWindows { affiliateId } } } } }`, want: `{"attributionPolicies":{}}`, absent: []string{"$ann"}},
	{click: "$annSlug as a"},
	{do: "conversionRecord", in: order("0", "1.00", "USD", `"clickToken":"$a","customer":{"email":"buyer@elsewhere.example"},"status":"PENDING"`), events: "conversion.recorded", get: "created"},
	{click: "$bobSlug as b"},
	{do: "conversionRecord", in: order("1", "50.05", "USD", `"clickToken":"$b","customer":{"email":"buyer@elsewhere.example"}`),
		events: "conversion.recorded commission.accrued commission.accrued conversion.accepted", save: []string{"conversion=conversion.id"},
		get:  "conversion { id attribution { rule affiliate { id } replays touches { affiliateId won share excluded } } commissions { affiliateID amount { amount } } }",
		want: `{"conversionRecord":{"conversion":{"attribution":{"rule":"LINEAR","affiliate":{"id":"$bob"},"replays":true,"touches":[{"affiliateId":"$ann","won":true,"share":"1/2","excluded":null},{"affiliateId":"$bob","won":true,"share":"1/2","excluded":null}]}}}}`},
	{ask: `{ a: balances(affiliateId: "$ann") { pending { amount } } b: balances(affiliateId: "$bob") { pending { amount } } }`, want: `{"a":[{"pending":{"amount":"2.51"}}],"b":[{"pending":{"amount":"2.50"}}]}`},
	{as: "ann", ask: `{ node(id: "$conversion") { ... on Conversion { attribution { affiliate { id } touches { affiliateId share } } commissions { amount { amount } } } } }`, absent: []string{"$bob"},
		want: `{"node":{"attribution":{"affiliate":{"id":"$ann"},"touches":[{"affiliateId":"$ann","share":"1/2"}]},"commissions":[{"amount":{"amount":"2.51"}}]}}`},
	{do: "refundRecord", in: `{"programId":"$program","orderExternalId":"1","externalId":"r1","amount":{"amount":"16.68","currency":"USD"}}`, get: "refund { id }", events: "refund.recorded commission.reversed commission.reversed"},
	{do: "refundRecord", in: `{"programId":"$program","orderExternalId":"1","externalId":"r2","amount":{"amount":"33.37","currency":"USD"}}`, get: "conversion { status }", events: "refund.recorded commission.reversed commission.reversed",
		want: `{"refundRecord":{"conversion":{"status":"REFUNDED"}}}`},
	{ask: `{ a: balances(affiliateId: "$ann") { pending { amount } } b: balances(affiliateId: "$bob") { pending { amount } } }`, want: `{"a":[{"pending":{"amount":"0.00"}}],"b":[{"pending":{"amount":"0.00"}}]}`},
}

const movedFields = "conversion { rating attribution { rule kind reason affiliate { id } replays touches { kind affiliateId won share excluded } } attributionHistory { rule reason } commissions { id } }"

// moved is what happens to the sale of fifty dollars by ann's click: a person gives
// it to bob, then shares it, then gives it back.
var moved = []step{
	{do: "conversionReattribute", in: `{"idempotencyKey":"m1","conversionId":"$conversion","affiliateId":"$bob","reason":"bob showed the mail"}`, get: movedFields,
		events: "commission.reversed commission.accrued conversion.uncredited conversion.credited",
		want: `{"conversionReattribute":{"conversion":{"rating":"RATED","attribution":{"rule":"MANUAL","kind":"MANUAL","reason":"bob showed the mail","affiliate":{"id":"$bob"},"replays":true,
			"touches":[{"kind":"CLICK","affiliateId":"$ann","won":false,"share":null,"excluded":"OUTRANKED"},{"kind":"MANUAL","affiliateId":"$bob","won":true,"share":"1/1","excluded":null}]},
			"attributionHistory":[{"rule":"LAST_CLICK","reason":null},{"rule":"MANUAL","reason":"bob showed the mail"}]}}}`},
	{do: "conversionReattribute", in: `{"idempotencyKey":"m1","conversionId":"$conversion","affiliateId":"$bob","reason":"bob showed the mail"}`, get: movedFields, // the same again
		want: `{"conversionReattribute":{"conversion":{"attribution":{"affiliate":{"id":"$bob"}}}}}`},
	{ask: `{ a: balances(affiliateId: "$ann") { pending { amount } } b: balances(affiliateId: "$bob") { pending { amount } } }`, want: `{"a":[{"pending":{"amount":"0.00"}}],"b":[{"pending":{"amount":"5.00"}}]}`},
	{ask: `{ commissions(affiliateId: "$ann", first: 5) { edges { node { status reason supersededAt net { amount } explanation { amount { amount } } } } } }`,
		want: `{"commissions":{"edges":[{"node":{"status":"REVERSED","reason":"REATTRIBUTION","supersededAt":"*","net":{"amount":"0.00"},"explanation":{"amount":{"amount":"5.00"}}}}]}}`},
	{as: "ann", ask: `{ node(id: "$conversion") { ... on Conversion { attribution { rule } attributionHistory { rule reason touches { affiliateId } } commissions { net { amount } } } } }`, absent: []string{"$bob", "bob showed"},
		want: `{"node":{"attribution":null,"attributionHistory":[{"rule":"LAST_CLICK","reason":null,"touches":[{"affiliateId":"$ann"}]}],"commissions":[{"net":{"amount":"0.00"}}]}}`},
	{as: "bob", ask: `{ node(id: "$conversion") { ... on Conversion { attribution { rule reason touches { affiliateId share } } attributionHistory { rule } } } }`, absent: []string{"$ann"},
		want: `{"node":{"attribution":{"rule":"MANUAL","reason":"bob showed the mail","touches":[{"affiliateId":"$bob","share":"1/1"}]},"attributionHistory":[{"rule":"MANUAL"}]}}`},
	{do: "conversionReattribute", in: `{"conversionId":"$conversion","shares":[{"affiliateId":"$ann","parts":1},{"affiliateId":"$bob","parts":2}],"reason":"both"}`, get: "conversion { attribution { rule } }",
		events: "commission.reversed commission.accrued commission.accrued conversion.uncredited conversion.credited"},
	{ask: `{ a: balances(affiliateId: "$ann") { pending { amount } } b: balances(affiliateId: "$bob") { pending { amount } } }`, want: `{"a":[{"pending":{"amount":"1.67"}}],"b":[{"pending":{"amount":"3.33"}}]}`},
	{do: "refundRecord", in: refund("r1", "25.00"), get: "refund { id }", events: "refund.recorded commission.reversed commission.reversed"},
	{do: "conversionReattribute", in: `{"conversionId":"$conversion","affiliateId":"$ann","reason":"undone"}`, get: "conversion { attribution { affiliate { id } } }",
		events: "commission.reversed commission.reversed commission.accrued conversion.uncredited conversion.credited commission.reversed"},
	{ask: `{ a: balances(affiliateId: "$ann") { pending { amount } } b: balances(affiliateId: "$bob") { pending { amount } } }`, want: `{"a":[{"pending":{"amount":"2.50"}}],"b":[{"pending":{"amount":"0.00"}}]}`},
}

// unmoved are refusals: a wrong field, another merchant's rows, and viewers who may not.
var unmoved = slices.Concat(refusals("conversionReattribute",
	[2]string{`{"conversionId":"$conversion","affiliateId":"$bob","reason":" "}`, "input.reason INVALID"},
	[2]string{`{"conversionId":"$conversion","reason":"r"}`, "input.affiliateId INVALID"},
	[2]string{`{"conversionId":"$conversion","affiliateId":"$ann","reason":"r"}`, "input.affiliateId CONFLICT"},
	[2]string{`{"conversionId":"$conversion","affiliateId":"$foreignAnn","reason":"r"}`, "input.affiliateId NOT_FOUND"},
	[2]string{`{"conversionId":"$foreignConversion","affiliateId":"$ann","reason":"r"}`, "input.conversionId NOT_FOUND"},
	[2]string{`{"conversionId":"$conversion","shares":[{"affiliateId":"$bob","parts":1},{"affiliateId":"$foreignAnn","parts":1}],"reason":"r"}`, "input.shares.1.affiliateId NOT_FOUND"},
	[2]string{`{"conversionId":"$conversion","shares":[{"affiliateId":"$bob","parts":0}],"reason":"r"}`, "input.shares.0.parts INVALID"},
), []step{
	{as: "ann", do: "conversionReattribute", in: `{"conversionId":"$conversion","affiliateId":"$ann","reason":"mine"}`, get: "conversion { id }", code: "FORBIDDEN"},
	{as: "analyst", do: "conversionReattribute", in: `{"conversionId":"$conversion","affiliateId":"$bob","reason":"r"}`, get: "conversion { id }", code: "FORBIDDEN"},
	{as: "nobody", do: "conversionReattribute", in: `{"conversionId":"$conversion","affiliateId":"$bob","reason":"r"}`, get: "conversion { id }", code: "UNAUTHENTICATED"},
})

// compares asks what each model would pay on the sale that was moved and half given back.
func compares(s *stage) {
	now := s.theatre.now().UTC()
	s.withNames(map[string]string{"from": now.Add(-time.Hour).Format(time.RFC3339), "to": now.Add(time.Hour).Format(time.RFC3339)})
	s.play(
		step{ask: `{ attributionComparison(programId: "$program", from: "$from", to: "$to") { conversions rows { affiliateId earned { amount currency } models { model amount { amount } } } totals { affiliateId earned { amount } } } }`,
			want: `{"attributionComparison":{"conversions":1,"rows":[{"affiliateId":"$ann","earned":{"amount":"2.50","currency":"USD"},"models":[{"model":"FIRST","amount":{"amount":"2.50"}},{"model":"LAST","amount":{"amount":"2.50"}},{"model":"LAST_NON_DIRECT"},{"model":"LINEAR"},{"model":"POSITION"},{"model":"TIME_DECAY"}]}],"totals":[{"affiliateId":null,"earned":{"amount":"2.50"}}]}}`},
		step{as: "ann", ask: `{ attributionComparison(programId: "$program", from: "$from", to: "$to") { conversions } }`, code: "FORBIDDEN"},
	)
}
