package server_test

// Terms as they are looked at, put into force and changed.
var termStories = []scenario{
	{name: "N31 terms are looked at before anybody earns by them", steps: lookedAt},
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
