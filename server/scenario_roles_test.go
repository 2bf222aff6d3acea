package server_test

import (
	"fmt"
	"strings"
)

// forbidden are steps that none of the viewers may take.
func forbidden(viewers string, steps ...step) (all []step) {
	for as := range strings.FieldsSeq(viewers) {
		for _, st := range steps {
			st.as, st.code = as, "FORBIDDEN"
			if as == "nobody" {
				st.code = "UNAUTHENTICATED"
			}
			all = append(all, st)
		}
	}
	return all
}

// Tasks that not everybody may do.
var (
	runProgram = step{do: "programUpdate", in: `{"id":"$program","name":"Mine"}`, get: "program { id }"}
	report     = step{do: "conversionRecord", in: order("1", "50.00", "USD", "")}
	adjust     = step{do: "commissionAdjust", in: `{"affiliateId":"$ann","programId":"$program","amount":{"amount":"1000.00","currency":"USD"},"reason":"gift"}`}
	suspend    = step{do: "affiliateSuspend", in: `{"id":"$bob","reason":"rival"}`, get: "affiliate { id }"}
	payOut     = step{do: "payoutBatchCreate", in: `{"batchKey":"k","currency":"USD"}`, get: "batch { id }"}
	release    = step{do: "payoutBatchApprove", in: `{"id":"pba_$missing"}`, get: "batch { id }"}
	terms      = step{do: "commissionPlanActivate", in: `{"planId":"$plan","rules":[{"level":"PROGRAM","kind":"PERCENT","percent":"99"}]}`, get: "plan { id }"}
	hire       = step{do: "memberAdd", in: `{"email":"x@$mail","role":"OWNER","password":"` + password + `"}`, get: "membership { id }"}
	mint       = step{do: "apiTokenCreate", in: `{"name":"t","kind":"SECRET","scopes":["PAYOUT_WRITE"]}`, get: "secret"}
	connect    = step{do: "integrationCreate", in: `{"programId":"$program","provider":"SHOPIFY","name":"n","secret":"s"}`, get: "webhookUrl"}
	rename     = step{do: "merchantUpdate", in: `{"name":"Mine"}`, get: "merchant { id }"}
	apply      = step{do: "affiliateApply", in: `{"programId":"$program","name":"Cid","email":"cid@$mail"}`, get: "claimToken"}
	buyers     = step{ask: `{ customers(first: 5) { edges { node { email } } } }`}
	audit      = step{ask: `{ auditRecords(first: 5) { edges { node { action } } } }`}
	keys       = step{ask: `{ apiTokens(first: 5) { edges { node { hint } } } }`}
	journal    = step{ask: `{ eventFeed(first: 5) { cursor } }`}
)

var roleStories = []scenario{
	{name: "S72 what a manager may not do", steps: forbidden("manager", payOut, release, hire, mint, rename, audit)},
	{name: "S72 what finance may not do", steps: forbidden("finance", runProgram, report, suspend, terms, hire, mint, connect, rename, buyers, apply)},
	{name: "S72 what an analyst may not do", steps: forbidden("analyst", runProgram, report, adjust, suspend, payOut, release, terms, hire, mint, connect, buyers, audit, keys)},
	{name: "S72 what an affiliate may not do", steps: forbidden("ann", runProgram, report, adjust, suspend, payOut, release, terms, hire, mint, connect, rename, buyers, audit, keys, apply)},
	{name: "S72 what a key in a page may not do", steps: forbidden("key nobody", runProgram, report, adjust, suspend, payOut, terms, hire, mint, connect, buyers, audit, keys, journal)},
	{name: "S72 a token does what its scopes say", steps: append(forbidden("token+LINK_READ ann+token+LINK_READ", runProgram, report, adjust, payOut, mint, journal, keys),
		step{as: "token LINK_READ", ask: `{ links(first: 5) { totalCount } }`, want: `{"links":{"totalCount":2}}`},
		step{as: "ann token LINK_READ", ask: `{ links(first: 5) { totalCount edges { node { id } } } }`, want: `{"links":{"totalCount":1,"edges":[{"node":{"id":"$annLink"}}]}}`},
		step{as: "token CONVERSION_WRITE CONVERSION_READ PROGRAM_READ", do: "conversionRecord", in: order("1", "5.00", "USD", ""), get: "created conversion { id }", want: `{"conversionRecord":{"created":true,"conversion":{"id":"*"}}}`, events: unearned},
	)},
	{name: "what each may do", steps: []step{
		{as: "manager", do: "affiliateGroupCreate", in: `{"name":"Gold"}`, get: "affiliateGroup { name }", want: `{"affiliateGroupCreate":{"affiliateGroup":{"name":"Gold"}}}`},
		{as: "finance", do: "commissionAdjust", in: `{"affiliateId":"$ann","programId":"$program","amount":{"amount":"7.00","currency":"USD"},"reason":"bonus"}`, want: `{"commissionAdjust":{"commission":{"net":{"amount":"7.00"}}}}`, events: "commission.adjusted"},
		{as: "analyst", ask: `{ balances(affiliateId: "$ann") { payable { amount } } }`, want: `{"balances":[{"payable":{"amount":"7.00"}}]}`},
		{as: "ann", ask: `{ viewer { kind role affiliate { id } } balances { payable { amount } } }`, want: `{"viewer":{"kind":"USER","role":"AFFILIATE","affiliate":{"id":"$ann"}},"balances":[{"payable":{"amount":"7.00"}}]}`},
		{as: "key", do: "affiliateApply", in: `{"programId":"$program","name":"Cid","email":"cid@$mail"}`, get: "claimToken", want: `{"affiliateApply":{"claimToken":"*"}}`, events: "affiliate.applied enrollment.created"},
		{as: "ann", do: "linkCreate", in: `{"programId":"$program","destination":"https://shop.example/hats"}`, get: "link { affiliateID }", want: `{"linkCreate":{"link":{"affiliateID":"$ann"}}}`, events: "link.created"},
	}},
	{name: "an affiliate touches nothing of another's", steps: []step{
		{as: "ann", do: "linkUpdate", in: `{"id":"$bobLink","destination":"https://shop.example/"}`, get: "link { id }", user: []string{"input.id NOT_FOUND"}},
		{as: "ann", do: "linkArchive", in: `{"id":"$bobLink"}`, get: "link { id }", user: []string{"input.id NOT_FOUND"}},
		{as: "ann", do: "linkCreate", in: `{"programId":"$program","affiliateId":"$bob","destination":"https://shop.example/"}`, get: "link { id }", user: []string{"input.affiliateId NOT_FOUND"}},
		{as: "ann", do: "payoutMethodSet", in: `{"affiliateId":"$bob","rail":"MANUAL","details":{"email":"mine@mine.example"}}`, get: "method { id }", user: []string{"input.affiliateId NOT_FOUND"}},
		{as: "ann", ask: `{ balances(affiliateId: "$bob") { payable { amount } } }`, code: "NOT_FOUND", absent: []string{"0.01"}},
	}},
	{name: "A05 an affiliate sees own rows only, in every list", walk: ownRows},
}

// lists are all that an affiliate may read, each with what it is asked for.
const lists = `affiliates(first: 50) { edges { node { id email } } }
	enrollments(first: 50) { edges { node { id affiliateID } } }
	links(first: 50) { edges { node { id slug affiliateID } } }
	coupons(first: 50) { edges { node { id code affiliateID } } }
	clicks(first: 50) { edges { node { id affiliateID linkID } } }
	conversions(first: 50) { edges { node { id externalID attribution { affiliate { id } } commissions { id affiliateID } } } }
	commissions(first: 50) { edges { node { id affiliateID affiliate { id email } conversion { id } } } }
	payouts(first: 50) { edges { node { id affiliateID } } }
	eventFeed(first: 100) { events { subjectId affiliateId facts } }`

// ownRows gives ann and bob one of everything and looks what each sees.
func ownRows(s *stage) {
	for _, name := range []string{"ann", "bob"} {
		s.play(step{click: "$" + name + "Slug as c"},
			step{do: "conversionRecord", in: order("order-of-"+name, "40.00", "USD", byAnn), get: "conversion { id commissions { id } }", events: accepted, save: []string{name + "Sale=conversion.id"}},
		)
		s.eventually("the click", func() bool {
			a := s.ask("owner", s.text(`{ clicks(linkId: "$`+name+`Link", first: 1) { edges { node { id } } } }`), "null")
			edges, _ := dig(a.data, "clicks", "edges").([]any)
			if len(edges) == 1 {
				s.withNames(map[string]string{name + "Click": dig(edges[0], "node", "id").(string)})
			}
			return len(edges) == 1
		})
		a := s.ask("owner", s.text(`{ commissions(affiliateId: "$`+name+`", last: 1) { edges { node { id } } } enrollments(affiliateId: "$`+name+`", first: 1) { edges { node { id } } } }`), "null")
		s.withNames(map[string]string{
			name + "Commission": dig(dig(a.data, "commissions", "edges").([]any)[0], "node", "id").(string),
			name + "Enrollment": dig(dig(a.data, "enrollments", "edges").([]any)[0], "node", "id").(string),
		})
	}
	s.told("")
	s.events = append(s.events, "commission.adjusted") // told's mark
	for _, pair := range [][2]string{{"ann", "bob"}, {"bob", "ann"}} {
		for _, as := range []string{pair[0], pair[0] + " token AFFILIATE_READ LINK_READ COUPON_READ CLICK_READ CONVERSION_READ COMMISSION_READ PAYOUT_READ EVENT_READ PROGRAM_READ PLAN_READ"} {
			s.seesOnly(as, pair[0], pair[1])
		}
	}
	all := s.ask("owner", "{ "+lists+" }", "null")
	for _, name := range rowsOf("ann", "bob") {
		if !strings.Contains(all.text, s.names[name]) {
			s.Errorf("the owner does not see %s", name)
		}
	}
}

// rowsOf are the names of everything that belongs to affiliates.
func rowsOf(names ...string) (all []string) {
	for _, name := range names {
		for part := range strings.FieldsSeq("Link Slug Coupon Sale Click Commission Enrollment") {
			all = append(all, name+part)
		}
		all = append(all, name)
	}
	return all
}

func (s *stage) seesOnly(as, own, other string) {
	s.Helper()
	a := s.ask(as, "{ "+lists+" }", "null")
	if a.failed() != "" {
		s.Fatalf("%s: %s", as, a.text)
	}
	for _, name := range rowsOf(own) {
		if !strings.Contains(a.text, s.names[name]) {
			s.Errorf("%s does not see %s", as, name)
		}
	}
	for _, name := range rowsOf(other) {
		if strings.Contains(a.text, s.names[name]) {
			s.Errorf("%s sees %s", as, name)
		}
		if strings.HasSuffix(name, "Slug") {
			continue
		}
		if one := s.ask(as, fmt.Sprintf(`{ node(id: %q) { id } nodes(ids: [%[1]q]) { id } }`, s.names[name]), "null"); !strings.Contains(one.text, `{"data":{"node":null,"nodes":[null]}}`) {
			s.Errorf("%s opens %s: %s", as, name, one.text)
		}
	}
	if one := s.ask(as, fmt.Sprintf(`{ node(id: %q) { id } }`, s.names[own+"Link"]), "null"); !strings.Contains(one.text, s.names[own+"Link"]) {
		s.Errorf("%s cannot open an own link: %s", as, one.text)
	}
}
