package graph

import (
	"strings"
	"testing"
)

// pageAllocations is what a page of fifty commissions may allocate; it was 25 000 where
// every leaf had a context and every element a goroutine.
const pageAllocations = 12_000

func TestAPageReadsTheColumnsAskedFor(t *testing.T) {
	t.Parallel()
	var seen statements
	c := openCounter(t, seen.watch)
	c.order()
	seen.take()
	c.list(fifty)
	read, _ := seen.take()
	for _, q := range read {
		q = strings.ReplaceAll(q, `"`, "`")
		columns, rest, found := strings.Cut(q, " FROM ")
		if !found {
			continue
		}
		for table, foreign := range map[string]string{"`commissions`": "trace", "`conversions`": "spoken", "`affiliates`": "email"} {
			if strings.HasPrefix(rest, table) && strings.Contains(columns, "`"+foreign+"`") {
				t.Errorf("a page that asks for no %s reads it: %s", foreign, q)
			}
		}
	}
	if len(read) != 3 {
		t.Errorf("a page of rows of three tables took %d statements, want 3: %q", len(read), read)
	}
}

func TestAPageAllocatesLittle(t *testing.T) {
	c := openCounter(t, nil)
	for range 50 {
		c.order()
	}
	if n := testing.AllocsPerRun(10, func() { c.list(fifty) }); n > pageAllocations {
		t.Errorf("a page of fifty rows took %.0f allocations, want at most %d", n, pageAllocations)
	}
}
