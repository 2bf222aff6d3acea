package egress_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/egress"
)

func TestOnlyWhoAsksReadsALongAnswer(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(strings.Repeat("x", egress.LongAnswer+1)))
	}))
	t.Cleanup(s.Close)
	c := egress.New(egress.Options{Guard: egress.Guard{Loopback: true}})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	short, err := c.Do(t.Context(), r)
	if err != nil || len(short.Body) != egress.AnswerLimit {
		t.Errorf("%d bytes, %v", len(short.Body), err)
	}
	if long, err := c.Do(egress.Long(t.Context()), r); err != nil || len(long.Body) != egress.LongAnswer {
		t.Errorf("%d bytes, %v", len(long.Body), err)
	}
}
