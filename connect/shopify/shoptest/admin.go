package shoptest

import (
	_ "embed" // the schema
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

//go:embed admin_2026-10.graphql
var schemaText string

func schema() *ast.Schema {
	return gqlparser.MustLoadSchema(&ast.Source{Name: "admin", Input: schemaText})
}

// throttled is what the shop says of a question that costs too much.
const throttled = "THROTTLED"

// Bucket is what questions cost: a call that costs more than is there is refused.
type Bucket struct {
	Max, Left, Restore float64 // points, points, points a second
	at                 time.Time
}

// refill gives what has come back since the last question.
func (b *Bucket) refill() {
	now := time.Now()
	if !b.at.IsZero() {
		b.Left = min(b.Max, b.Left+b.Restore*now.Sub(b.at).Seconds())
	}
	b.at = now
}

// node is an object of the Admin API.
type node = map[string]any

// Put puts an order into the shop, as a webhook writes it, in the place of the one of
// its id.
func (s *Shop) Put(raw []byte) {
	var o node
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		panic(err)
	}
	s.Do(func() {
		s.orders = slices.DeleteFunc(s.orders, func(n node) bool { return fmt.Sprint(n["id"]) == fmt.Sprint(o["id"]) })
		s.orders = append(s.orders, o)
		slices.SortStableFunc(s.orders, func(a, b node) int { return stampOf(a).Compare(stampOf(b)) })
	})
}

func stampOf(o node) time.Time {
	at, err := time.Parse(time.RFC3339, o["updated_at"].(string))
	if err != nil {
		panic(err)
	}
	return at
}

// admin answers a question about orders.
func (s *Shop) admin(w http.ResponseWriter, query string, variables map[string]any) {
	field := s.read(w, query, &variables)
	if field == nil {
		return
	}
	args := field.ArgumentMap(variables)
	told, let := s.spend(w, 10.0+4*float64(number(args["first"])))
	if !let {
		return
	}
	s.Asked++
	var value any
	if field.Name == "orders" {
		value = s.page(args)
	} else {
		value = s.one(args)
	}
	if s.Asking != nil {
		s.Asking()
	}
	_ = json.NewEncoder(w).Encode(node{"data": node{field.Alias: project(field.SelectionSet, value, variables)}, "extensions": told})
}

// read checks a document and what it is sent with against the schema, and gives its one
// field; nil when it was refused.
func (s *Shop) read(w http.ResponseWriter, query string, variables *map[string]any) *ast.Field {
	known := schema()
	doc, faults := gqlparser.LoadQueryWithRules(known, query, rules.NewDefaultRules())
	err := error(nil)
	if len(faults) > 0 {
		err = faults
	} else {
		*variables, err = validator.VariableValues(known, doc.Operations[0], *variables)
	}
	if err != nil {
		s.Refused = append(s.Refused, err.Error())
		_ = json.NewEncoder(w).Encode(node{"errors": []node{{"message": err.Error()}}})
		return nil
	}
	return doc.Operations[0].SelectionSet[0].(*ast.Field)
}

// spend takes what a call costs, and refuses one that costs more than is there.
func (s *Shop) spend(w http.ResponseWriter, cost float64) (node, bool) {
	s.Bucket.refill()
	told := node{"cost": node{"requestedQueryCost": cost, "throttleStatus": node{
		"maximumAvailable": s.Bucket.Max, "currentlyAvailable": int(s.Bucket.Left), "restoreRate": s.Bucket.Restore,
	}}}
	if cost > s.Bucket.Left {
		s.Refused = append(s.Refused, throttled)
		_ = json.NewEncoder(w).Encode(node{"errors": []node{{"message": "Throttled", "extensions": node{"code": throttled}}}, "extensions": told})
		return told, false
	}
	s.Bucket.Left -= cost
	told["cost"].(node)["throttleStatus"].(node)["currentlyAvailable"] = int(s.Bucket.Left)
	return told, true
}

func number(v any) int {
	n, _ := strconv.Atoi(fmt.Sprint(v))
	return n
}

func (s *Shop) one(args map[string]any) any {
	for _, o := range s.orders {
		if args["id"] == fmt.Sprint("gid://shopify/Order/", o["id"]) {
			return orderNode(o)
		}
	}
	return nil
}

// page gives the orders of a window by the time of their last change: the query must
// be of the one form that is known to work, updated_at:>='…' updated_at:<'…'.
func (s *Shop) page(args map[string]any) node {
	var since, until string
	if _, err := fmt.Sscanf(fmt.Sprint(args["query"]), "updated_at:>=%s updated_at:<%s", &since, &until); err != nil || args["sortKey"] != "UPDATED_AT" {
		panic(fmt.Sprint("the shop would give any orders for ", args))
	}
	from, err := time.Parse("'2006-01-02T15:04:05Z'", since)
	to, err2 := time.Parse("'2006-01-02T15:04:05Z'", until)
	if err != nil || err2 != nil {
		panic(fmt.Sprint("the shop does not know the time of ", args))
	}
	var all []any
	more, end := false, ""
	after, _ := args["after"].(string)
	for _, o := range s.orders {
		mark := stampOf(o).UTC().Format(time.RFC3339) + "/" + fmt.Sprint(o["id"])
		if at := stampOf(o); at.Before(from) || !at.Before(to) || mark <= after {
			continue
		}
		if len(all) == number(args["first"]) {
			more = true
			break
		}
		all, end = append(all, orderNode(o)), mark
	}
	return node{"nodes": all, "pageInfo": node{"hasNextPage": more, "endCursor": end}}
}

// list is a connection within an order.
type list []any

// project gives of a value what is asked for.
func project(set ast.SelectionSet, value any, variables map[string]any) any {
	switch v := value.(type) {
	case nil:
		return nil
	case list:
		panic("a list needs its arguments")
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = project(set, one, variables)
		}
		return out
	case node:
		out := node{}
		for _, one := range set {
			f := one.(*ast.Field)
			inner, known := v[f.Name]
			if !known {
				panic("the shop that is played does not know " + f.Name)
			}
			if all, is := inner.(list); is {
				inner = all.page(f.ArgumentMap(variables))
			}
			if len(f.SelectionSet) > 0 {
				inner = project(f.SelectionSet, inner, variables)
			}
			out[f.Alias] = inner
		}
		return out
	}
	return value
}

func (l list) page(args map[string]any) node {
	from := number(args["after"])
	to := min(len(l), from+number(args["first"]))
	return node{"nodes": []any(l[from:to]), "pageInfo": node{"hasNextPage": to < len(l), "endCursor": strconv.Itoa(to)}}
}
