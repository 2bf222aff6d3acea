package server

import (
	"slices"
	"testing"

	"github.com/tributary/tributary/internal/hostile"
)

// R1: what the usual auditors look for is refused with a typed error, within the
// deadline, and tells nothing, and so is what would cost more than it says, whoever
// asks. The one finding that stays is that queries are answered by GET, as GraphQL
// over HTTP has it: they change nothing, and no foreign page can read the answer.
func TestR1_UsualAbuse(t *testing.T) {
	t.Parallel()
	r := serve(t, func(c *Config) { c.Introspection, c.Explorer = false, false })
	for _, a := range slices.Concat(hostile.Abuses, hostile.Costly) {
		t.Run(a.Weakness, func(t *testing.T) {
			t.Parallel()
			req, err := a.Request(t.Context(), r.URL())
			if err != nil {
				t.Fatal(err)
			}
			got := do(t, req)
			if fault := a.Fault(got.Response, got.text); fault != "" {
				t.Error(fault)
			}
		})
	}
}

// What is refused before the API is reached comes in the type in which the
// client looks for errors. Without spoken it is plain JSON for all.
func TestRefusalsComeInTheClientsMediaType(t *testing.T) {
	t.Parallel()
	r := serve(t)
	for accept, want := range map[string]string{
		"application/graphql-response+json, application/json;q=0.9": "application/graphql-response+json; charset=utf-8",
		"application/json": "application/json; charset=utf-8",
		"*/*":              "application/json; charset=utf-8",
		"":                 "application/json; charset=utf-8",
	} {
		got := r.send(t, "POST", "/graphql", `{"query":"{ __typename }"}`, "Content-Type", "application/json", "Authorization", "Bearer nonsense", "Accept", accept)
		if got.StatusCode != 401 || got.Header.Get("Content-Type") != want {
			t.Errorf("%q: %d %s", accept, got.StatusCode, got.Header.Get("Content-Type"))
		}
		if fault := hostile.Refused(got.text, "UNAUTHENTICATED"); fault != "" {
			t.Error(fault)
		}
	}
}
