package server_test

import (
	"testing"
	"time"
)

const claim = `"programId":"$program","orderExternalId":"lost","amount":{"amount":"80.00","currency":"USD"},"evidence":"I sent her","links":["https://proof.example/1"]`

// claimed is a claim of ann's from both sides of the wall.
var claimed = []step{
	{do: "programUpdate", in: `{"id":"$program","disputes":{"days":401}}`, get: "program { id }", user: []string{"input.disputes.days INVALID"}},
	{do: "programUpdate", in: `{"id":"$program","disputes":{"days":90,"answerDays":7,"overdue":"DECLINE"}}`, get: "program { disputeDays disputeAnswerDays disputeOverdue }", events: "program.updated",
		want: `{"programUpdate":{"program":{"disputeDays":90,"disputeAnswerDays":7,"disputeOverdue":"DECLINE"}}}`},
	{as: "ann", do: "disputeOpen", in: `{` + claim + `}`, get: "dispute { id }", user: []string{"input.occurredAt INVALID"}},
	{as: "ann", do: "disputeOpen", in: `{` + claim + `,"occurredAt":"$now"}`, get: "dispute { id kind status amount { amount } trace evidenceLinks }", save: []string{"claim=dispute.id"}, events: "dispute.opened",
		want: `{"disputeOpen":{"dispute":{"kind":"MISSING","status":"OPEN","amount":{"amount":"80.00"},"trace":{"order":"UNKNOWN"},"evidenceLinks":["https://proof.example/1"]}}}`},
	{as: "ann", do: "disputeOpen", in: `{` + claim + `,"occurredAt":"$now"}`, get: "dispute { id }", user: []string{"input.orderExternalId CONFLICT"}},
	{do: "disputeComment", in: `{"id":"$claim","text":"We look into it."}`, get: "dispute { status comments(first: 5) { edges { node { side text } } } }", events: "dispute.answered",
		want: `{"disputeComment":{"dispute":{"status":"ANSWERED","comments":{"edges":[{"node":{"side":"MERCHANT","text":"We look into it."}}]}}}}`},
	{as: "bob", ask: `{ disputes(first: 5) { edges { node { id } } } }`, want: `{"disputes":{"edges":[]}}`},
	{as: "bob", do: "disputeComment", in: `{"id":"$claim","text":"mine"}`, get: "dispute { id }", user: []string{"input.id NOT_FOUND"}},
	{as: "ann", do: "disputeAccept", in: `{"id":"$claim","reason":"yes","effect":"RECORD"}`, get: "dispute { id }", code: "FORBIDDEN"},
	{as: "ann", ask: `{ disputes(first: 5) { edges { node { staffTrace } } } }`, code: "FORBIDDEN"},
	{as: "ann", ask: `{ disputeReport(from: "2020-01-01T00:00:00Z", to: "2040-01-01T00:00:00Z") { open } }`, code: "FORBIDDEN"},
	{do: "disputeAccept", in: `{"id":"$claim","reason":"found","effect":"CREDIT"}`, get: "dispute { id }", user: []string{"input.amount INVALID"}},
	{do: "disputeAccept", in: `{"id":"$claim","reason":"found","effect":"RECORD"}`, get: "dispute { status effect outcome automatic affiliate { name } }", events: "conversion.recorded conversion.accepted commission.accrued conversion.credited dispute.accepted",
		want: `{"disputeAccept":{"dispute":{"status":"ACCEPTED","effect":"RECORD","outcome":"found","automatic":false}}}`},
	{as: "ann", ask: `{ balances { pending { amount } } }`, want: `{"balances":[{"pending":{"amount":"8.00"}}]}`},
	{do: "disputeDecline", in: `{"id":"$claim","reason":"no"}`, get: "dispute { id }", user: []string{"input.id WRONG_STATE"}},
	{ask: `{ disputeReport(programId: "$program", from: "2020-01-01T00:00:00Z", to: "2040-01-01T00:00:00Z") { open overdue accepted declined withdrawn p90Hours } }`,
		want: `{"disputeReport":{"open":0,"overdue":0,"accepted":1,"declined":0,"withdrawn":0,"p90Hours":"0.00"}}`},
}

func TestN30_E09_AClaimFromBothSides(t *testing.T) {
	t.Parallel()
	s := open(t).stage(t)
	s.withNames(map[string]string{"now": s.now().UTC().Format(time.RFC3339)})
	s.play(claimed...)
	s.ends()
}

// abroad is ann paid in yen, of which there is no rate here; and a gift taken back.
var abroad = []step{
	{do: "affiliateUpdate", in: `{"id":"$ann","payoutCurrency":"yen"}`, get: "affiliate { id }", user: []string{"input.payoutCurrency CURRENCY_UNKNOWN"}},
	{do: "affiliateUpdate", in: `{"id":"$ann","payoutCurrency":"JPY"}`, get: "affiliate { payoutCurrency }", events: "affiliate.updated", want: `{"affiliateUpdate":{"affiliate":{"payoutCurrency":"JPY"}}}`},
	{do: "conversionRecord", in: order("1", "50.00", "USD", `"couponCodes":["ANN10"]`), get: "conversion { commissions { id exchange { state currency amount { amount } source } explanation { exchange { state } } } }",
		events: accepted,
		want:   `{"conversionRecord":{"conversion":{"commissions":[{"exchange":{"state":"RATE_MISSING","currency":"JPY","amount":null,"source":null},"explanation":{"exchange":{"state":"RATE_MISSING"}}}]}}}`},
	{do: "affiliateUpdate", in: `{"id":"$ann","payoutCurrency":""}`, get: "affiliate { payoutCurrency }", events: "affiliate.updated", want: `{"affiliateUpdate":{"affiliate":{"payoutCurrency":null}}}`},
	{do: "commissionAdjust", in: `{"affiliateId":"$ann","programId":"$program","amount":{"amount":"9.00","currency":"USD"},"reason":"promised","reasonCode":"GOODWILL"}`, get: "commission { id reasonCode exchange { state } }",
		save: []string{"gift=commission.id"}, events: "commission.adjusted", want: `{"commissionAdjust":{"commission":{"reasonCode":"GOODWILL","exchange":null}}}`},
	{do: "commissionAdjustReverse", in: `{"id":"$gift","reason":"a mistake"}`, get: "commission { status reason undoneBecause net { amount } }", events: "commission.reversed",
		want: `{"commissionAdjustReverse":{"commission":{"status":"REVERSED","reason":"promised","undoneBecause":"a mistake","net":{"amount":"0.00"}}}}`},
	{do: "commissionAdjustReverse", in: `{"id":"$gift","reason":"again"}`, get: "commission { id }", user: []string{"input.id WRONG_STATE"}},
	{as: "ann", ask: `{ statement(currency: "USD", from: "2020-01-01T00:00:00Z", to: "2040-01-01T00:00:00Z") { rows { kind memo } } }`,
		want: `{"statement":{"rows":[{"kind":"ACCRUAL"},{"kind":"ADJUSTMENT","memo":"promised"},{"kind":"REVERSAL","memo":"a mistake"}]}}`},
}

func TestC30_C31_APayoutCurrencyAndAGiftTakenBack(t *testing.T) {
	t.Parallel()
	s := open(t).stage(t)
	s.play(abroad...)
	a := s.ask("owner", s.text(`{ commissions(affiliateId: "$ann", first: 1) { edges { node { id } } } }`), "null")
	s.withNames(map[string]string{"waiting": dig(dig(a.data, "commissions", "edges").([]any)[0], "node", "id").(string)})
	s.play(step{do: "commissionApprove", in: `{"ids":["$waiting"]}`, get: "commissions { id }", user: []string{"input.ids.0 WRONG_STATE"}})
	s.ends()
}
