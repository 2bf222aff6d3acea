package server_test

import (
	"cmp"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/sim"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

// party is who asks in the matrix.
type party struct {
	name      string
	token     string
	viewer    trust.Viewer // what it may, by the permission table; no merchant: nobody
	affiliate string       // bound to this one
}

// sees says whether the party may read rows of a kind that belong to an affiliate.
func (p party) sees(r nodeRule, merchant, owner string) bool {
	if p.viewer.MerchantID != merchant || r.scope == "" || !p.viewer.Can(scopeNamed(r.scope)) {
		return false
	}
	return p.affiliate == "" || r.seen == everybodys || r.seen == ownersOnly && owner == p.affiliate
}

// scopeNamed is the scope of an enum value: PROGRAM_READ is program:read.
func scopeNamed(name string) trust.Scope {
	i := strings.LastIndex(name, "_")
	return trust.Scope(strings.ToLower(name[:i] + ":" + name[i+1:]))
}

// fill gives a furnished merchant a row of everything.
func (s *stage) fill() {
	s.Helper()
	usd := func(amount string) string { return `{"amount":"` + amount + `","currency":"USD"}` }
	s.set("owner", "hostAdd", `{"programId":"$program","name":"go.$mail","purpose":"TRACKING"}`, "host { id }", "tracking=host.id")
	s.set("owner", "affiliateGroupCreate", `{"name":"Gold"}`, "affiliateGroup { id }", "group=affiliateGroup.id")
	s.set("owner", "affiliateUpdate", `{"id":"$ann","groupId":"$group"}`, "affiliate { id }")
	s.set("owner", "attributionPolicyActivate", `{"programId":"$program","windowDays":30}`, "policy { id }")
	for _, name := range []string{"ann", "bob"} {
		s.visit(step{click: "$" + name + "Slug as " + name + "Click"})
		s.set("owner", "conversionRecord", `{"programId":"$program","externalId":"order-`+name+`","lines":[{"externalId":"l-1","title":"Shoe","amount":`+usd("50.00")+`}],"clickToken":"$`+name+`Click","customer":{"email":"buyer-`+name+`@$mail"}}`,
			"conversion { id customer { id } }", name+"Sale=conversion.id", name+"Buyer=conversion.customer.id")
		s.set("owner", "refundRecord", `{"programId":"$program","orderExternalId":"order-`+name+`","externalId":"r-1","amount":`+usd("10.00")+`}`, "refund { id }")
		s.set("owner", "commissionAdjust", `{"affiliateId":"$`+name+`","programId":"$program","amount":`+usd("70.00")+`,"reason":"bonus"}`, "commission { id }")
		s.set("owner", "disputeOpen", `{"programId":"$program","affiliateId":"$`+name+`","conversionId":"$`+name+`Sale","evidence":"it was more"}`, "dispute { id }", name+"Dispute=dispute.id")
		s.set("owner", "disputeComment", `{"id":"$`+name+`Dispute","text":"we look"}`, "dispute { id }")
		s.set("owner", "payoutMethodSet", `{"affiliateId":"$`+name+`","rail":"MANUAL","details":{"email":"pay-`+name+`@$mail"}}`, "method { id }")
	}
	s.set("owner", "payoutBatchCreate", `{"batchKey":"k1","currency":"USD"}`, "batch { id }", "batch=batch.id")
	s.simulated(`{"planId":"$plan","rules":[{"level":"PROGRAM","kind":"PERCENT","percent":"20"}]}`)
	s.set("owner", "exportCreate", `{"query":"{ links { edges { node { id } } } }","format":"CSV"}`, "export { id }", "export=export.id")
	s.set("owner", "ledgerLock", `{"until":"2025-01-01T00:00:00Z","reason":"closed"}`, "lock { id }")
	s.issue("", "SECRET", "LINK_READ", "")
	s.set("owner", "operationRegister", `{"document":"query Sums { commissions(affiliateId: \"$ann\", first: 1) { edges { node { id } } } }"}`, "operation { id }", "operation=operation.id")
	s.set("owner", "integrationCreate", `{"programId":"$program","provider":"SHOPIFY","name":"Shop","secret":"matrix-shop-secret"}`, "integration { id }", "integration=integration.id")
	s.joined()
	s.set("owner", "integrationConnect", `{"programId":"$program","provider":"HUBSPOT","name":"CRM","account":"12345678","keys":[{"name":"accessToken","value":"x"}]}`, "integration { id }", "crm=integration.id")
	s.hooked()
	shop := sim.Shop{Client: s.nobody, Path: "/hooks/" + s.names["integration"], Secret: "matrix-shop-secret"}
	order := sim.Order{ID: 7, Currency: "USD", Lines: []sim.Item{{ID: 1, Title: "Hat", Price: "20.00", Quantity: 1}}, Coupon: "ANN10", Email: "shopper@" + s.names["mail"], At: time.Now(), Paid: true}
	if err := shop.Send(s.Context(), sim.TopicCreate, "delivery-"+s.names["integration"], order.Body()); err != nil {
		s.Fatal(err)
	}
	s.took()
}

// rows are a merchant's, as the database has them: type → rows.
type row struct{ id, owner string }

func (th *theatre) db(t testing.TB) *sql.DB {
	t.Helper()
	driver, source := "sqlite", strings.TrimPrefix(th.database, "sqlite:")+"?_pragma=busy_timeout(10000)"
	if os.Getenv("TRIBUTARY_TEST_POSTGRES") != "" {
		driver, source = "postgres", th.database
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// holdings are a merchant's rows by type, the affiliates ann's and bob's first.
func holdings(t testing.TB, db *sql.DB, s *stage) map[string][]row {
	t.Helper()
	out := map[string][]row{}
	for name, r := range nodeRules {
		if r.table == "" {
			continue
		}
		owner, column := r.owner, "merchant_id"
		if owner == "" {
			owner = "''"
		}
		if r.table == "merchants" {
			column = "id"
		}
		for _, line := range storetest.Texts(t, db, fmt.Sprintf(`SELECT r.id, coalesce(%s, '') FROM %s r WHERE r.%s = '%s' ORDER BY 2, 1`, owner, r.table, column, s.names["merchant"])) {
			out[name] = append(out[name], row{line[0], line[1]})
		}
		if len(out[name]) == 0 {
			t.Errorf("the matrix has no row of %s: fill makes none", r.table)
		}
	}
	return out
}

// noted are the tables in which the server itself writes things down, and what of them
// only a request can change: not when a token was last used, how sending to an endpoint
// or a CRM goes, and whom the schedule has told of new terms.
var noted = map[string]string{
	"api_tokens":    "id, hash, scopes, revoked_at, expires_at",
	"sync_feeds":    "id, integration_id",
	"sync_items":    "id, integration_id, kind, subject_id",
	"terms_notices": "id, program_id, plan_version_id",
	"webhook_endpoints": `id, name, host, url_sealed, types, ordering, origin, status, reason, disabled_at, secret_sealed,
		prior_secret_sealed, prior_until, program_id, affiliate_id`,
}

// state is every row a merchant has, but for what asking itself writes: denials,
// sessions, and the server's own notes. Shops are asked, and CRMs written to, by the
// schedule alone, and files are written beside the requests.
func (th *theatre) state(t testing.TB, db *sql.DB, merchant string) map[string]string {
	t.Helper()
	state := map[string]string{}
	for _, name := range append(th.owned(t, db), "merchants") {
		if slices.Contains([]string{"sessions", "audit_records", "idempotency_records", "reconciliations", "sync_transfers", "exports", "export_parts"}, name) {
			continue
		}
		column := "merchant_id"
		if name == "merchants" {
			column = "id"
		}
		state[name] = fmt.Sprintf("%q", storetest.Texts(t, db, fmt.Sprintf(`SELECT %s FROM %s WHERE %s = '%s' ORDER BY 1`, cmp.Or(noted[name], "*"), name, column, merchant)))
	}
	return state
}

// owned are the tables that name a merchant.
func (th *theatre) owned(t testing.TB, db *sql.DB) (names []string) {
	query := `SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'merchant_id' ORDER BY 1`
	if os.Getenv("TRIBUTARY_TEST_POSTGRES") != "" {
		query = `SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'merchant_id' AND table_name <> 'clicks_default' ORDER BY 1`
	}
	for _, line := range storetest.Texts(t, db, query) {
		names = append(names, line[0])
	}
	return names
}
