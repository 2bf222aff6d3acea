package shoptest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// mostMetafields is how many a call takes.
const mostMetafields = 25

// Metafields gives those of a customer, namespace.key → value.
func (s *Shop) Metafields(customer string) (all map[string]string) {
	s.Do(func() { all = maps.Clone(s.metafields[customerID(customer)]) })
	return all
}

func customerID(id any) string { return fmt.Sprint("gid://shopify/Customer/", id) }

// customers answers what is asked of customers and of whose an order is.
func (s *Shop) customers(w http.ResponseWriter, query string, variables map[string]any) {
	field := s.read(w, query, &variables)
	if field == nil {
		return
	}
	told, let := s.spend(w, 10)
	if !let {
		return
	}
	s.Asked++
	args := field.ArgumentMap(variables)
	var answer any
	switch field.Name {
	case "nodes":
		answer = s.nodes(args["ids"].([]any))
	case "metafieldsSet", "metafieldsDelete":
		answer = s.change(field.Name, args["metafields"].([]any))
	}
	_ = json.NewEncoder(w).Encode(node{"data": node{field.Alias: answer}, "extensions": told})
}

// nodes gives whose orders are.
func (s *Shop) nodes(ids []any) (all []any) {
	for _, id := range ids {
		var found any
		for _, o := range s.orders {
			if id != fmt.Sprint("gid://shopify/Order/", o["id"]) {
				continue
			}
			var who any
			if c, is := o["customer"].(node); is {
				who = node{"id": customerID(c["id"])}
			}
			found = node{"id": id, "customer": who}
		}
		all = append(all, found)
	}
	return all
}

// change sets or deletes metafields, all of a call or none.
func (s *Shop) change(name string, all []any) node {
	out := node{"userErrors": s.wrong(name, all)}
	if len(out["userErrors"].([]any)) > 0 {
		return out
	}
	s.Writes++
	changed := map[string]bool{}
	for _, one := range all {
		m := one.(node)
		owner, key := m["ownerId"].(string), fmt.Sprint(m["namespace"], ".", m["key"])
		if s.metafields[owner] == nil {
			s.metafields[owner] = map[string]string{}
		}
		before, had := s.metafields[owner][key]
		if name == "metafieldsDelete" {
			delete(s.metafields[owner], key)
			changed[owner] = changed[owner] || had
			continue
		}
		s.metafields[owner][key] = m["value"].(string)
		changed[owner] = changed[owner] || before != m["value"]
	}
	for _, owner := range slices.Sorted(maps.Keys(changed)) {
		if changed[owner] && s.Updated != nil {
			s.Updated(strings.TrimPrefix(owner, customerID("")))
		}
	}
	return out
}

// wrong finds what refuses a call.
func (s *Shop) wrong(name string, all []any) (faults []any) {
	faults = []any{}
	refuse := func(i int, code, field, words string) {
		s.Refused = append(s.Refused, code+" "+field)
		one := node{"field": []any{"metafields", fmt.Sprint(i), field}, "message": words}
		if name == "metafieldsSet" {
			one["code"], one["elementIndex"] = code, i
		}
		faults = append(faults, one)
	}
	if len(all) > mostMetafields {
		refuse(0, "LESS_THAN_OR_EQUAL_TO", "metafields", "too many")
	}
	for i, one := range all {
		m := one.(node)
		value, _ := m["value"].(string)
		switch {
		case !s.isCustomer(m["ownerId"]):
			refuse(i, "INVALID", "ownerId", "Owner does not exist")
		case m["namespace"] != "tributary":
			refuse(i, "APP_NOT_AUTHORIZED", "namespace", "not of this app")
		case name == "metafieldsSet" && strings.TrimSpace(value) == "":
			refuse(i, "BLANK", "value", "can't be blank")
		case name == "metafieldsSet" && (m["type"] != "single_line_text_field" || strings.ContainsAny(value, "\r\n")):
			refuse(i, "INVALID_TYPE", "type", "is none that the value has")
		}
	}
	return faults
}

func (s *Shop) isCustomer(id any) bool {
	for _, o := range s.orders {
		if c, is := o["customer"].(node); is && id == customerID(c["id"]) {
			return true
		}
	}
	return false
}
