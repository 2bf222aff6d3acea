package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// step is one line of a scenario: who asks what, what the answer is, and what
// happened because of it. In all texts $name stands for what the stage calls so.
//
// A step that is refused must leave the merchant as it was: the runner looks.
type step struct {
	as   string // the viewer; see stage.token. "" is the owner
	do   string // a mutation with one input,
	in   string // its input as JSON
	get  string // and what to select; "" is what usual says
	ask  string // or a document
	vars string // and its variables as JSON

	want   string   // JSON that data must contain; "*" stands for anything but null
	user   []string // user errors: "path.of.the.field CODE", in any order
	code   string   // code of the GraphQL error; then status may differ from 200
	status int      // of HTTP; 200 when zero
	says   string   // what the answer must hold, to the letter
	absent []string // what the answer must not hold

	save   []string // parts of the answer that later steps name: "name=path"
	events string   // the types that fired, in order, and no others
	click  string   // instead of a document: opens this slug; see stage.visit
}

func (st step) refused() bool { return st.code != "" || len(st.user) > 0 }

// usual is what a mutation's answer is asked for.
var usual = map[string]string{
	"conversionRecord":      "created conversion " + saleFields,
	"conversionCancel":      "conversion " + saleFields,
	"refundRecord":          "refund { id amount { amount currency } } conversion " + saleFields,
	"conversionReattribute": "conversion { id }",
	"commissionAdjust":      "commission { id net { amount currency } }",
}

const saleFields = `{ id status rating sources total { amount currency } base { amount } refunded { amount }
	attribution { rule affiliate { id } touches { kind won excluded } }
	commissions { id status affiliateID amount { amount currency } reversed { amount } net { amount } } }`

// mutation is the document of a task.
func mutation(do, get string) string {
	if get == "" {
		get = usual[do]
	}
	name := []rune(do)
	name[0] = unicode.ToUpper(name[0])
	return fmt.Sprintf("mutation($in: %sInput!) { %s(input: $in) { %s userErrors { field message code } } }", string(name), do, get)
}

// answer is what came back.
type answer struct {
	status int
	text   string
	raw    json.RawMessage // of data
	data   any
	code   string   // of the first GraphQL error
	user   []string // user errors, sorted
}

// failed is why there is no success, or "".
func (a answer) failed() string {
	if a.code != "" || a.status != http.StatusOK {
		return fmt.Sprintf("%d %s", a.status, a.code)
	}
	return strings.Join(a.user, ", ")
}

// leak is what must be in no answer whatever: words of drivers, code and machine.
// They are whole words: a random cursor may hold the letters of one.
var leak = regexp.MustCompile(`(?i)\b(sqlstate|sqlite|constraint|goroutine|panic|no such table)|pq:|ent: |\.go:|/tmp/|/root/`)

// send posts a document with variables that are JSON.
func (s *stage) send(token, document, vars string) answer {
	s.Helper()
	body := encode(map[string]any{"query": document, "variables": json.RawMessage(vars)})
	status, text, err := s.nobody.As(token).Send(s.Context(), http.MethodPost, "/graphql", "application/json", []byte(body), nil)
	if err != nil {
		s.Fatal(err)
	}
	return s.read(status, text)
}

func (s *stage) ask(as, document, vars string) answer {
	s.Helper()
	return s.send(s.token(as), document, vars)
}

func (s *stage) read(status int, text []byte) answer {
	s.Helper()
	var got struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		s.Fatalf("%d, not JSON: %.300s", status, text)
	}
	if found := leak.Find(text); found != nil {
		s.Errorf("the answer shows %q: %.500s", found, text)
	}
	a := answer{status: status, text: string(text), raw: got.Data}
	if len(got.Errors) > 0 {
		if a.code = got.Errors[0].Extensions.Code; a.code == "" || got.Errors[0].Message == "" {
			s.Errorf("an error without code or message: %s", text)
		}
	}
	if len(got.Data) > 0 {
		if err := json.Unmarshal(got.Data, &a.data); err != nil {
			s.Fatal(err)
		}
	}
	a.user = userErrors(a.data)
	return a
}

func userErrors(data any) (out []string) {
	roots, _ := data.(map[string]any)
	for _, root := range roots {
		payload, _ := root.(map[string]any)
		list, _ := payload["userErrors"].([]any)
		for _, one := range list {
			e := one.(map[string]any)
			var path []string
			parts, _ := e["field"].([]any) // unless it was not asked for
			for _, part := range parts {
				path = append(path, part.(string))
			}
			out = append(out, strings.TrimSpace(strings.Join(path, ".")+" "+e["code"].(string)))
		}
	}
	slices.Sort(out)
	return out
}

// play runs the steps.
func (s *stage) play(steps ...step) {
	s.Helper()
	for i, st := range steps {
		if st.as == "" {
			st.as = "owner"
		}
		s.events = append(s.events, strings.Fields(st.events)...)
		if st.click != "" {
			s.visit(st)
			continue
		}
		s.token(st.as) // who comes in changes things before the step, not by it
		if st.refused() && s.before == "" {
			s.before = s.possessions()
		}
		a := s.say(st)
		s.check(fmt.Sprintf("step %d, %s as %s", i+1, st.do+st.ask, st.as), st, a)
		s.keep(st.do, a, st.save)
		s.compare(i, st)
	}
}

func (s *stage) say(st step) answer {
	s.Helper()
	if st.do != "" {
		return s.ask(st.as, mutation(st.do, st.get), s.text(`{"in":`+st.in+`}`))
	}
	if st.vars == "" {
		st.vars = "null"
	}
	return s.ask(st.as, s.text(st.ask), s.text(st.vars))
}

// compare looks whether a refused step has changed anything.
func (s *stage) compare(i int, st step) {
	s.Helper()
	if !st.refused() {
		s.before = ""
		return
	}
	if after := s.possessions(); after != s.before {
		s.Errorf("step %d was refused and changed something:\n%s\n%s", i+1, s.before, after)
		s.before = after
	}
}

func (s *stage) check(what string, st step, a answer) {
	s.Helper()
	if want := max(st.status, http.StatusOK); a.status != want && (st.status != 0 || st.code == "") {
		s.Errorf("%s: HTTP %d, want %d: %s", what, a.status, want, a.text)
	}
	if a.code != st.code {
		s.Errorf("%s: code %q, want %q: %s", what, a.code, st.code, a.text)
	}
	if want := slices.Sorted(slices.Values(st.user)); !slices.Equal(a.user, want) {
		s.Errorf("%s: user errors %q, want %q: %s", what, a.user, want, a.text)
	}
	if st.want != "" {
		if fault := contains(a.data, parse(s.text(st.want)), "data"); fault != "" {
			s.Errorf("%s: %s\n%s", what, fault, a.text)
		}
	}
	if !strings.Contains(a.text, st.says) {
		s.Errorf("%s: the answer does not hold %q: %.500s", what, st.says, a.text)
	}
	for _, one := range st.absent {
		if strings.Contains(a.text, s.text(one)) {
			s.Errorf("%s: the answer holds %s: %s", what, s.text(one), a.text)
		}
	}
}

// possessions is everything that the merchant has, as far as commands change it.
func (s *stage) possessions() string {
	s.Helper()
	var doc strings.Builder
	for _, list := range strings.Fields(`programs affiliates affiliateGroups enrollments hosts links coupons conversions customers commissions
		commissionPlans attributionPolicies payoutBatches payouts apiTokens memberships integrations`) {
		fmt.Fprintf(&doc, "%s(first: 1) { totalCount } ", list)
	}
	a := s.ask("owner", `{ merchant { version } trialBalance { amount currency } ann: balances(affiliateId: "`+s.names["ann"]+`") { pending { amount currency } payable { amount } } `+doc.String()+`}`, "null")
	if a.failed() != "" {
		s.Fatalf("what there is: %s", a.text)
	}
	return string(a.raw)
}

func parse(text string) (v any) {
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(fmt.Sprintf("not JSON: %s: %v", text, err)) // a fault of the scenario's author
	}
	return v
}

// dig walks into objects.
func dig(v any, path ...string) any {
	for _, part := range path {
		object, _ := v.(map[string]any)
		v = object[part]
	}
	return v
}

// contains says where got lacks what want has, or "". Objects may have more;
// lists may not.
func contains(got, want any, path string) string {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is %v, not an object", path, got)
		}
		for k, v := range want {
			if fault := contains(object[k], v, path+"."+k); fault != "" {
				return fault
			}
		}
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return fmt.Sprintf("%s is %v, not a list of %d", path, got, len(want))
		}
		for i := range want {
			if fault := contains(list[i], want[i], fmt.Sprintf("%s.%d", path, i)); fault != "" {
				return fault
			}
		}
	default:
		if want == "*" && got != nil {
			return ""
		}
		if got != want {
			return fmt.Sprintf("%s is %v, want %v", path, got, want)
		}
	}
	return ""
}
