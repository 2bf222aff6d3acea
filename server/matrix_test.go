package server_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

// fewestCells is what the matrix must have at least: with fewer the schema was
// not walked.
const fewestCells = 5000

// matrix asks for everything there is in the schema, as everybody there is.
type matrix struct {
	*testing.T
	contract
	*theatre
	database            *sql.DB
	home, foreign, twin *stage
	parties             []party
	stages              map[string]*stage           // by merchant
	rows                map[string]map[string][]row // by merchant and type
	whose               map[string]holder           // by id
	cells               atomic.Int64
}

// holder is whose a row is.
type holder struct{ merchant, affiliate string }

// TestR2_NobodyReachesAnothersRows is the generated matrix: every root field,
// every argument that names a row, and every field and edge of every type with
// an id, by every kind of viewer, of one's own, another affiliate's, another
// merchant's and the sandbox's rows.
func TestR2_NobodyReachesAnothersRows(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	began := time.Now()
	if m.complete(); t.Failed() {
		return
	}
	for _, side := range [][]*stage{{m.foreign, m.twin}, {m.home}} {
		var before []map[string]string
		for _, other := range side {
			before = append(before, m.state(t, m.database, other.names["merchant"]))
		}
		if m.cross(m.against(side)); t.Failed() {
			return
		}
		for i, other := range side {
			for table, rows := range m.state(t, m.database, other.names["merchant"]) {
				if rows != before[i][table] {
					t.Errorf("the %s of %s have changed from\n%s to\n%s", table, other.names["mail"], before[i][table], rows)
				}
			}
		}
	}
	n := m.cells.Load()
	t.Logf("%d cells in %v", n, time.Since(began).Round(time.Millisecond))
	if least := int64(draws.Cases(fewestCells)); n < least {
		t.Errorf("%d cells, at least %d are wanted", n, least)
	}
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	m := &matrix{T: t, contract: theContract(t), theatre: open(t), whose: map[string]holder{}, rows: map[string]map[string][]row{}, stages: map[string]*stage{}}
	m.database = m.db(t)
	m.home, m.foreign = m.stage(t), m.stage(t)
	m.twin = m.empty(t)
	for _, one := range []*stage{m.home, m.foreign} {
		one.verifyOwner()
		one.fill()
	}
	m.openTwin()
	m.parties = m.invite()
	for _, s := range []*stage{m.home, m.foreign, m.twin} {
		s.told("") // its followers have caught up with everything before
		merchant := s.names["merchant"]
		m.stages[merchant], m.rows[merchant] = s, holdings(t, m.database, s)
		for _, rows := range m.rows[merchant] {
			for _, r := range rows {
				m.whose[r.id] = holder{merchant, r.owner}
			}
		}
		s.nameRows(m.rows[merchant])
		s.withNames(map[string]string{"session": storetest.Texts(t, m.database, fmt.Sprintf(`SELECT min(id) FROM sessions WHERE merchant_id = '%s'`, merchant))[0][0]})
	}
	m.twin.withNames(map[string]string{"session": m.foreign.names["session"]}) // the sandbox's are its owner's own
	m.undisturbed()
	return m
}

// settled waits until followers have counted all that the furnishing did.
func (m *matrix) settled() {
	m.home.eventually("the tallies", func() bool {
		lag := storetest.Texts(m, m.database, `SELECT (SELECT max(seq) FROM event_orders) - min(seq) FROM followers WHERE id NOT IN ('keyring', 'resealed', 'sequencer')`)
		return lag[0][0] == "0"
	})
}

// openTwin furnishes the sandbox of the first merchant.
func (m *matrix) openTwin() {
	m.Helper()
	a := m.home.ask("owner", `{ viewer { memberships { merchantId mode } } }`, "null")
	memberships, _ := dig(a.data, "viewer", "memberships").([]any)
	for _, one := range memberships {
		if dig(one, "mode") == "TEST" {
			m.home.withNames(map[string]string{"twin": dig(one, "merchantId").(string)})
		}
	}
	m.home.set("owner", "sessionSwitch", `{"merchantId":"$twin"}`, "accessToken", "twinSession=accessToken")
	m.twin.withNames(map[string]string{"merchant": m.home.names["twin"]})
	m.twin.tokens["owner"] = m.home.names["twinSession"]
	m.twin.furnish()
	m.twin.fill()
}

// nameRows gives names to rows that no mutation's answer has named.
func (s *stage) nameRows(rows map[string][]row) {
	for kind, suffix := range map[string]string{"Commission": "Commission", "Payout": "Payout", "Enrollment": "Enrollment", "Coupon": "Coupon"} {
		for _, r := range rows[kind] {
			for _, name := range []string{"ann", "bob"} {
				if r.owner == s.names[name] {
					s.withNames(map[string]string{name + suffix: r.id})
				}
			}
		}
	}
	s.withNames(map[string]string{"member": rows["Membership"][0].id})
	for _, r := range rows["WebhookReceipt"] {
		s.withNames(map[string]string{"receipt": r.id})
	}
	for _, r := range rows["ApiToken"] {
		s.withNames(map[string]string{"token": r.id})
	}
}

// invite lets everybody in who asks.
func (m *matrix) invite() (all []party) {
	m.Helper()
	user := func(s *stage, name string, role trust.Role) party {
		v := trust.Viewer{MerchantID: s.names["merchant"], Kind: trust.KindUser, Role: role}
		if role == trust.Affiliate {
			v.AffiliateID = s.names[name]
		}
		return party{name, s.token(name), v, v.AffiliateID}
	}
	for name, role := range map[string]trust.Role{"owner": trust.Owner, "manager": trust.Manager, "finance": trust.Finance, "analyst": trust.Analyst, "ann": trust.Affiliate, "bob": trust.Affiliate} {
		all = append(all, user(m.home, name, role))
	}
	for _, name := range []string{"", "ann"} {
		v := trust.Viewer{MerchantID: m.home.names["merchant"], Kind: trust.KindToken, AffiliateID: m.home.names[name]}
		var names []string
		for _, s := range trust.AllScopes() {
			if v.Scopes = []trust.Scope{s}; v.Can(s) {
				names = append(names, strings.ToUpper(strings.ReplaceAll(string(s), ":", "_")))
			}
		}
		v.Scopes = trust.AllScopes()
		all = append(all, party{strings.TrimSpace(name + " token"), m.home.issue(name, "SECRET", strings.Join(names, " "), ""), v, v.AffiliateID})
	}
	bare := trust.Viewer{MerchantID: m.home.names["merchant"], Kind: trust.KindToken, Scopes: []trust.Scope{trust.TouchWrite}}
	key := trust.Viewer{MerchantID: m.home.names["merchant"], Kind: trust.KindPublishable, Scopes: trust.PublishableScopes()}
	all = append(all, party{"token that reads nothing", m.home.issue("", "SECRET", "TOUCH_WRITE", ""), bare, ""},
		party{"key", m.home.issue("", "PUBLISHABLE", "APPLICATION_WRITE TOUCH_WRITE", ""), key, ""})
	for _, name := range []string{"revoked", "expired", "forged", "nobody"} {
		all = append(all, party{name: name, token: m.home.token(name)})
	}
	foreigner, foreignAnn, twin := user(m.foreign, "owner", trust.Owner), user(m.foreign, "ann", trust.Affiliate), user(m.twin, "owner", trust.Owner)
	foreigner.name, foreignAnn.name, twin.name = "foreign owner", "foreign ann", "sandbox owner"
	return append(all, foreigner, foreignAnn, twin)
}

// against are the parties that stand on none of these sides.
func (m *matrix) against(side []*stage) (out []party) {
	for _, p := range m.parties {
		if !slices.ContainsFunc(side, func(s *stage) bool { return s.names["merchant"] == p.viewer.MerchantID }) {
			out = append(out, p)
		}
	}
	return out
}

// complete fails when the schema has something that the tables do not know.
func (m *matrix) complete() {
	for _, name := range m.nodes() {
		if _, known := nodeRules[name]; !known {
			m.Errorf("%s has an id and no rule: say in nodeRules who may read it", name)
		}
	}
	for _, f := range m.roots(m.Mutation) {
		if _, known := mutationInputs[f.Name]; !known && unasked[f.Name] == "" {
			m.Errorf("%s has no input in mutationInputs", f.Name)
		}
	}
	for name := range mutationInputs {
		if m.Mutation.Fields.ForName(name) == nil {
			m.Errorf("mutationInputs knows %s, which is gone", name)
		}
	}
	for name := range unasked {
		if f := m.Mutation.Fields.ForName(name); f == nil || len(m.idsOf(f)) > 0 {
			m.Errorf("%s is gone, or names a row and must be asked", name)
		}
	}
}

func (m *matrix) idsOf(f *ast.FieldDefinition) (paths []string) {
	for _, a := range f.Arguments {
		paths = append(paths, m.ids(a.Type, "."+a.Name)...)
	}
	return paths
}

// cross asks everything as these parties, some at a time.
func (m *matrix) cross(parties []party) {
	work := make(chan func())
	var crew sync.WaitGroup
	for range 6 {
		crew.Go(func() {
			for one := range work {
				one()
			}
		})
	}
	n, stride := 0, 7/draws.Cases(7)
	try := func(one func()) {
		if n++; n%stride == 0 && !m.Failed() { // a wall that is gone is seen at once, and then everywhere
			work <- one
		}
	}
	for _, p := range parties {
		for _, name := range m.nodes() {
			try(func() { m.node(p, name) })
		}
		for _, f := range m.roots(m.Query) {
			try(func() { m.asks(p, "query", f, m.given(queryArguments[f.Name], f)) })
		}
		for _, f := range m.roots(m.Subscription) {
			try(func() { m.subscribes(p, f) })
		}
		for _, f := range m.roots(m.Mutation) {
			try(func() { m.mutates(p, f) })
		}
	}
	close(work)
	crew.Wait()
}

// stageOf is the merchant of a party; nobody stands outside the first one.
func (m *matrix) stageOf(p party) *stage {
	if s := m.stages[p.viewer.MerchantID]; s != nil {
		return s
	}
	return m.home
}

// given are a field's arguments; a page is asked for fifty.
func (m *matrix) given(text string, f *ast.FieldDefinition) string {
	if text == "" && f.Arguments.ForName("first") != nil {
		return `{"first":50}`
	}
	if text == "" {
		return `{}`
	}
	return text
}

var (
	anID = regexp.MustCompile(`\b[a-z]{3}_[0-9a-z]{26}\b`)
	mail = regexp.MustCompile(`m[0-9]+\.example`)
)

// ask sends a document and gives what came back, without extensions of the
// whole answer, which tell what asking costs.
func (m *matrix) ask(p party, document string, variables map[string]any) string {
	m.cells.Add(1)
	body := encode(map[string]any{"query": document, "variables": variables})
	_, text, err := m.nobody.As(p.token).Send(m.Context(), http.MethodPost, "/graphql", "application/json", []byte(body), nil)
	if err != nil {
		m.Errorf("%s: %v", p.name, err)
		return ""
	}
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(text, &answer); err != nil {
		m.Errorf("%s: not JSON: %.300s", p.name, text)
	}
	delete(answer, "extensions")
	m.leakless(p, document, encode(answer), encode(variables))
	if strings.Contains(string(text), `"INTERNAL"`) {
		m.Errorf("%s: an error of ours\n%s\n%.500s", p.name, document, text)
	}
	return encode(answer)
}

// leakless fails when an answer names a row that is another's, unless the
// question did.
func (m *matrix) leakless(p party, document, answer, question string) {
	for _, id := range anID.FindAllString(answer, -1) {
		h, known := m.whose[id]
		switch {
		case !known || strings.Contains(question, id):
		case p.viewer.MerchantID != h.merchant && !m.pairs(p, id):
			m.Errorf("%s sees %s of another merchant\n%s\n%s\n%.2000s", p.name, id, document, question, answer)
		case p.affiliate != "" && h.affiliate != "" && h.affiliate != p.affiliate:
			m.Errorf("%s sees %s of another affiliate\n%s\n%s\n%.2000s", p.name, id, document, question, answer)
		}
	}
	if p.name == "sandbox owner" { // who is one person with the owner of the first merchant
		answer = strings.ReplaceAll(answer, "owner@"+m.home.names["mail"], "")
	}
	for _, domain := range mail.FindAllString(answer, -1) {
		if s := m.stages[p.viewer.MerchantID]; (s == nil || s.names["mail"] != domain) && !strings.Contains(question, domain) {
			m.Errorf("%s sees %s\n%s\n%.2000s", p.name, domain, document, answer)
		}
	}
}

// pairs: a merchant and its sandbox name one another in their own rows, which
// staff may read.
func (m *matrix) pairs(p party, id string) bool {
	pair := []string{m.home.names["merchant"], m.home.names["twin"]}
	return p.affiliate == "" && slices.Contains(pair, p.viewer.MerchantID) && slices.Contains(pair, id)
}

// mayGo: an owner is told where else it may go, which is its sandbox.
func (m *matrix) mayGo(p party, id string) bool {
	return strings.Contains("owner sandbox owner", p.name) && (id == m.home.names["merchant"] || id == m.home.names["twin"])
}

// TestR2_NotYoursTakesAsLongAsNotThere compares medians, generously: the time of
// an answer tells nothing of whether another's row is there.
func TestR2_NotYoursTakesAsLongAsNotThere(t *testing.T) {
	t.Parallel()
	th := open(t)
	s, f := th.stage(t), th.stage(t)
	foreign, missing := f.names["annLink"], "lnk_"+strings.Repeat("0", 26)
	took := map[string][]time.Duration{}
	for range 300 {
		for _, id := range []string{foreign, missing} {
			began := time.Now()
			if a := s.ask("owner", fmt.Sprintf(`{ node(id: %q) { id } }`, id), "null"); a.text != `{"data":{"node":null}}` {
				t.Fatal(a.text)
			}
			took[id] = append(took[id], time.Since(began))
		}
	}
	median := func(id string) time.Duration { return slices.Sorted(slices.Values(took[id]))[len(took[id])/2] }
	a, b := median(foreign), median(missing)
	if longer, shorter := max(a, b), min(a, b); longer > 2*shorter && longer-shorter > 2*time.Millisecond {
		t.Errorf("another's row is answered in %v, none in %v", a, b)
	}
}
