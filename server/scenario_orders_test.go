package server_test

import "slices"

// accepted is what fires when an order is told for the first time and somebody earns.
const accepted = "conversion.recorded commission.accrued conversion.accepted"

// unearned is what fires when nobody does.
const unearned = "conversion.recorded conversion.accepted"

// order is conversionRecord's input: an order of one amount, and more fields.
func order(externalID, amount, currency, more string) string {
	if more != "" {
		more = "," + more
	}
	return `{"programId":"$program","externalId":"` + externalID + `","total":{"amount":"` + amount + `","currency":"` + currency + `"}` + more + `}`
}

// earned is an answer of conversionRecord in which ann earns.
func earned(created, base, commission string) string {
	return `{"conversionRecord":{"created":` + created + `,"conversion":{"base":{"amount":"` + base + `"},"commissions":[{"affiliateID":"$ann","amount":{"amount":"` + commission + `"}}]}}}`
}

const byAnn = `"clickToken":"$c"`

var orderStories = []scenario{
	{name: "an order earns by its click", steps: sale("1001")},
	{name: "an order earns by its coupon", steps: []step{
		{do: "conversionRecord", in: order("1", "19.99", "USD", `"couponCodes":["ann10"]`), events: accepted, // 1.999 is 2.00
			want: `{"conversionRecord":{"created":true,"conversion":{"attribution":{"rule":"FIRST_COUPON","affiliate":{"id":"$ann"}},"commissions":[{"amount":{"amount":"2.00","currency":"USD"},"status":"PENDING"}]}}}`},
	}},
	{name: "an order without a touch earns nobody anything", steps: []step{
		{do: "conversionRecord", in: order("1", "50.00", "USD", ""), events: unearned,
			want: `{"conversionRecord":{"created":true,"conversion":{"rating":"NO_CREDIT","attribution":{"rule":"NO_TOUCH","affiliate":null},"commissions":[]}}}`},
	}},
	{name: "an unpaid order waits for its payment", steps: []step{
		{click: "$annSlug as c"},
		{do: "conversionRecord", in: order("1", "50.00", "USD", byAnn+`,"status":"PENDING","version":"1"`), events: "conversion.recorded",
			want: `{"conversionRecord":{"created":true,"conversion":{"status":"PENDING","commissions":[]}}}`},
		{do: "conversionRecord", in: order("1", "50.00", "USD", byAnn+`,"status":"PAID","version":"2"`), events: "commission.accrued conversion.accepted", want: earned("false", "50.00", "5.00")},
	}},
	{name: "N14 N06 a statement as of an instant, and what was posted", steps: []step{
		{click: "$annSlug as c"},
		{do: "conversionRecord", in: order("1", "50.00", "USD", byAnn), events: accepted, want: earned("true", "50.00", "5.00")},
		{ask: `{ statement(affiliateId: "$ann", currency: "USD", from: "2020-01-01T00:00:00Z", to: "2040-01-01T00:00:00Z") { locked closing { amount } rows { kind pending { amount } } } }`,
			want: `{"statement":{"locked":false,"closing":{"amount":"5.00"},"rows":[{"kind":"ACCRUAL","pending":{"amount":"5.00"}}]}}`},
		{ask: `{ statement(affiliateId: "$ann", currency: "USD", from: "2020-01-01T00:00:00Z", to: "2040-01-01T00:00:00Z", asOf: "2021-01-01T00:00:00Z") { asOf closing { amount } rows { kind } } }`,
			want: `{"statement":{"asOf":"2021-01-01T00:00:00Z","closing":{"amount":"0.00"},"rows":[]}}`},
		{do: "refundRecord", in: `{"programId":"$program","orderExternalId":"1","externalId":"r1","amount":{"amount":"10.00","currency":"USD"}}`, events: "refund.recorded commission.reversed"},
		{ask: `{ ledgerTransactions(first: 1, orderBy: {field: CREATED_AT, direction: DESC}) { edges { node { kind reverses { kind reversedBy { kind } } entries { account { kind balance { amount } } amount { amount } } } } } }`,
			want: `{"ledgerTransactions":{"edges":[{"node":{"kind":"REVERSAL","reverses":{"kind":"ACCRUAL","reversedBy":[{"kind":"REVERSAL"}]}}}]}}`},
		{ask: `{ trialBalance(currency: "USD") { amount } chartOfAccounts(currency: "USD") { kind debits { amount } credits { amount } balance { amount } } }`, // the stage has a cent of its own
			want: `{"trialBalance":[{"amount":"0.00"}],"chartOfAccounts":[{"kind":"EXPENSE","debits":{"amount":"5.01"},"credits":{"amount":"1.00"},"balance":{"amount":"-4.01"}},{"kind":"PAYABLE","debits":{"amount":"0.00"},"credits":{"amount":"0.01"},"balance":{"amount":"0.01"}},{"kind":"PENDING","debits":{"amount":"1.00"},"credits":{"amount":"5.00"},"balance":{"amount":"4.00"}}]}`},
	}},
	{name: "Q18 yen and dinar are exact", steps: []step{
		{click: "$annSlug as c"},
		{do: "conversionRecord", in: order("jpy", "1235", "JPY", byAnn), events: accepted, want: earned("true", "1235", "124")},       // 123.5 yen, half away from zero
		{do: "conversionRecord", in: order("kwd", "12.345", "KWD", byAnn), events: accepted, want: earned("true", "12.345", "1.235")}, // 1.2345 dinar
		{do: "conversionRecord", in: order("jpy-2", "12.5", "JPY", byAnn), user: []string{"input.total.amount AMOUNT_PRECISION"}},
		{do: "conversionRecord", in: order("kwd-2", "1.2345", "KWD", byAnn), user: []string{"input.total.amount AMOUNT_PRECISION"}},
		{ask: `{ balances(affiliateId: "$ann") { currency pending { amount } payable { amount } } }`,
			want: `{"balances":[{"currency":"JPY","pending":{"amount":"124"},"payable":{"amount":"0"}},{"currency":"KWD","pending":{"amount":"1.235"},"payable":{"amount":"0.000"}}]}`},
		{do: "refundRecord", in: `{"programId":"$program","orderExternalId":"jpy","externalId":"r1","amount":{"amount":"617","currency":"JPY"}}`, events: "refund.recorded commission.reversed",
			want: `{"refundRecord":{"conversion":{"commissions":[{"reversed":{"amount":"62"},"net":{"amount":"62"}}]}}}`}, // 124 × 617 ÷ 1235 = 61.95
	}},
	{name: "Q47 the same order twice", steps: slices.Concat(sale("1"), []step{
		{do: "conversionRecord", in: order("1", "50.00", "USD", `"clickToken":"$annClick"`), want: `{"conversionRecord":{"created":false,"conversion":{"id":"$conversion","commissions":[{"amount":{"amount":"5.00"}}]}}}`},
		{do: "conversionRecord", in: order("1", "50.00", "USD", `"source":"postback"`), want: `{"conversionRecord":{"created":false,"conversion":{"id":"$conversion","sources":["api","postback"],"commissions":[{"amount":{"amount":"5.00"}}]}}}`},
		{ask: `{ conversions(first: 5) { totalCount } commissions(affiliateId: "$ann", first: 5) { totalCount } }`, want: `{"conversions":{"totalCount":1},"commissions":{"totalCount":1}}`},
	})},
	{name: "Q47 an order from the shop and from the API", walk: fromShopAndAPI},
	{name: "Q47 a hundred reports of one order at once", walk: hundredReports},
	{name: "Q73 approval, rejection and adjustment", steps: slices.Concat(sale("1"), sale("2"), []step{
		{ask: `{ conversionByOrder(programId: "$program", externalId: "1") { commissions { status } } none: conversionByOrder(programId: "$program", externalId: "9") { id } }`,
			want: `{"conversionByOrder":{"commissions":[{"status":"PENDING"}]},"none":null}`},
	}), walk: decide},
}

// decide approves one commission and rejects another.
func decide(s *stage) {
	a := s.ask("owner", s.text(`{ commissions(affiliateId: "$ann", first: 2) { edges { node { id } } } }`), "null")
	for i, name := range []string{"first", "second"} {
		edges := dig(a.data, "commissions", "edges").([]any)
		s.withNames(map[string]string{name: dig(edges[i], "node", "id").(string)})
	}
	s.play(
		step{do: "commissionApprove", in: `{"ids":["$first"]}`, get: "commissions { id status }", want: `{"commissionApprove":{"commissions":[{"id":"$first","status":"APPROVED"}]}}`, events: "commission.approved"},
		step{do: "commissionReject", in: `{"id":"$first","reason":"late"}`, get: "commission { id }", user: []string{"input.id WRONG_STATE"}},
		step{do: "commissionReject", in: `{"id":"$second","reason":""}`, get: "commission { id }", user: []string{"input.reason INVALID"}},
		step{do: "commissionReject", in: `{"id":"$second","reason":"late"}`, get: "commission { status reason }", want: `{"commissionReject":{"commission":{"status":"REJECTED","reason":"late"}}}`, events: "commission.rejected"},
		step{do: "commissionApprove", in: `{"ids":["$second"]}`, get: "commissions { id }", user: []string{"input.ids.0 WRONG_STATE"}},
		step{do: "commissionAdjust", in: `{"affiliateId":"$ann","programId":"$program","amount":{"amount":"-1.25","currency":"USD"},"reason":"mistake"}`, want: `{"commissionAdjust":{"commission":{"net":{"amount":"-1.25"}}}}`, events: "commission.adjusted"},
		step{as: "ann", ask: `{ balances { pending { amount } payable { amount } } }`, want: `{"balances":[{"pending":{"amount":"0.00"},"payable":{"amount":"3.75"}}]}`}, // 5.00 − 1.25
	)
}

var creditStories = []scenario{
	{name: "Q46 nobody earns on an own purchase", steps: []step{
		{click: "$annSlug as c"},
		{do: "conversionRecord", in: order("1", "50.00", "USD", byAnn+`,"customer":{"email":"Ann.Lee+shop@$mail"}`), events: unearned, want: selfReferred},
		{do: "conversionRecord", in: order("2", "50.00", "USD", byAnn+`,"customer":{"email":"annlee@$mail"}`), events: unearned, want: selfReferred},
		{do: "conversionRecord", in: order("3", "50.00", "USD", byAnn+`,"customer":{"email":"other@$mail"}`), events: accepted, want: earned("true", "50.00", "5.00")},
	}},
	{name: "Q62 nor on the recruiter's purchase", steps: []step{
		{do: "affiliateUpdate", in: `{"id":"$ann","parentId":"$bob"}`, get: "affiliate { parentID }", want: `{"affiliateUpdate":{"affiliate":{"parentID":"$bob"}}}`, events: "affiliate.updated"},
		{do: "affiliateUpdate", in: `{"id":"$bob","parentId":"$ann"}`, get: "affiliate { id }", user: []string{"input.parentId INVALID"}},
		{click: "$annSlug as c"},
		{do: "conversionRecord", in: order("1", "50.00", "USD", byAnn+`,"customer":{"email":"BOB.LEE@$mail"}`), events: unearned, want: selfReferred},
	}},
	{name: "Q45 a suspended affiliate's link leads to the fallback and earns nothing", walk: suspended},
	{name: "an archived link leads to the fallback", steps: []step{
		{do: "linkArchive", in: `{"id":"$annLink"}`, get: "link { status }", want: `{"linkArchive":{"link":{"status":"ARCHIVED"}}}`, events: "link.archived"},
	}, walk: func(s *stage) { s.fallsBack("annSlug", "LINK_ARCHIVED") }},
	{name: "Q42 the last click decides", steps: []step{
		{click: "$annSlug as first"},
		{click: "$bobSlug as c"},
		{do: "conversionRecord", in: order("1", "50.00", "USD", byAnn), events: accepted, want: `{"conversionRecord":{"conversion":{"attribution":{"affiliate":{"id":"$bob"}},"commissions":[{"affiliateID":"$bob"}]}}}`},
	}},
	{name: "D17 N10 N17 two affiliates share a sale, and both give back to nothing", steps: shared},
	{name: "D21 D22 E10 N10 a person moves the credit for a sale, and back", steps: slices.Concat(sale("1"), moved), walk: compares},
	{name: "D21 who may not move credit, and what cannot be moved", steps: slices.Concat(sale("1"), unmoved)},
	{name: "D17 rules on credit are refused field by field", steps: refusals("attributionPolicyActivate",
		[2]string{`{"programId":"$program","windowDays":30,"model":"POSITION","position":{"first":60,"last":41}}`, "input.position INVALID"},
		[2]string{`{"programId":"$program","windowDays":30,"model":"TIME_DECAY"}`, "input.halfLifeHours INVALID"},
		[2]string{`{"programId":"$program","windowDays":30,"model":"LINEAR","onSuspended":"NONE"}`, "input.onSuspended INVALID"},
		[2]string{`{"programId":"$program","windowDays":30,"affiliateWindows":[{"affiliateId":"$ann","windowDays":1},{"affiliateId":"$bob","windowDays":401}]}`, "input.affiliateWindows.1.windowDays INVALID"},
		[2]string{`{"programId":"$program","windowDays":30,"precedence":["BINDING"],"lifetime":{"binds":"UNTIL_EXPIRY"}}`, "input.precedence INVALID, input.lifetime.days INVALID"},
	)},
	{name: "Q51 a token that was altered earns nothing", walk: forgedToken},
	{name: "a link that is gone, and one that never was", walk: func(s *stage) {
		for _, slug := range []string{"never-was-" + s.names["mail"][1:2], "x", "UPPER", "a/b", "%00", "..%2f"} {
			if o := s.open(slug); o.status != 404 || o.token != "" || o.header.Get("Location") != "" || o.header.Get("Set-Cookie") != "" {
				s.Errorf("%q answered %d %v", slug, o.status, o.header)
			}
		}
	}},
	{name: "Q54 a visitor who says no gets neither cookie nor token", walk: private},
}

const selfReferred = `{"conversionRecord":{"created":true,"conversion":{"rating":"NO_CREDIT","attribution":{"rule":"NO_ELIGIBLE_TOUCH","affiliate":null,"touches":[{"won":false,"excluded":"SELF_REFERRAL"}]},"commissions":[]}}}`

var refundStories = []scenario{
	{name: "Q03 refunds take commission back in proportion, to the cent", steps: slices.Concat(sale("1"), []step{
		{do: "refundRecord", in: refund("r1", "16.67"), events: "refund.recorded commission.reversed", want: refunded("16.67", "1.67", "3.33")}, // 5.00 × 16.67 ÷ 50 = 1.667
		{do: "refundRecord", in: refund("r1", "16.67"), want: refunded("16.67", "1.67", "3.33")},                                                // Q05: the same again
		{do: "refundRecord", in: refund("r2", "33.34"), user: []string{"input.amount REFUND_EXCEEDS_ORDER"}},                                    // 33.33 are left
		{do: "refundRecord", in: refund("r2", "33.33"), events: "refund.recorded commission.reversed", want: refunded("50.00", "5.00", "0.00")},
		{do: "refundRecord", in: refund("r3", "0.01"), user: []string{"input.amount REFUND_EXCEEDS_ORDER"}},
		{do: "refundRecord", in: refund("r3", "-0.01"), user: []string{"input.amount AMOUNT_RANGE"}},
	})},
	{name: "E06 E07 Q13 a chargeback is not a refund, and what is won stands again", steps: slices.Concat(sale("1"), chargedBack)},
	{name: "Q02 the merchant bears what is given back after a payout, by its terms", steps: borne, walk: bears},
	{name: "a cancelled order earns nothing", steps: slices.Concat(sale("1"), []step{
		{do: "conversionCancel", in: `{"programId":"$program","externalId":"1"}`, events: "conversion.cancelled commission.reversed",
			want: `{"conversionCancel":{"conversion":{"status":"CANCELLED","commissions":[{"net":{"amount":"0.00"}}]}}}`},
		{do: "conversionCancel", in: `{"programId":"$program","externalId":"1"}`, want: `{"conversionCancel":{"conversion":{"status":"CANCELLED"}}}`},
		{do: "conversionCancel", in: `{"programId":"$program","externalId":"2"}`, user: []string{"input.externalId NOT_FOUND"}},
	})},
}

func refund(externalID, amount string) string {
	return `{"programId":"$program","orderExternalId":"1","externalId":"` + externalID + `","amount":{"amount":"` + amount + `","currency":"USD"}}`
}

func refunded(base, reversed, net string) string {
	return `{"refundRecord":{"conversion":{"refunded":{"amount":"` + base + `"},"commissions":[{"amount":{"amount":"5.00"},"reversed":{"amount":"` + reversed + `"},"net":{"amount":"` + net + `"}}]}}}`
}

const chargeFields = "refund { kind reasonCode amount { amount } fee { amount } } conversion { status refunded { amount } commissions { status net { amount } } }"

func chargeback(id, more string) string {
	return `{"programId":"$program","orderExternalId":"1","externalId":"` + id + `"` + more + `}`
}

// chargedBack is what banks do to the sale of fifty dollars, of which five are ann's.
var chargedBack = []step{
	{do: "refundRecord", in: `{"programId":"$program","orderExternalId":"1","externalId":"r1","amount":{"amount":"10.00","currency":"USD"},"reasonCode":"DEFECTIVE"}`, get: "refund { kind reasonCode }", events: "refund.recorded commission.reversed",
		want: `{"refundRecord":{"refund":{"kind":"REFUND","reasonCode":"DEFECTIVE"}}}`},
	{do: "chargebackOpen", in: chargeback("cb1", `,"reasonCode":"FRAUD","fee":{"amount":"15.00","currency":"USD"}`), get: chargeFields, events: "chargeback.opened commission.reversed",
		want: `{"chargebackOpen":{"refund":{"kind":"CHARGEBACK","reasonCode":"FRAUD","amount":{"amount":"40.00"},"fee":{"amount":"15.00"}},"conversion":{"status":"CHARGED_BACK","refunded":{"amount":"50.00"},"commissions":[{"status":"REVERSED","net":{"amount":"0.00"}}]}}}`},
	{do: "chargebackOpen", in: chargeback("cb1", `,"reasonCode":"FRAUD","fee":{"amount":"15.00","currency":"USD"}`), get: chargeFields, want: `{"chargebackOpen":{"conversion":{"refunded":{"amount":"50.00"}}}}`}, // the same again
	{do: "refundRecord", in: refund("cb1", "1.00"), get: "refund { id }", user: []string{"input.externalId CONFLICT"}},
	{do: "chargebackEnd", in: chargeback("cb1", `,"won":true`), get: chargeFields, events: "chargeback.won commission.reversed",
		want: `{"chargebackEnd":{"refund":{"kind":"CHARGEBACK_WON","reasonCode":"FRAUD","amount":{"amount":"-40.00"}},"conversion":{"status":"PARTIALLY_REFUNDED","refunded":{"amount":"10.00"},"commissions":[{"status":"PENDING","net":{"amount":"4.00"}}]}}}`},
	{do: "chargebackEnd", in: chargeback("cb1", `,"won":true`), get: "conversion { status }", want: `{"chargebackEnd":{"conversion":{"status":"PARTIALLY_REFUNDED"}}}`},
	{do: "chargebackEnd", in: chargeback("cb1", `,"won":false`), get: "conversion { status }", user: []string{"input.externalId WRONG_STATE"}},
	{do: "chargebackEnd", in: chargeback("r1", `,"won":true`), get: "conversion { status }", user: []string{"input.externalId NOT_FOUND"}}, // a refund is none
	{do: "chargebackOpen", in: chargeback("cb2", `,"amount":{"amount":"40.01","currency":"USD"}`), get: "refund { id }", user: []string{"input.amount REFUND_EXCEEDS_ORDER"}},
	{do: "chargebackOpen", in: chargeback("cb2", `,"feeOnAffiliates":true`), get: "refund { id }", user: []string{"input.feeOnAffiliates INVALID"}},
	{do: "chargebackOpen", in: chargeback("cb2", `,"amount":{"amount":"20.00","currency":"USD"},"fee":{"amount":"3.00","currency":"USD"},"feeOnAffiliates":true`), get: chargeFields, events: "chargeback.opened commission.reversed commission.adjusted",
		want: `{"chargebackOpen":{"conversion":{"status":"PARTIALLY_REFUNDED","commissions":[{"net":{"amount":"2.00"}}]}}}`},
	{do: "chargebackEnd", in: chargeback("cb2", `,"won":false`), get: "conversion { refunded { amount } }", events: "chargeback.lost", want: `{"chargebackEnd":{"conversion":{"refunded":{"amount":"30.00"}}}}`},
	{as: "ann", ask: `{ balances { pending { amount } payable { amount } } }`, want: `{"balances":[{"pending":{"amount":"2.00"},"payable":{"amount":"-3.00"}}]}`},
	{as: "ann", do: "chargebackOpen", in: chargeback("cb3", ""), get: "refund { id }", code: "FORBIDDEN"},
}

// borne are terms by which the merchant bears what is given back of what was paid out.
var borne = slices.Concat([]step{
	{do: "commissionPlanCreate", in: `{"programId":"$program","name":"Kind"}`, get: "plan { id }", save: []string{"kind=plan.id"}},
	{do: "commissionPlanActivate", in: `{"planId":"$kind","rules":[{"level":"PROGRAM","kind":"PERCENT","percent":"10"}],"recovery":{"kind":"RECOVER_WITHIN"}}`, get: "plan { id }", user: []string{"input.recovery.days INVALID"}},
	{do: "commissionPlanActivate", in: `{"planId":"$kind","rules":[{"level":"PROGRAM","kind":"PERCENT","percent":"10"}],"recovery":{"kind":"ABSORB"}}`, get: "version { recovery recoveryDays }", events: "plan.activated",
		want: `{"commissionPlanActivate":{"version":{"recovery":"ABSORB","recoveryDays":0}}}`},
}, sale("1"))

// bears pays the sale out and gives it back.
func bears(s *stage) {
	a := s.ask("owner", s.text(`{ commissions(affiliateId: "$ann", first: 1) { edges { node { id } } } }`), "null")
	s.withNames(map[string]string{"first": dig(dig(a.data, "commissions", "edges").([]any)[0], "node", "id").(string)})
	s.play(
		step{do: "commissionApprove", in: `{"ids":["$first"]}`, get: "commissions { id }", events: "commission.approved"},
		step{do: "payoutMethodSet", in: `{"affiliateId":"$ann","rail":"MANUAL","details":{"email":"pay@$mail"}}`, get: "method { id }", events: "payout.method_set"},
		step{do: "payoutBatchCreate", in: `{"batchKey":"one","currency":"USD"}`, get: "batch { id }", events: "payout.batch_created payout.reserved payout.reserved"},
		step{do: "refundRecord", in: refund("r1", "50.00"), get: "conversion { commissions { status absorbed { amount } reversed { amount } } }", events: "refund.recorded commission.absorbed",
			want: `{"refundRecord":{"conversion":{"commissions":[{"status":"APPROVED","absorbed":{"amount":"5.00"},"reversed":{"amount":"0.00"}}]}}}`},
	)
}
