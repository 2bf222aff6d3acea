package server_test

import (
	"bytes"
	"net/url"
	"strings"
	"sync"
)

const key = `"idempotencyKey":"once"`

var repeatStories = []scenario{
	{name: "a repeat gets the same bytes, another selection is resolved again", walk: repeated},
	{name: "a key that was used with another input", steps: []step{
		{do: "conversionRecord", in: order("1", "50.00", "USD", key), events: unearned, want: `{"conversionRecord":{"created":true}}`},
		{do: "conversionRecord", in: order("1", "50.01", "USD", key), code: "IDEMPOTENCY_KEY_REUSED", absent: []string{`"conversionRecord":null`}},
		{do: "conversionRecord", in: order("2", "50.00", "USD", key), code: "IDEMPOTENCY_KEY_REUSED"},
		{as: "manager", do: "conversionRecord", in: order("2", "50.00", "USD", key), events: unearned, want: `{"conversionRecord":{"created":true}}`},                                     // a key is its user's own
		{as: "owner", do: "affiliateGroupCreate", in: `{"name":"Gold",` + key + `}`, get: "affiliateGroup { name }", want: `{"affiliateGroupCreate":{"affiliateGroup":{"name":"Gold"}}}`}, // and its task's
		{do: "conversionRecord", in: order("3", "50.00", "USD", `"idempotencyKey":"`+strings.Repeat("k", 201)+`"`), code: "INVALID"},
	}},
	{name: "what was refused stores nothing under its key", steps: []step{
		{do: "conversionRecord", in: order("1", "50.001", "USD", key), user: []string{"input.total.amount AMOUNT_PRECISION"}},
		{do: "conversionRecord", in: order("1", "-1.00", "USD", key), user: []string{"input.total AMOUNT_RANGE"}},
		{do: "conversionRecord", in: order("1", "50.00", "USD", key), events: unearned, want: `{"conversionRecord":{"created":true}}`},
	}},
	{name: "a secret is shown once, whatever is repeated", steps: []step{
		{do: "apiTokenCreate", in: `{"name":"t","kind":"SECRET","scopes":["LINK_READ"],` + key + `}`, get: "secret apiToken { id }", want: `{"apiTokenCreate":{"secret":"*"}}`, save: []string{"shown=secret", "made=apiToken.id"}},
		{do: "apiTokenCreate", in: `{"name":"t","kind":"SECRET","scopes":["LINK_READ"],` + key + `}`, get: "secret apiToken { id }", want: `{"apiTokenCreate":{"apiToken":{"id":"$made"},"secret":null}}`, absent: []string{"$shown"}},
	}},
	{name: "an answer is kept for those who may see it", walk: keptByRight},
	{name: "sixty-four callers with one key", walk: sixtyFour},
}

// repeated sends one input under one key, spelled and selected differently.
func repeated(s *stage) {
	s.play(step{click: "$annSlug as c"})
	in := order("1", "50.00", "USD", byAnn+","+key)
	doc := mutation("conversionRecord", "created conversion { id updatedAt commissions { id amount { amount } } }")
	first := s.ask("owner", doc, s.text(`{"in":`+in+`}`))
	s.events = append(s.events, strings.Fields(accepted)...)
	s.keep("conversionRecord", first, []string{"conversion=conversion.id"})
	s.play(step{do: "refundRecord", in: `{"programId":"$program","orderExternalId":"1","externalId":"r","full":true}`, events: "refund.recorded commission.reversed"})
	other := `{"clickToken":"$c","total":{"currency":"USD","amount":"50.00"},` + key + `,"externalId":"1","programId":"$program"}`
	for _, spelled := range []string{in, other} {
		again := s.ask("owner", strings.ReplaceAll(doc, " { ", "  {\n"), s.text(`{"in":`+spelled+`}`))
		if !bytes.Equal(again.raw, first.raw) {
			s.Errorf("a repeat got\n%s\nnot\n%s", again.raw, first.raw)
		}
	}
	s.play(step{do: "conversionRecord", in: in, get: "created conversion { id commissions { net { amount } } }",
		want: `{"conversionRecord":{"created":true,"conversion":{"id":"$conversion","commissions":[{"net":{"amount":"0.00"}}]}}}`}) // resolved again: the refund shows
}

// keptByRight sends one order under one key as one program, with more and with
// fewer rights: what failed is not repeated as if it were empty, and what one may
// not see is not repeated at all.
func keptByRight(s *stage) {
	all := s.token("token CONVERSION_WRITE CONVERSION_READ CUSTOMER_READ")
	_, granted, _ := s.form(url.Values{"grant_type": {"client_credentials"}, "client_id": {s.names["lastToken"]}, "client_secret": {all}, "scope": {"conversion:write conversion:read"}})
	few := granted["access_token"].(string)
	doc := mutation("conversionRecord", "created conversion { customer { email } }")
	for once, callers := range map[string][]string{"1": {few, all, few}, "2": {all, few, all}} {
		vars := s.text(`{"in":` + order(once, "50.00", "USD", `"customer":{"email":"a@buyer.example"},"idempotencyKey":"`+once+`"`) + `}`)
		for i, caller := range callers {
			a := s.send(caller, doc, vars)
			if sees := strings.Contains(a.text, "a@buyer.example"); sees != (caller == all) || sees != (a.failed() == "") {
				s.Errorf("order %s, call %d: %s", once, i, a.text)
			}
		}
	}
	s.events = append(s.events, strings.Fields(unearned+" "+unearned)...)
}

func sixtyFour(s *stage) {
	owner, token := s.token("owner"), s.open(s.names["annSlug"]).token
	doc := mutation("conversionRecord", "created conversion { id commissions { id } }")
	vars := s.text(`{"in":` + order("64", "50.00", "USD", `"clickToken":"`+token+`",`+key) + `}`)
	answers := make([]answer, 64)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			s.eventually("an answer", func() bool {
				answers[i] = s.send(owner, doc, vars)
				return answers[i].code != "IDEMPOTENCY_IN_FLIGHT"
			})
		})
	}
	all.Wait()
	for i, a := range answers {
		if a.failed() != "" || !bytes.Equal(a.raw, answers[0].raw) || dig(a.data, "conversionRecord", "created") != true {
			s.Errorf("caller %d: %s\nthe first: %s", i, a.text, answers[0].text)
		}
	}
	s.events = append(s.events, strings.Fields(accepted)...)
	s.play(step{ask: `{ conversions(first: 5) { totalCount } commissions(affiliateId: "$ann", first: 5) { totalCount } balances(affiliateId: "$ann") { pending { amount } } }`,
		want: `{"conversions":{"totalCount":1},"commissions":{"totalCount":1},"balances":[{"pending":{"amount":"5.00"}}]}`})
}
