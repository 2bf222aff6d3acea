package graph

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/hostile"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/auth"
)

// What a hostile document may cost.
const (
	hostileCPU   = 50 * time.Millisecond
	hostileReply = 8 << 10
	hostileRSS   = 64 << 20
)

func resolverFor(t *testing.T) *Resolver {
	t.Helper()
	s := storetest.Open(t)
	return &Resolver{Store: s, Auth: auth.New(auth.Config{Store: s}), Log: slog.New(slog.DiscardHandler)}
}

// handlerFor is the API on an empty database for a viewer who may ask for anything.
func handlerFor(t *testing.T, costs Costs) http.Handler {
	t.Helper()
	r := resolverFor(t)
	session, err := r.Auth.SignUp(t.Context(), auth.SignUpInput{Email: "ada@example.com", Password: "correct horse battery", Name: "Ada", MerchantName: "Acme", Currency: "USD"})
	if err != nil {
		t.Fatal(err)
	}
	v, err := r.Auth.Authenticate(t.Context(), session.AccessToken, "")
	if err != nil {
		t.Fatal(err)
	}
	h := NewHandler(Config{Resolver: r, Introspection: true, Costs: costs})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(trust.With(r.Context(), v)))
	})
}

func post(t *testing.T, h http.Handler, body map[string]any) *httptest.ResponseRecorder {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(string(text)))
	r.Header.Set("Content-Type", "application/json")
	h.ServeHTTP(w, r)
	return w
}

// Every hostile document is answered in little time and few bytes, the best of
// three, and the whole corpus leaves little memory behind.
func TestR1_N34_HostileDocumentsCostLittle(t *testing.T) { // not parallel: it counts the process's CPU time and memory
	h := handlerFor(t, Costs{})
	post(t, h, map[string]any{"query": "{ viewer { id } }"})
	before := rss(t)
	for name, document := range hostile.Documents {
		least, reply := time.Hour, ""
		for range 3 {
			began := cpu(t)
			w := post(t, h, map[string]any{"query": document})
			least, reply = min(least, cpu(t)-began), w.Body.String()
		}
		if least > hostileCPU && !storetest.Instrumented() || len(reply) > hostileReply {
			t.Errorf("%s: %v of CPU, a reply of %d bytes: %.300s", name, least, len(reply), reply)
		}
		t.Logf("%-25s %9v %6d bytes %.120s", name, least.Round(time.Microsecond), len(reply), reply)
	}
	if grown := rss(t) - before; grown > hostileRSS {
		t.Errorf("the corpus left %d KiB", grown>>10)
	}
}

func cpu(t *testing.T) time.Duration {
	t.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// rss is the memory of this process that is in use after a collection.
func rss(t *testing.T) int {
	t.Helper()
	debug.FreeOSMemory()
	if runtime.GOOS != "linux" {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapInuse)
	}
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
