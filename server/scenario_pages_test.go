package server_test

import (
	"fmt"
	"slices"
	"strings"
)

var pageStories = []scenario{
	{name: "Q79 pages are stable while rows come in", walk: pagesWhileInserting},
	{name: "bounds of lists", steps: []step{
		{ask: `{ links(first: 100) { totalCount } }`, want: `{"links":{"totalCount":2}}`},
		{ask: `{ links(first: 101) { totalCount } }`, code: "TOO_COMPLEX"},
		{ask: `{ links(last: 101) { totalCount } }`, code: "TOO_COMPLEX"},
		{ask: `{ links(first: -1) { totalCount } }`, code: "TOO_COMPLEX"},
		{ask: `query($n: Int) { links(first: $n) { totalCount } }`, vars: `{"n":101}`, code: "TOO_COMPLEX"},
		{ask: `{ links(first: 1, last: 1) { totalCount } }`, code: "INVALID"},
		{ask: `{ links(first: 1, after: "nonsense") { totalCount } }`, code: "INVALID"},
		{ask: `{ affiliates(first: 2) { edges { node { links { edges { node { id } } } } } } }`, code: "TOO_COMPLEX"},
		{ask: `{ affiliates(first: 2) { edges { node { ...f } } } } fragment f on Affiliate { links { edges { node { id } } } }`, code: "TOO_COMPLEX"},
		{ask: `{ affiliates(first: 2) { edges { node { links(first: 5) { edges { node { id } } } } } } }`, want: `{"affiliates":{"edges":[{"node":{"links":{"edges":[{"node":{"id":"$annLink"}}]}}},{"node":{"links":{"edges":[{"node":{"id":"$bobLink"}}]}}}]}}`},
		{ask: `{ nodes(ids: ["` + strings.Repeat(`x","`, 100) + `x"]) { id } }`, code: "INVALID"},
		{ask: `{ eventFeed(first: 101) { cursor } }`, code: "TOO_COMPLEX"},
	}},
	{name: "a cursor is of one list", steps: []step{
		{ask: `{ affiliates(first: 1) { edges { cursor } pageInfo { endCursor } } }`, save: []string{"affiliateCursor=affiliates.pageInfo.endCursor"}},
		{ask: `{ links(first: 1) { edges { cursor } pageInfo { endCursor } } }`, save: []string{"linkCursor=links.pageInfo.endCursor"}},
		{ask: `{ affiliates(after: "$affiliateCursor") { edges { node { name } } } }`, want: `{"affiliates":{"edges":[{"node":{"name":"bob"}}]}}`},
		{ask: `{ affiliates(after: "$linkCursor") { totalCount } }`, code: "INVALID"},
		{ask: `{ affiliates(before: "$linkCursor") { totalCount } }`, code: "INVALID"},
		{ask: `{ commissions(after: "$affiliateCursor") { totalCount } }`, code: "INVALID"},
		{ask: `{ affiliates(first: 1) { edges { node { links(first: 1, after: "$affiliateCursor") { totalCount } } } } }`, code: "INVALID"},
	}},
	{name: "nodes of every kind", steps: append(sale("1"), step{
		ask:  `{ nodes(ids: ["$conversion", "nonsense", "$annLink", "lnk_$missing", "$merchant"]) { id __typename } node(id: "$plan") { ... on CommissionPlan { name } } }`,
		want: `{"nodes":[{"id":"$conversion","__typename":"Conversion"},null,{"id":"$annLink","__typename":"Link"},null,{"id":"$merchant","__typename":"Merchant"}],"node":{"name":"Standard"}}`,
	})},
}

// pagesWhileInserting walks a list by pages in both directions while rows are
// added before each page: everything that was there is met once and in order.
func pagesWhileInserting(s *stage) {
	made := 0
	insert := func() {
		made++
		s.play(step{do: "affiliateGroupCreate", in: fmt.Sprintf(`{"name":"g%02d"}`, made), get: "affiliateGroup { id }"})
	}
	for range 11 {
		insert()
	}
	var all []string
	for i := range 11 {
		all = append(all, fmt.Sprintf("g%02d", i+1))
	}
	forward := s.pages(insert, "first", "after", "endCursor", "hasNextPage")
	if len(forward) < 11 || !slices.Equal(forward[:11], all) || !slices.IsSorted(forward) || len(slices.Compact(slices.Clone(forward))) != len(forward) {
		s.Errorf("forward: %v", forward)
	}
	if len(forward) <= 11 {
		s.Errorf("rows that come in are found at the end: %v", forward)
	}
	there := made
	backward := s.pages(insert, "last", "before", "startCursor", "hasPreviousPage")
	slices.Reverse(backward)
	if len(backward) != there+1 || !slices.IsSorted(backward) || len(slices.Compact(slices.Clone(backward))) != len(backward) { // one was added before the first page
		s.Errorf("backward: %d of %d, %v", len(backward), there, backward)
	}
}

// pages reads a list by threes; a page that is read backward is turned round.
func (s *stage) pages(between func(), size, from, cursor, more string) (names []string) {
	s.Helper()
	doc := fmt.Sprintf(`query($c: Cursor) { affiliateGroups(%s: 3, %s: $c) { edges { node { name } } pageInfo { %s %s } } }`, size, from, cursor, more)
	vars := "null"
	for range 30 {
		between()
		a := s.ask("owner", doc, vars)
		if a.failed() != "" {
			s.Fatal(a.text)
		}
		edges := dig(a.data, "affiliateGroups", "edges").([]any)
		if size == "last" {
			slices.Reverse(edges)
		}
		for _, e := range edges {
			names = append(names, dig(e, "node", "name").(string))
		}
		info := dig(a.data, "affiliateGroups", "pageInfo")
		if dig(info, more) != true || len(names) >= 20 {
			return names
		}
		vars = `{"c":"` + dig(info, cursor).(string) + `"}`
	}
	s.Fatal("the list does not end")
	return nil
}
