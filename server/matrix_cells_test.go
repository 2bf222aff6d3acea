package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/tributary/tributary/trust"
	"github.com/vektah/gqlparser/v2/ast"
)

// node opens a row of each side by its id, with everything it has. What the
// party may not read answers like what is not there, byte for byte.
func (m *matrix) node(p party, name string) {
	r := nodeRules[name]
	document := fmt.Sprintf(`query($id: ID!) { node(id: $id) { __typename ... on %s%s } }`, name, m.selectionFor(p, name))
	var missing string
	for merchant, rows := range m.rows {
		for _, one := range pick(rows[name]) {
			if missing == "" {
				missing = m.ask(p, document, map[string]any{"id": one.id[:4] + strings.Repeat("0", 26)})
			}
			got := m.ask(p, document, map[string]any{"id": one.id})
			if p.sees(r, merchant, one.owner) && p.viewer.Can(trust.ProgramRead) {
				if !strings.Contains(got, `"id":"`+one.id+`"`) {
					m.Errorf("%s does not see %s %s, which it may: %s", p.name, name, one.id, got)
				}
			} else if got != missing {
				m.Errorf("%s: a %s that is not its own answers\n%s\nand one that is not there\n%s", p.name, name, got, missing)
			}
			m.demanding(p, name, one, merchant)
		}
	}
}

// selectionFor is everything behind a row but, for an affiliate, the edges that
// lead to what only staff may read: the row would be gone with them.
func (m *matrix) selectionFor(p party, name string) string {
	text := m.selection(name, 2)
	for _, f := range m.Types[name].Fields {
		if p.affiliate != "" && f.Type.NonNull && nodeRules[f.Type.Name()].seen == staffs {
			text = strings.Replace(text, m.part(f, 2)+" ", "", 1)
		}
	}
	return text
}

// demanding asks for the fields of a row that demand a scope of their own.
func (m *matrix) demanding(p party, name string, one row, merchant string) {
	for _, f := range m.Types[name].Fields {
		if scope(f) == "" {
			continue
		}
		got := m.ask(p, fmt.Sprintf(`query($id: ID!) { node(id: $id) { ... on %s { %s } } }`, name, m.part(f, 2)), map[string]any{"id": one.id})
		visible := p.sees(nodeRules[name], merchant, one.owner) && p.viewer.Can(scopeNamed(scope(f)))
		if !visible && strings.Contains(got, `"`+f.Name+`":`) && !strings.Contains(got, `"`+f.Name+`":null`) {
			m.Errorf("%s reads %s.%s without %s: %s", p.name, name, f.Name, scope(f), got)
		}
	}
}

// pick are a few rows: the first of each affiliate.
func pick(rows []row) (some []row) {
	owners := map[string]bool{}
	for _, r := range rows {
		if !owners[r.owner] {
			owners[r.owner] = true
			some = append(some, r)
		}
	}
	return some
}

// asks sends a field with arguments of the party's own, and then, in each place
// that names a row, with rows that are not: they must answer like one that is
// not there.
func (m *matrix) asks(p party, kind string, f *ast.FieldDefinition, given string) {
	own := m.stageOf(p)
	document := m.document(kind, f, decoded(given))
	if kind == "query" {
		m.ask(p, document, decoded(own.text(given)))
	}
	for _, path := range m.idsOf(f) {
		m.swap(p, document, given, path)
	}
}

func (m *matrix) swap(p party, document, given, path string) {
	named := get(decoded(given), strings.Split(path, "."))
	if !strings.HasPrefix(named, "$") {
		m.Errorf("%s: the matrix has no row for %s", document, path)
		return
	}
	var missing string
	for _, id := range m.others(p, named, strings.HasPrefix(document, "mutation") && strings.Contains(document, "logIn(")) {
		answers := map[string]string{}
		for what, value := range map[string]string{"theirs": id, "missing": id[:4] + strings.Repeat("0", 26)} {
			if what == "missing" && missing != "" {
				answers[what] = missing
				continue
			}
			variables := decoded(m.stageOf(p).text(given))
			if !set(variables, strings.Split(path, "."), value) {
				m.Errorf("%s: nothing stands at %s", document, path)
			}
			answers[what] = strings.ReplaceAll(m.ask(p, document, variables), value, "ID")
		}
		if missing = answers["missing"]; answers["theirs"] != missing {
			m.Errorf("%s: %s with %s of another's at %s answers\n%s\nand with one that is not there\n%s", p.name, document, named, path, answers["theirs"], missing)
		}
	}
}

// others are the rows of the same name that are not the party's. Who logs in is
// the person of the first merchant whose password it gives, whoever sends it.
func (m *matrix) others(p party, named string, logsIn bool) (ids []string) {
	for merchant, s := range m.stages {
		if merchant != p.viewer.MerchantID && !(logsIn && s == m.home) {
			ids = append(ids, s.text(named))
		}
	}
	if p.affiliate != "" && p.affiliate == m.home.names["ann"] && strings.HasPrefix(named, "$ann") {
		ids = append(ids, m.home.text(strings.Replace(named, "$ann", "$bob", 1)))
	}
	return slices.DeleteFunc(ids, func(id string) bool { return m.mayGo(p, id) })
}

func decoded(text string) (v map[string]any) {
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(fmt.Sprintf("%v: %s", err, text)) // the tables are typed by hand
	}
	return v
}

// mutates sends a task with rows that are not the party's. Who lacks the scope
// is refused whatever it names.
func (m *matrix) mutates(p party, f *ast.FieldDefinition) {
	input, known := mutationInputs[f.Name]
	open := f.Directives.ForName("public") != nil
	if !known || open && !slices.Contains([]string{"nobody", "owner", "ann"}, p.name) {
		return // a log-in is dear, and the same for everybody
	}
	given := `{"input":` + input + `}`
	if need := scope(f); need != "" && !p.viewer.Can(scopeNamed(need)) {
		got := m.ask(p, m.document("mutation", f, decoded(given)), decoded(m.stageOf(p).text(given)))
		if !strings.Contains(got, `"FORBIDDEN"`) && !strings.Contains(got, `"UNAUTHENTICATED"`) {
			m.Errorf("%s may %s: %s", p.name, f.Name, got)
		}
	}
	m.asks(p, "mutation", f, given)
}

// subscribes asks for a stream of what is not the party's: it must end at once,
// and alike.
func (m *matrix) subscribes(p party, f *ast.FieldDefinition) {
	given := m.given(queryArguments[f.Name], f)
	document := m.document("subscription", f, decoded(given))
	for _, path := range m.idsOf(f) {
		for _, id := range m.others(p, get(decoded(given), strings.Split(path, ".")), false) {
			var answers []string
			for _, value := range []string{id, id[:4] + strings.Repeat("0", 26)} {
				variables := decoded(m.stageOf(p).text(given))
				set(variables, strings.Split(path, "."), value)
				answers = append(answers, strings.ReplaceAll(m.stream(p, document, variables), value, "ID"))
			}
			if answers[0] != answers[1] {
				m.Errorf("%s: %s at %s streams\n%s\nand of what is not there\n%s", p.name, f.Name, path, answers[0], answers[1])
			}
		}
	}
}

func (m *matrix) stream(p party, document string, variables map[string]any) string {
	m.cells.Add(1)
	ctx, cancel := context.WithTimeout(m.Context(), patience)
	defer cancel()
	body := encode(map[string]any{"query": document, "variables": variables})
	_, text, err := m.nobody.As(p.token).Send(ctx, http.MethodPost, "/graphql", "application/json", []byte(body), http.Header{"Accept": {"text/event-stream"}})
	if err != nil {
		m.Errorf("%s: the stream goes on: %v", p.name, err)
	}
	m.leakless(p, document, string(text), encode(variables))
	return string(text)
}
