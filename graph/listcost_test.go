package graph

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
)

// fifty is what a console shows: fifty commissions with their affiliate and order.
const fifty = `{ commissions(first: 50) { edges { node { id status amount { amount currency } affiliate { id name } conversion { id externalID total { amount currency } } } } pageInfo { hasNextPage endCursor } } }`

// list reads the page.
func (c *counter) list(query string) string {
	c.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	c.must(err)
	r := httptest.NewRequestWithContext(c.ctx, http.MethodPost, "/graphql", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	c.api.ServeHTTP(w, r)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"errors"`) {
		c.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// BenchmarkList gives the processor's time beside the clock's: other work on the machine
// moves only the latter.
func BenchmarkList(b *testing.B) {
	c := openCounter(b, nil)
	for range 60 {
		c.order()
	}
	b.ReportAllocs()
	began := used(b)
	for b.Loop() {
		c.list(fifty)
	}
	b.ReportMetric(float64(used(b)-began)/float64(b.N), "cpu-ns/op")
}

// used is the processor's time of this process, in nanoseconds.
func used(b *testing.B) int64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
