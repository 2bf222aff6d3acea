package server_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

// busy are the mutations by which another merchant's numbers and lists grow.
var busy = []string{
	"conversionRecord", "commissionAdjust", "payoutBatchCreate", "apiTokenCreate", "operationRegister", "programCreate",
	"affiliateApply", "affiliateCreate", "affiliateGroupCreate", "hostAdd", "linkCreate", "couponCreate", "commissionPlanCreate",
}

var anInstant = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z|until=\d+\\u0026mac=[0-9a-f]+|"(syncLatency|reportsLatency|uptime)Seconds":\d+`)

// undisturbed asks for every list and every sum as widely as one may, before and
// after others have been busy: a sum names no row, and only its number tells that
// another's is in it.
func (m *matrix) undisturbed() {
	m.Helper()
	m.widely()
	m.noted()
	m.settled()
	before := m.widely()
	for _, s := range []*stage{m.foreign, m.twin} {
		s.visit(step{click: "$annSlug as busyClick"})
		for _, name := range busy {
			f := m.Mutation.Fields.ForName(name)
			document := m.document("mutation", f, map[string]any{"input": nil})
			if a := s.send(s.token("owner"), document, s.text(`{"input":`+mutationInputs[name]+`}`)); a.failed() != "" || strings.Contains(a.text, `"userErrors":[{`) {
				m.Fatalf("%s as another merchant: %s", name, a.text)
			}
		}
	}
	m.settled()
	for question, answer := range m.widely() {
		if answer != before[question] {
			m.Errorf("%s: others were busy, and it went %s", question, differs(before[question], answer))
		}
	}
}

// noted waits until the first use of every token that asks is written down, which
// happens beside the requests.
func (m *matrix) noted() {
	m.Helper()
	asking := 0
	for _, p := range m.parties {
		if p.viewer.MerchantID == m.home.names["merchant"] && p.viewer.Kind != trust.KindUser {
			asking++
		}
	}
	m.home.eventually("first uses", func() bool {
		used := storetest.Texts(m, m.database, `SELECT count(*) FROM api_tokens WHERE last_used_at IS NOT NULL AND merchant_id = '`+m.home.names["merchant"]+`'`)
		n, err := strconv.Atoi(used[0][0])
		return err == nil && n >= asking
	})
}

// differs shows where two texts part.
func differs(before, after string) string {
	at := 0
	for at < min(len(before), len(after)) && before[at] == after[at] {
		at++
	}
	return fmt.Sprintf("from …%.200s to …%.200s", before[max(0, at-60):], after[max(0, at-60):])
}

// widely are the answers of the first merchant's parties to every query, bound to
// no row unless it demands one, without the instants of looking.
func (m *matrix) widely() map[string]string {
	answers := map[string]string{}
	for _, p := range m.parties {
		if p.viewer.MerchantID != m.home.names["merchant"] {
			continue
		}
		for _, f := range m.roots(m.Query) {
			// Being asked in vain stands in one, and the schedule asks shops by itself.
			if f.Name == "auditRecords" || f.Name == "reconciliationReport" {
				continue
			}
			given := unbound(f, decoded(m.home.text(m.given(queryArguments[f.Name], f))))
			text := m.ask(p, m.document("query", f, given), given)
			answers[p.name+" "+f.Name] = anInstant.ReplaceAllString(text, "")
		}
	}
	return answers
}

// unbound takes the rows out of arguments that may do without.
func unbound(f *ast.FieldDefinition, given map[string]any) map[string]any {
	for _, a := range f.Arguments {
		if a.Type.NamedType == "ID" && !a.Type.NonNull {
			delete(given, a.Name)
		}
	}
	if input, ok := given["input"].(map[string]any); ok && (f.Name == "stats" || f.Name == "funnel") {
		delete(input, "programId")
		delete(input, "affiliateId")
	}
	if input, ok := given["input"].(map[string]any); ok && f.Name == "report" {
		delete(input, "only")
	}
	return given
}
