package server_test

// Terms as they are looked at, put into force and changed.
var termStories = []scenario{
	{name: "N31 terms are looked at before anybody earns by them", steps: lookedAt},
	{name: "N32 new terms leave earlier clicks under earlier ones", steps: graceful},
	{name: "Q38 an exclusive code before a click, and a click before it", steps: exclusives},
}

const (
	hiddenRule   = `{"planId":"$plan","marginPercent":"8","rules":[{"level":"PROGRAM","kind":"PERCENT","percent":"5"},{"level":"PROGRAM","kind":"PERCENT","percent":"10","when":{"productIds":["shoes"]}}],"precedence":"FIRST_MATCH"`
	findingAsked = `findings { severity code rules caps text example { kind lines { amount { amount currency } productId } pays { amount } paidBy instead { amount } } }`
	hiddenFound  = `[{"severity":"ERROR","code":"RULE_UNREACHABLE","rules":[1,0],"caps":[],"text":"No order reaches rule 2: every one that it is for goes to rule 1.",` +
		`"example":{"kind":"SALE","lines":[{"amount":{"amount":"100.00","currency":"USD"},"productId":"shoes"}],"pays":{"amount":"5.00"},"paidBy":[0],"instead":{"amount":"10.00"}}}]`
)

var lookedAt = []step{
	{ask: `{ planLint(input: {planId: "$plan", precedence: FIRST_MATCH, rules: [{level: PROGRAM, kind: PERCENT, percent: "5"}, {level: PROGRAM, kind: PERCENT, percent: "10", when: {productIds: ["shoes"]}}]}) { complete userErrors { code } ` + findingAsked + ` } }`,
		want: `{"planLint":{"complete":true,"userErrors":[],"findings":` + hiddenFound + `}}`},
	{ask: `{ planLint(input: {planId: "$plan", marginPercent: "101", rules: [{level: PROGRAM, kind: PERCENT, percent: "5"}]}) { findings { code } userErrors { field code } } }`,
		want: `{"planLint":{"findings":[]}}`, user: []string{"input.marginPercent INVALID"}},
	{ask: `{ planLint(input: {planId: "$plan", marginPercent: "4.5", rules: [{level: PROGRAM, kind: PERCENT, percent: "5"}]}) { findings { severity code example { pays { amount } instead { amount } } } } }`,
		want: `{"planLint":{"findings":[{"severity":"ERROR","code":"PAYS_ABOVE_MARGIN","example":{"pays":{"amount":"5.00"},"instead":{"amount":"4.50"}}}]}}`},
	{do: "commissionPlanActivate", in: hiddenRule + `}`, get: "version { id }", user: []string{"input.rules.1 INVALID"}},
	{do: "commissionPlanActivate", in: hiddenRule + `,"acceptFindings":["RULE_TWICE"]}`, get: "version { id }", user: []string{"input.rules.1 INVALID"}},
	{do: "commissionPlanActivate", in: hiddenRule + `,"acceptFindings":["RULE_UNREACHABLE"]}`, get: "version { number " + findingAsked + " } " + findingAsked, events: "plan.activated",
		want: `{"commissionPlanActivate":{"version":{"number":2,"findings":` + hiddenFound + `},"findings":` + hiddenFound + `}}`},
	{as: "ann", ask: `{ planLint(input: {planId: "$plan", rules: [{level: PROGRAM, kind: PERCENT, percent: "5"}]}) { complete } }`, code: "FORBIDDEN"},
	{as: "analyst", ask: `{ planLint(input: {planId: "$plan", rules: [{level: PROGRAM, kind: PERCENT, percent: "5"}]}) { complete } }`, code: "FORBIDDEN"},
	{ask: `{ planLint(input: {planId: "$foreignPlan", rules: [{level: PROGRAM, kind: PERCENT, percent: "5"}]}) { userErrors { field code } } }`,
		user: []string{"input.planId NOT_FOUND"}},
}

// graceful are terms that change between a click and its sale.
var graceful = []step{
	{click: "$annSlug as annClick"},
	{do: "commissionPlanActivate", in: `{"planId":"$plan","rules":[{"level":"PROGRAM","kind":"PERCENT","percent":"5"}],"earlierClicks":{"kind":"EARLIER_TERMS"}}`, get: "plan { id }", user: []string{"input.earlierClicks.graceDays INVALID"}},
	{do: "commissionPlanActivate", in: `{"planId":"$plan","rules":[{"level":"PROGRAM","kind":"PERCENT","percent":"5"}],"earlierClicks":{"kind":"EARLIER_TERMS","graceDays":401}}`, get: "plan { id }", user: []string{"input.earlierClicks.graceDays INVALID"}},
	{do: "commissionPlanActivate", in: `{"planId":"$plan","rules":[{"level":"PROGRAM","kind":"PERCENT","percent":"5"}],"earlierClicks":{"kind":"EARLIER_TERMS","graceDays":7}}`, get: "version { graceDays }", events: "plan.activated",
		want: `{"commissionPlanActivate":{"version":{"graceDays":7}}}`},
	{do: "conversionRecord", in: order("g1", "50.00", "USD", `"clickToken":"$annClick"`), get: "conversion { commissions { amount { amount } explanation { steps { name } } } }", events: accepted,
		want: `{"conversionRecord":{"conversion":{"commissions":[{"amount":{"amount":"5.00"},"explanation":{"steps":[{"name":"TERMS"},{"name":"BASE"},{"name":"RULE"},{"name":"RATE"},{"name":"TOTAL"}]}}]}}}`},
}

// exclusives is bob's exclusive code on sales by ann's click, both ways.
var exclusives = []step{
	{do: "couponCreate", in: `{"programId":"$program","affiliateId":"$bob","code":"BOBONLY","exclusive":true}`, get: "coupon { exclusive }", want: `{"couponCreate":{"coupon":{"exclusive":true}}}`, events: "coupon.created"},
	{do: "attributionPolicyActivate", in: `{"programId":"$program","windowDays":30,"precedence":["EXCLUSIVE_COUPON","EXCLUSIVE_COUPON"]}`, get: "policy { id }", user: []string{"input.precedence INVALID"}},
	{do: "attributionPolicyActivate", in: `{"programId":"$program","windowDays":30,"coupons":"SPLIT","onSuspended":"NONE"}`, get: "policy { id }", user: []string{"input.onSuspended INVALID"}},
	{do: "attributionPolicyActivate", in: `{"programId":"$program","windowDays":30,"precedence":["EXCLUSIVE_COUPON","CLICK","COUPON"],"coupons":"HIGHEST_PRECEDENCE"}`, get: "policy { precedence coupons }", events: "policy.activated",
		want: `{"attributionPolicyActivate":{"policy":{"precedence":["EXCLUSIVE_COUPON","CLICK","COUPON"],"coupons":"HIGHEST_PRECEDENCE"}}}`},
	{click: "$annSlug as annClick"},
	{do: "conversionRecord", in: order("x1", "50.00", "USD", `"clickToken":"$annClick","couponCodes":["ann10","bobonly"]`), get: "conversion { attribution { rule kind affiliate { id } touches { kind excluded } } }", events: accepted,
		want: `{"conversionRecord":{"conversion":{"attribution":{"rule":"EXCLUSIVE_COUPON","kind":"EXCLUSIVE_COUPON","affiliate":{"id":"$bob"}}}}}`},
	{do: "attributionPolicyActivate", in: `{"programId":"$program","windowDays":30,"precedence":["CLICK","EXCLUSIVE_COUPON","COUPON"]}`, get: "policy { coupons }", events: "policy.activated", want: `{"attributionPolicyActivate":{"policy":{"coupons":"FIRST"}}}`},
	{do: "conversionRecord", in: order("x2", "50.00", "USD", `"clickToken":"$annClick","couponCodes":["bobonly"]`), get: "conversion { attribution { rule affiliate { id } } }", events: accepted,
		want: `{"conversionRecord":{"conversion":{"attribution":{"rule":"LAST_CLICK","affiliate":{"id":"$ann"}}}}}`},
}
