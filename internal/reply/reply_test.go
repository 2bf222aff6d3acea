package reply_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/reply"
)

func TestRefusalsHaveOneForm(t *testing.T) {
	t.Parallel()
	slow := problem.At(problem.RateLimited, "a.b", "wait")
	slow.RetryAfter = 1500 * time.Millisecond
	for want, err := range map[string]error{
		`429 2 {"errors":[{"extensions":{"code":"RATE_LIMITED","field":["a","b"],"retryAfterMs":1500},"message":"wait"}]}`: slow,
		`500  {"errors":[{"extensions":{"code":"INTERNAL"},"message":"something went wrong on our side"}]}`:                errors.New("canary"),
		`403  {"errors":[{"extensions":{"code":"FORBIDDEN"},"message":"no"}]}`:                                             problem.New(problem.Forbidden, "no"),
	} {
		w := httptest.NewRecorder()
		reply.Refuse(w, err)
		if got := strings.TrimSpace(w.Result().Status[:3] + " " + w.Header().Get("Retry-After") + " " + w.Body.String()); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

// A parameter that is not known is refused by its name.
func TestKnows(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"":                                 "",
		"?from=1&to=2":                     "",
		"?form=1":                          "form",
		"?From=1":                          "From",
		"?from=1&from=2":                   "from",
		"?to=1&%F0%9F%98%80":               "😀",
		"?" + strings.Repeat("x", 400):     strings.Repeat("x", 40),
		"?" + strings.Repeat("%C3%A9", 50): strings.Repeat("é", 20),
	} {
		err := reply.Knows(httptest.NewRequest("GET", "/"+query, nil), "from", "to")
		p, _ := problem.As(err)
		if (err == nil) != (want == "") || p != nil && (p.Code != problem.Invalid || p.Field[0] != want) {
			t.Errorf("%s: %v, want %q", query, err, want)
		}
	}
}
