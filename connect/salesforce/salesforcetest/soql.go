package salesforcetest

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// question is what is understood of SOQL: fields of one object, conditions that all
// hold, and an order.
type question struct {
	fields []string
	object string
	where  []condition
	order  []string
	limit  int
}

type condition struct {
	field, op string
	values    []string // nil for null
}

var (
	token  = regexp.MustCompile(`^(?:'(?:[^'\\]|\\.)*'|[A-Za-z_][A-Za-z0-9_.]*|[0-9][0-9A-Za-z:.+-]*|>=|<=|!=|[=<>(),])`)
	unfold = strings.NewReplacer(`\\`, `\`, `\'`, `'`, `\"`, `"`, `\n`, "\n", `\r`, "\r", `\t`, "\t")
)

// parse reads a question; why says what is not understood.
func parse(q string) (out question, why string) {
	var all []string
	for q = strings.TrimSpace(q); q != ""; q = strings.TrimLeft(q, " ") {
		t := token.FindString(q)
		if t == "" {
			return out, "unexpected token: " + q[:1]
		}
		all, q = append(all, t), q[len(t):]
	}
	r := &reader{rest: all}
	r.want("SELECT")
	out.fields = r.list(false)
	r.want("FROM")
	out.object = r.next()
	if r.is("WHERE") {
		for more := true; more; more = r.is("AND") {
			out.where = append(out.where, r.condition())
		}
	}
	if r.is("ORDER") {
		r.want("BY")
		out.order = r.list(false)
	}
	if r.is("LIMIT") {
		n, err := strconv.Atoi(r.next())
		out.limit, r.bad = n, r.bad || err != nil || n < 1
	}
	if r.bad || len(r.rest) > 0 {
		return out, "the question is not understood"
	}
	return out, ""
}

type reader struct {
	rest []string
	bad  bool
}

func (r *reader) next() string {
	if len(r.rest) == 0 {
		r.bad = true
		return ""
	}
	t := r.rest[0]
	r.rest = r.rest[1:]
	return t
}

func (r *reader) is(word string) bool {
	if len(r.rest) > 0 && r.rest[0] == word {
		r.rest = r.rest[1:]
		return true
	}
	return false
}

func (r *reader) want(word string) { r.bad = r.next() != word || r.bad }

// list reads names, or texts.
func (r *reader) list(texts bool) (all []string) {
	for more := true; more && !r.bad; more = r.is(",") {
		t := r.next()
		if texts {
			t = r.text(t)
		}
		all = append(all, t)
	}
	return all
}

func (r *reader) text(t string) string {
	if len(t) < 2 || t[0] != '\'' {
		r.bad = true
		return ""
	}
	return unfold.Replace(t[1 : len(t)-1])
}

func (r *reader) condition() condition {
	c := condition{field: r.next(), op: r.next()}
	switch {
	case c.op == "IN":
		r.want("(")
		c.values = r.list(true)
		r.want(")")
	case c.op == "=" && r.is("null"):
	case c.op == "=" || c.op == "!=":
		c.values = []string{r.text(r.next())}
	case c.op == ">=" || c.op == "<":
		c.values = []string{r.next()}
	default:
		r.bad = true
	}
	return c
}

// find answers a question; why says which field is not there.
func (o *Org) find(q question) (rows []map[string]any, why string) {
	known := o.fields[q.object]
	names := slices.Concat(q.fields, q.order)
	for _, c := range q.where {
		names = append(names, c.field)
	}
	for _, name := range names {
		if _, there := known[name]; !there {
			return nil, "No such column '" + name + "' on entity '" + q.object + "'"
		}
	}
	var found []*Object
	for _, one := range o.objects[q.object] {
		if !slices.ContainsFunc(q.where, func(c condition) bool { return !c.holds(one) }) {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b *Object) int {
		for _, name := range append(q.order, "Id") {
			if n := cmp.Compare(a.Fields[name], b.Fields[name]); n != 0 {
				return n
			}
		}
		return 0
	})
	if q.limit > 0 {
		found = found[:min(q.limit, len(found))]
	}
	for _, one := range found {
		row := map[string]any{"attributes": map[string]string{"type": q.object, "url": version + "/sobjects/" + q.object + "/" + one.ID}}
		for _, name := range q.fields {
			switch v, has := one.Fields[name]; {
			case !has:
				row[name] = nil
			case numeric[known[name].Type]:
				row[name] = json.Number(v)
			default:
				row[name] = v
			}
		}
		rows = append(rows, row)
	}
	return rows, ""
}

func (c condition) holds(one *Object) bool {
	v := one.Fields[c.field]
	switch c.op {
	case ">=":
		return v[:min(19, len(v))] >= strings.TrimSuffix(c.values[0], "Z")
	case "<":
		return v[:min(19, len(v))] < strings.TrimSuffix(c.values[0], "Z")
	}
	if c.op == "!=" {
		return !strings.EqualFold(c.values[0], v)
	}
	if c.values == nil {
		return v == ""
	}
	return slices.ContainsFunc(c.values, func(want string) bool { return strings.EqualFold(want, v) })
}
