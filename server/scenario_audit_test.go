package server_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/tributary/tributary/connect/hubspot/hubspottest"
	"github.com/tributary/tributary/connect/shopify/shoptest"
	"github.com/tributary/tributary/graph"
)

// deed is a mutation that succeeds on the stage as the deeds before it left it.
type deed struct {
	do, as, in, get string
	save            []string
	at              string // whose merchant the row belongs to; the owner's when empty
	before          func(*stage)
}

// deeds have an entry for each mutation of the schema: the walk fails on one that
// has none.
var deeds = []deed{
	{do: "signUp", as: "nobody", in: `{"email":"second@$mail","password":"` + password + `","merchantName":"Second","currency":"USD"}`, get: "accessToken", save: []string{"second=accessToken"}, at: "second"},
	{do: "logIn", as: "nobody", in: `{"email":"owner@$mail","password":"` + password + `"}`, get: "refreshToken", save: []string{"refresh=refreshToken"}},
	{do: "sessionRefresh", as: "nobody", in: `{"refreshToken":"$refresh"}`, get: "accessToken"},
	{do: "sessionSwitch", as: "owner", in: `{"merchantId":"$twin"}`, get: "accessToken", at: "twinOwner"},
	{do: "clockAdvance", as: "twinOwner", in: `{"bySeconds":60}`, get: "now", at: "twinOwner"},
	{do: "memberAdd", in: `{"email":"clerk@$mail","role":"ANALYST","password":"` + password + `"}`, get: "membership { id }", save: []string{"clerk=membership.id"}},
	{do: "memberRoleChange", in: `{"id":"$clerk","role":"MANAGER"}`, get: "membership { id }"},
	{do: "memberEnd", in: `{"id":"$clerk"}`, get: "membership { id }"},
	{do: "emailVerify", as: "nobody", in: `{"code":"$proof"}`, get: "verified", before: func(s *stage) { s.mailed("proof", "owner@$mail", "Confirm your e-mail address") }},
	{do: "emailVerificationSend", as: "finance", get: "sent"},
	{do: "secondFactorBegin", as: "finance", in: `{"password":"` + password + `"}`, get: "secret", save: []string{"secret=secret"}, before: func(s *stage) {
		s.eventually("the letter whose code works", func() bool { // the first may be there and be replaced
			s.mailed("financeProof", "finance@$mail", "Confirm your e-mail address")
			a := s.ask("nobody", s.text(`mutation { emailVerify(input: {code: "$financeProof"}) { verified } }`), "null")
			return dig(a.data, "emailVerify", "verified") == true
		})
	}},
	{do: "secondFactorConfirm", as: "finance", in: `{"code":"$code"}`, get: "recoveryCodes", before: codeAhead(-30)},
	{do: "logInSecondFactor", as: "nobody", in: `{"challenge":"$challenge","code":"$code"}`, get: "accessToken", before: func(s *stage) {
		s.set("nobody", "logIn", `{"email":"finance@$mail","password":"`+password+`"}`, "challenge", "challenge=challenge")
		codeAhead(0)(s)
	}},
	{do: "secondFactorRemove", as: "finance", in: `{"password":"` + password + `","code":"$code"}`, get: "removed", before: codeAhead(30)},
	{do: "sessionEnd", as: "finance", in: `{"id":"$newest"}`, get: "ended", before: (*stage).nameNewest},
	{do: "passwordChange", as: "finance", in: `{"current":"` + password + `","password":"` + password + ` 2"}`, get: "changed"},
	{do: "logOutEverywhere", as: "finance", get: "ended"},
	{do: "passwordResetRequest", as: "nobody", in: `{"email":"finance@$mail"}`, get: "accepted"},
	{do: "passwordReset", as: "nobody", in: `{"code":"$reset","password":"` + password + `"}`, get: "reset", before: func(s *stage) { s.mailed("reset", "finance@$mail", "Set a new password") }},
	{do: "logOut", as: "analyst", get: "ended"},
	{do: "apiTokenCreate", in: `{"name":"t","kind":"SECRET","scopes":["LINK_READ"]}`, get: "apiToken { id }", save: []string{"spare=apiToken.id"}},
	{do: "apiTokenUpdate", in: `{"id":"$spare","name":"u","addresses":["192.0.2.0/24"]}`, get: "apiToken { id }"},
	{do: "apiTokenRotate", in: `{"id":"$spare"}`, get: "apiToken { id }"},
	{do: "apiTokenRevoke", in: `{"id":"$spare"}`, get: "apiToken { id }"},
	{do: "operationRegister", in: `{"document":"query Mine { viewer { id } }"}`, get: "operation { id }", save: []string{"mine=operation.id"}},
	{do: "operationRetire", in: `{"id":"$mine"}`, get: "operation { id }"},
	{do: "merchantUpdate", in: `{"name":"Acme and Sons"}`, get: "merchant { id }"},
	{do: "brandSet", in: `{"accent":"#0b7a6b"}`, get: "brand { accent }"},
	{do: "programCreate", in: `{"name":"Second","currency":"USD","fallbackUrl":"https://shop.example/closed"}`, get: "program { id }", save: []string{"other=program.id"}},
	{do: "programUpdate", in: `{"id":"$other","name":"Other"}`, get: "program { id }"},
	{do: "hostAdd", in: `{"programId":"$other","name":"other.example"}`, get: "host { id }", save: []string{"otherHost=host.id"}},
	{do: "hostRemove", in: `{"id":"$otherHost"}`, get: "host { id }"},
	{do: "attributionPolicyActivate", in: `{"programId":"$other","windowDays":7}`, get: "policy { id }"},
	{do: "commissionPlanCreate", in: `{"programId":"$other","name":"Terms"}`, get: "plan { id }", save: []string{"otherPlan=plan.id"}},
	{do: "commissionPlanActivate", in: `{"planId":"$otherPlan","rules":[{"level":"PROGRAM","kind":"PERCENT","percent":"5"}]}`, get: "plan { id }"},
	{do: "affiliateGroupCreate", in: `{"name":"Gold"}`, get: "affiliateGroup { id }", save: []string{"gold=affiliateGroup.id"}},
	{do: "affiliateGroupUpdate", in: `{"id":"$gold","name":"Silver"}`, get: "affiliateGroup { id }"},
	{do: "affiliateApply", as: "key", in: `{"programId":"$program","name":"Cid","email":"cid@$mail"}`, get: "claimToken", save: []string{"cidClaim=claimToken"}},
	{do: "affiliateClaim", as: "nobody", in: `{"claimToken":"$cidClaim","password":"` + password + `"}`, get: "accessToken"},
	{do: "affiliateReject", in: `{"id":"$cid","reason":"no"}`, get: "affiliate { id }"},
	{do: "affiliateReinstate", in: `{"id":"$cid","reason":"yes"}`, get: "affiliate { id }"},
	{do: "affiliateApprove", in: `{"id":"$cid"}`, get: "affiliate { id }"},
	{do: "affiliateSuspend", in: `{"id":"$cid","reason":"wait"}`, get: "affiliate { id }"},
	{do: "affiliateArchive", in: `{"id":"$cid","reason":"gone"}`, get: "affiliate { id }"},
	{do: "affiliateCreate", in: `{"name":"Dan","email":"dan@$mail","programIds":["$program"]}`, get: "affiliate { id }", save: []string{"dan=affiliate.id"}},
	{do: "affiliateUpdate", in: `{"id":"$dan","groupId":"$gold","name":"Daniel"}`, get: "affiliate { id }"},
	{do: "affiliateClaimReissue", in: `{"id":"$dan"}`, get: "claimToken"},
	{do: "enrollmentCreate", in: `{"programId":"$other","affiliateId":"$dan"}`, get: "enrollment { id }", save: []string{"place=enrollment.id"}},
	{do: "enrollmentEnd", in: `{"id":"$place"}`, get: "enrollment { id }"},
	{do: "linkCreate", in: `{"programId":"$program","affiliateId":"$dan","destination":"https://shop.example/"}`, get: "link { id }", save: []string{"danLink=link.id"}},
	{do: "linkUpdate", in: `{"id":"$danLink","destination":"https://shop.example/new"}`, get: "link { id }"},
	{do: "linkArchive", in: `{"id":"$danLink"}`, get: "link { id }"},
	{do: "couponCreate", in: `{"programId":"$program","affiliateId":"$dan","code":"DAN10"}`, get: "coupon { id }", save: []string{"danCoupon=coupon.id"}},
	{do: "couponArchive", in: `{"id":"$danCoupon"}`, get: "coupon { id }"},
	{do: "integrationCreate", in: `{"programId":"$program","provider":"SHOPIFY","name":"Shop","secret":"hush"}`, get: "integration { id }", save: []string{"shop=integration.id"}},
	{do: "integrationRotateSecret", in: `{"id":"$shop","secret":"hush-hush"}`, get: "integration { id }"},
	{do: "integrationDisable", in: `{"id":"$shop"}`, get: "integration { id }"},
	{do: "integrationConnect", in: `{"programId":"$program","provider":"SHOPIFY","name":"Shoes","account":"shoes"}`, get: "integration { id }", save: []string{"shoes=integration.id"}},
	{do: "integrationAuthorize", in: `{"id":"$shoes","clientId":"` + shoptest.ClientID + `","clientSecret":"` + shoptest.ClientSecret + `","redirectUrl":"https://app.example/back"}`, get: "authorizationUrl", save: []string{"authorize=authorizationUrl"}},
	{do: "integrationAuthorized", in: `{"query":"$brought"}`, get: "integration { status access missingScopes }", before: (*stage).agree},
	{do: "webhookReceiptReplay", in: `{"integrationId":"$shoes","from":"2020-01-01T00:00:00Z","to":"2030-01-01T00:00:00Z"}`, get: "count more"},
	{do: "integrationTest", in: `{"id":"$shoes"}`, get: "label reachable integration { scopes problem }"},
	{do: "integrationSetKeys", in: `{"id":"$shoes","keys":[{"name":"accessToken","value":"` + shoptest.AccessToken + `"}]}`, get: "integration { access }", before: (*stage).lastDay},
	{do: "integrationReconcile", in: `{"id":"$shoes","from":"$dayAgo","to":"$justNow"}`, get: "reconciliation { id }"},
	{do: "integrationDisconnect", in: `{"id":"$shoes"}`, get: "integration { status }"},
	{do: "integrationConnect", in: `{"programId":"$program","provider":"HUBSPOT","name":"CRM","account":"12345678","keys":[{"name":"accessToken","value":"` + hubspottest.AccessToken + `"}]}`, get: "integration { id }", save: []string{"crm=integration.id"}},
	{do: "fieldMapSet", in: `{"id":"$crm","kind":"CUSTOMER","fields":[{"source":"customer.referred_customer_id","target":"lead_source"}]}`, get: "fieldMap { number fields { source target default required transforms { do text places } } }"},
	{do: "integrationSync", in: `{"id":"$crm","all":true}`, get: "count after integration { id }"},
	{do: "syncDeadLetterReplay", in: `{"integrationId":"$crm","kind":"AFFILIATE","recordId":"$ann"}`, get: "done"},
	{do: "syncDeadLetterDismiss", in: `{"integrationId":"$crm","kind":"AFFILIATE","recordId":"$ann","reason":"known"}`, get: "done"},
	{do: "webhookEndpointCreate", in: `{"url":"https://hooks.example/x","types":["dispute.opened"]}`, get: "endpoint { id }", save: []string{"hook=endpoint.id"}},
	{do: "webhookEndpointUpdate", in: `{"id":"$hook","name":"Mine"}`, get: "endpoint { id }"},
	{do: "webhookEndpointSecretRotate", in: `{"id":"$hook"}`, get: "endpoint { id }"},
	{do: "webhookEndpointTest", in: `{"id":"$hook"}`, get: "delivery { id }", save: []string{"delivery=delivery.id"}},
	{do: "webhookRedeliver", in: `{"deliveryId":"$delivery"}`, get: "endpoint { id }"},
	{do: "webhookEndpointDelete", in: `{"id":"$hook"}`, get: "endpoint { id }"},
	{do: "conversionRecord", in: order("1", "50.00", "USD", `"couponCodes":["ANN10"],"customer":{"externalId":"c-1"}`), get: "conversion { id customer { id } }", save: []string{"sold=conversion.id", "buyer=conversion.customer.id"}},
	{do: "customerSet", in: `{"id":"$buyer","segment":"vip","lifecycleStage":"customer"}`, get: "customerId"},
	{do: "chargebackOpen", in: `{"programId":"$program","orderExternalId":"1","externalId":"cb1","amount":{"amount":"1.00","currency":"USD"}}`, get: "refund { id }"},
	{do: "chargebackEnd", in: `{"programId":"$program","orderExternalId":"1","externalId":"cb1","won":false}`, get: "refund { id }"},
	{do: "conversionReattribute", in: `{"conversionId":"$sold","affiliateId":"$bob","reason":"asked"}`, get: "conversion { id }"},
	{do: "commissionApprove", in: `{"ids":["$pending1"]}`, get: "commissions { id }"},
	{do: "commissionReject", in: `{"id":"$pending2","reason":"late"}`, get: "commission { id }"}, // before a simulation is applied, which a task does in its own time
	{do: "planSimulate", in: `{"programId":"$program","terms":{"planId":"$plan","rules":[{"level":"PROGRAM","kind":"PERCENT","percent":"20"}]},"from":"2020-01-01T00:00:00Z","until":"2030-01-01T00:00:00Z"}`, get: "simulation { id }", save: []string{"simulation=simulation.id"}},
	{do: "exportCreate", in: `{"format":"CSV","query":"{ links { edges { node { id } } } }"}`, get: "export { id }"},
	{do: "simulationApply", in: `{"simulationId":"$simulation","reason":"agreed"}`, get: "simulation { id }", before: (*stage).waitSimulated},
	{do: "refundRecord", in: refund("r1", "10.00"), get: "refund { id }"},
	{do: "disputeOpen", in: `{"programId":"$program","affiliateId":"$ann","conversionId":"$sold","evidence":"mine"}`, get: "dispute { id }", save: []string{"claim=dispute.id"}},
	{do: "disputeComment", in: `{"id":"$claim","text":"we look"}`, get: "dispute { id }"},
	{do: "disputeDecline", in: `{"id":"$claim","reason":"his"}`, get: "dispute { id }"},
	{do: "disputeOpen", in: `{"programId":"$program","affiliateId":"$ann","conversionId":"$sold","evidence":"mine"}`, get: "dispute { id }", save: []string{"claim=dispute.id"}},
	{do: "disputeWithdraw", in: `{"id":"$claim"}`, get: "dispute { id }"},
	{do: "disputeOpen", in: `{"programId":"$program","affiliateId":"$ann","conversionId":"$sold","evidence":"mine"}`, get: "dispute { id }", save: []string{"claim=dispute.id"}},
	{do: "disputeAccept", in: `{"id":"$claim","reason":"hers","effect":"REATTRIBUTE"}`, get: "dispute { id }"},
	{do: "conversionCancel", in: `{"programId":"$program","externalId":"1"}`, get: "conversion { id }"},
	{do: "commissionAdjust", in: `{"affiliateId":"$ann","programId":"$program","amount":{"amount":"20.00","currency":"USD"},"reason":"bonus"}`, get: "commission { id }", save: []string{"gift=commission.id"}},
	{do: "commissionAdjustReverse", in: `{"id":"$gift","reason":"a mistake"}`, get: "commission { id }"},
	{do: "commissionAdjust", in: `{"affiliateId":"$ann","programId":"$program","amount":{"amount":"20.00","currency":"USD"},"reason":"bonus","reasonCode":"BONUS"}`, get: "commission { id }"},
	{do: "ledgerLock", in: `{"until":"2026-01-01T00:00:00Z","reason":"the year is closed"}`, get: "lock { id }"},
	{do: "payoutMethodSet", in: `{"affiliateId":"$ann","rail":"CSV","details":{"iban":"DE89370400440532013000","holder":"Ann"}}`, get: "method { id }"},
	{do: "payoutBatchCreate", in: `{"batchKey":"one","currency":"USD","rail":"CSV"}`, get: "batch { id }", save: []string{"batch=batch.id"}},
	{do: "payoutBatchApprove", in: `{"id":"$batch"}`, get: "batch { id }"},
	{do: "payoutFail", in: `{"id":"$payout","reason":"account closed"}`, get: "payout { id }"},
	{do: "payoutBatchCreate", in: `{"batchKey":"two","currency":"USD","rail":"CSV"}`, get: "batch { id }", save: []string{"batch=batch.id"}},
	{do: "payoutBatchCancel", in: `{"id":"$batch","reason":"again"}`, get: "batch { id }"},
	{do: "payoutBatchCreate", in: `{"batchKey":"three","currency":"USD","rail":"CSV"}`, get: "batch { id }", save: []string{"batch=batch.id"}},
	{do: "payoutBatchApprove", in: `{"id":"$batch"}`, get: "batch { id }"},
	{do: "payoutSettle", in: `{"id":"$payout","reference":"B-1"}`, get: "payout { id }"},
	{do: "payoutReturn", in: `{"id":"$payout","reason":"account closed","returnedOn":"$today"}`, get: "payout { id }", before: (*stage).nameToday},
	{do: "commissionAdjust", in: `{"affiliateId":"$ann","programId":"$program","amount":{"amount":"20.00","currency":"USD"},"reason":"another"}`, get: "commission { id }"},
	{do: "payoutBatchCreate", in: `{"batchKey":"four","currency":"USD","rail":"CSV"}`, get: "batch { id }", save: []string{"batch=batch.id"}},
	{do: "payoutBatchApprove", in: `{"id":"$batch"}`, get: "batch { id }"}, // its list is read below
	{do: "affiliateMerge", in: `{"fromId":"$dan","intoId":"$ann","reason":"one person"}`, get: "affiliate { id }"},
	{do: "programArchive", in: `{"id":"$other"}`, get: "program { id }"},
}

// open mutations ask nobody for a permission, so there is nothing to deny.
var openMutations = strings.Fields(`signUp logIn sessionRefresh logOut sessionSwitch affiliateClaim emailVerify emailVerificationSend
	logInSecondFactor logOutEverywhere sessionEnd passwordResetRequest passwordReset passwordChange secondFactorBegin secondFactorConfirm secondFactorRemove`)

// codeAhead names the code of the authenticator app as it is some seconds away.
func codeAhead(seconds int) func(*stage) {
	return func(s *stage) {
		code, err := totp.GenerateCode(s.names["secret"], s.now().Add(time.Duration(seconds)*time.Second))
		if err != nil {
			s.Fatal(err)
		}
		s.withNames(map[string]string{"code": code})
	}
}

// nameToday names the day.
func (s *stage) nameToday() {
	s.withNames(map[string]string{"today": s.now().UTC().Format(time.DateOnly)})
}

// nameNewest names finance's newest session.
func (s *stage) nameNewest() {
	s.Helper()
	a := s.ask("finance", `{ sessions { id } }`, "null")
	s.withNames(map[string]string{"newest": dig(dig(a.data, "sessions").([]any)[0], "id").(string)})
}

// Each successful mutation leaves one row, in its transaction, with its name; each
// refused one leaves one that says so. A mutation that is not in the table fails.
func TestR2_EveryMutationAndEveryDenialIsOneAuditRow(t *testing.T) {
	t.Parallel()
	th := open(t)
	s := th.stage(t)
	s.enterTwin()
	s.earnTwice()
	for _, name := range mutationsOf(graph.SDL()) {
		if !slices.ContainsFunc(deeds, func(d deed) bool { return d.do == name }) {
			t.Errorf("%s has no entry: nobody looks at its audit row", name)
		}
	}
	for i, d := range deeds {
		if d.do == "affiliateReject" {
			s.nameApplicant()
		}
		if !slices.Contains(openMutations, d.do) {
			s.denied(i, d)
		}
		if d.do == "payoutFail" || d.do == "payoutSettle" {
			s.namePayout()
		}
		s.done(i, d)
	}
	s.deniedLogIn()
	s.exported()
}

func mutationsOf(sdl string) (names []string) {
	_, rest, _ := strings.Cut(sdl, "type Mutation {")
	body, _, _ := strings.Cut(rest, "\n}")
	for _, m := range regexp.MustCompile(`(?m)^  (\w+)[(:]`).FindAllStringSubmatch(body, -1) {
		names = append(names, m[1])
	}
	return names
}

// enterTwin lets the owner into the sandbox.
func (s *stage) enterTwin() {
	s.Helper()
	a := s.ask("owner", `{ viewer { memberships { merchantId mode } } }`, "null")
	for _, m := range dig(a.data, "viewer", "memberships").([]any) {
		if dig(m, "mode") == "TEST" {
			s.withNames(map[string]string{"twin": dig(m, "merchantId").(string)})
		}
	}
	s.set("owner", "sessionSwitch", `{"merchantId":"$twin"}`, "accessToken refreshToken", "twinToken=accessToken", "twinRefresh=refreshToken")
	s.mu.Lock()
	s.tokens["twinOwner"] = s.names["twinToken"]
	s.mu.Unlock()
}

// earnTwice gives ann two pending commissions and something to be paid.
func (s *stage) earnTwice() {
	s.Helper()
	for _, n := range []string{"1", "2"} {
		s.play(step{do: "conversionRecord", in: order("p"+n, "50.00", "USD", `"couponCodes":["ANN10"]`), events: accepted})
	}
	a := s.ask("owner", s.text(`{ commissions(affiliateId: "$ann", first: 2) { edges { node { id } } } }`), "null")
	for i, e := range dig(a.data, "commissions", "edges").([]any) {
		s.withNames(map[string]string{fmt.Sprintf("pending%d", i+1): dig(e, "node", "id").(string)})
	}
}

// nameApplicant finds who applied: the form is not told.
func (s *stage) nameApplicant() {
	s.Helper()
	a := s.ask("owner", `{ affiliates(last: 1) { edges { node { id } } } }`, "null")
	s.withNames(map[string]string{"cid": dig(dig(a.data, "affiliates", "edges").([]any)[0], "node", "id").(string)})
}

func (s *stage) namePayout() {
	s.Helper()
	a := s.ask("owner", `{ payouts(last: 1) { edges { node { id } } } }`, "null")
	s.withNames(map[string]string{"payout": dig(dig(a.data, "payouts", "edges").([]any)[0], "node", "id").(string)})
}

// request sends a mutation under a request id of its own.
func (s *stage) request(as, rid string, d deed) answer {
	s.Helper()
	document, vars := mutation(d.do, d.get), s.text(`{"in":`+d.in+`}`)
	if d.in == "" {
		document, vars = "mutation { "+d.do+" { "+d.get+" } }", "null"
	}
	body := `{"query":` + encode(document) + `,"variables":` + vars + `}`
	status, text, err := s.nobody.As(s.token(as)).Send(s.Context(), http.MethodPost, "/graphql", "application/json", []byte(body), http.Header{"X-Request-Id": {rid}})
	if err != nil {
		s.Fatal(err)
	}
	return s.read(status, text)
}

// rows are the audit rows of a request at the viewer's merchant: action and outcome.
func (s *stage) rows(at, rid string) (rows []string) {
	s.Helper()
	a := s.ask(at, `{ auditRecords(last: 100) { edges { node { requestID action outcome } } } }`, "null")
	edges, ok := dig(a.data, "auditRecords", "edges").([]any)
	if !ok {
		s.Fatalf("the audit: %s", a.text)
	}
	for _, e := range edges {
		if dig(e, "node", "requestID") == rid {
			rows = append(rows, dig(e, "node", "action").(string)+" "+dig(e, "node", "outcome").(string))
		}
	}
	return rows
}

func (s *stage) done(i int, d deed) {
	s.Helper()
	rid := fmt.Sprintf("walk-%04d", i)
	if d.as == "" {
		d.as = "owner"
	}
	if d.before != nil {
		d.before(s)
	}
	a := s.request(d.as, rid, d)
	if a.failed() != "" {
		s.Errorf("%s: %s", d.do, a.text)
		return
	}
	s.keep(d.do, a, d.save)
	if d.at == "second" {
		s.mu.Lock()
		s.tokens["second"] = s.names["second"]
		s.mu.Unlock()
	}
	if d.at == "" {
		d.at = "owner"
	}
	if d.do == "passwordResetRequest" { // answers before it looks, so that the time tells nothing
		s.eventually("the row of the request", func() bool { return len(s.rows(d.at, rid)) > 0 })
	}
	if got := s.rows(d.at, rid); !slices.Equal(got, []string{d.do + " DONE"}) {
		s.Errorf("%s left %q", d.do, got)
	}
}

// denied lets a token that may only read links try.
func (s *stage) denied(i int, d deed) {
	s.Helper()
	scopes := []string{"LINK_READ", "CLICK_READ", "COUPON_READ", "PLAN_READ", "PROGRAM_READ", "AFFILIATE_READ"}
	as, rid := "token "+scopes[i*len(scopes)/len(deeds)], fmt.Sprintf("deny-%04d", i)
	s.token(as)
	a := s.request(as, rid, d)
	if a.code != "FORBIDDEN" {
		s.Errorf("%s as %s: %s", d.do, as, a.text)
	}
	if got := s.rows("owner", rid); !slices.Equal(got, []string{d.do + " DENIED"}) {
		s.Errorf("%s refused left %q", d.do, got)
	}
}

// deniedLogIn: a wrong password of somebody known is one row, written beside the
// request; one of nobody is none, and both answer alike.
func (s *stage) deniedLogIn() {
	s.Helper()
	wrong := deed{do: "logIn", in: `{"email":"stranger@$mail","password":"wrong password"}`, get: "accessToken"}
	stranger := s.request("nobody", "stranger-1", wrong)
	wrong.in = `{"email":"owner@$mail","password":"wrong password"}`
	known := s.request("nobody", "known-001", wrong)
	if stranger.text != known.text || known.code != "UNAUTHENTICATED" {
		s.Errorf("the answers tell who is known:\n%s\n%s", stranger.text, known.text)
	}
	s.eventually("the refused log-in's row", func() bool { return len(s.rows("owner", "known-001")) > 0 })
	if got := s.rows("owner", "known-001"); !slices.Equal(got, []string{"logIn DENIED"}) {
		s.Errorf("a wrong password left %q", got)
	}
	if got := s.rows("owner", "stranger-1"); len(got) > 0 { // it was found out before the other
		s.Errorf("a stranger's log-in left %q", got)
	}
}

// exported: what leaves as a file is one row too, and holds what happened.
func (s *stage) exported() {
	s.Helper()
	token := s.tokens["owner"]
	get := func(path, rid, token string) (int, string) {
		status, text, err := s.nobody.As(token).Send(s.Context(), http.MethodGet, path, "", nil, http.Header{"X-Request-Id": {rid}})
		if err != nil {
			s.Fatal(err)
		}
		return status, string(text)
	}
	if status, text := get("/audit.csv?action=programUpdate", "export-csv", token); status != 200 || !strings.Contains(text, "name: Second → Other") {
		s.Errorf("%d %s", status, text)
	}
	if status, text := get("/audit.jsonl?outcome=DENIED", "export-jsonl", token); status != 200 || !strings.Contains(text, `"action":"logIn"`) || strings.Contains(text, "DONE") {
		s.Errorf("%d %.500s", status, text)
	}
	if status, text := get("/audit.csv", "export-deny", s.token("manager")); status != 403 || strings.Contains(text, "programUpdate") {
		s.Errorf("a manager's export: %d %.300s", status, text)
	}
	for query, want := range map[string]string{"from=yesterday": `"field":["from"]`, "actor=x": `"field":["actor"]`, "action=a&action=b": `"field":["action"]`} {
		for _, format := range []string{"csv", "jsonl"} {
			if status, text := get("/audit."+format+"?"+query, "export-bad", token); status != 400 || !strings.Contains(text, want) || !strings.Contains(text, `{"errors":[{`) {
				s.Errorf("%s: %d %.300s", query, status, text)
			}
		}
	}
	s.ask("owner", s.text(`{ payoutBatchCsv(id: "$batch") }`), "null")
	for rid, want := range map[string][]string{"export-csv": {"auditExport DONE"}, "export-jsonl": {"auditExport DONE"}, "export-deny": {"auditExport DENIED"}, "export-bad": nil} {
		if got := s.rows("owner", rid); !slices.Equal(got, want) {
			s.Errorf("%s left %q, want %q", rid, got, want)
		}
	}
	a := s.ask("owner", s.text(`{ auditRecords(action: "payoutBatchCsv", subjectId: "$batch", outcome: DONE, first: 5) { totalCount } }`), "null")
	if fault := contains(a.data, parse(`{"auditRecords":{"totalCount":1}}`), ""); fault != "" {
		s.Errorf("the pay-out list: %s %s", fault, a.text)
	}
}
