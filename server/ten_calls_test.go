package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/sim"
)

// tutorial walks a document: its blocks are asked, and what they answer is
// compared with the block that follows.
type tutorial struct {
	*testing.T
	client *sim.Client
	names  map[string]string // what stands in braces
}

var (
	fenced = regexp.MustCompile("(?s)```(graphql|json|http)\n(.*?)\n```")
	braces = regexp.MustCompile(`\{\{(\w+)\}\}`)
)

// The way from nothing to the first commission is ten calls, and they run.
func TestTheTenCallsOfTheDocument(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/ten-calls.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := fenced.FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 20 {
		t.Fatalf("%d blocks, want ten calls with ten answers", len(blocks))
	}
	th := open(t)
	w := &tutorial{T: t, client: sim.New(th.URL(), ""), names: map[string]string{}}
	for i := 0; i < len(blocks); i += 2 {
		call, want := w.fill(blocks[i][2]), blocks[i+1][2]
		if blocks[i][1] == "http" {
			w.visit(call, want)
			continue
		}
		w.ask(call, want)
	}
}

// fill puts what is known in the place of the braces.
func (w *tutorial) fill(text string) string {
	return braces.ReplaceAllStringFunc(text, func(name string) string {
		value, known := w.names[strings.Trim(name, "{}")]
		if !known {
			w.Fatalf("%s is used before an answer names it", name)
		}
		return value
	})
}

func (w *tutorial) ask(query, want string) {
	w.Helper()
	var got, promised any
	if err := w.client.As(w.names["accessToken"]).Do(w.Context(), query, nil, &got); err != nil {
		w.Fatalf("%s\n%v", query, err)
	}
	if err := json.Unmarshal([]byte(want), &promised); err != nil {
		w.Fatalf("%s\n%v", want, err)
	}
	w.same("", got, promised)
}

// visit opens a link and reads the token off where it leads.
func (w *tutorial) visit(call, want string) {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), http.MethodGet, strings.TrimPrefix(call, "GET "), nil)
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	resp, err := w.client.HTTP.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	w.same(call, resp.Status[:4]+resp.Header.Get("Location"), want)
}

// same compares an answer with what the page promises, as far as it promises;
// names in braces are learnt the first time and compared from then on.
func (w *tutorial) same(path string, got, want any) {
	w.Helper()
	switch want := want.(type) {
	case map[string]any:
		row, _ := got.(map[string]any)
		for name, one := range want {
			w.same(path+"."+name, row[name], one)
		}
	case []any:
		list, _ := got.([]any)
		if len(list) != len(want) {
			w.Fatalf("%s: %d elements, want %d", path, len(list), len(want))
		}
		for i, one := range want {
			w.same(path, list[i], one)
		}
	case string:
		w.text(path, got, want)
	default:
		if got != want {
			w.Errorf("%s is %v, want %v", path, got, want)
		}
	}
}

func (w *tutorial) text(path string, got any, want string) {
	w.Helper()
	text, _ := got.(string)
	if before, name, found := strings.Cut(want, "{{"); found {
		value, is := strings.CutPrefix(text, before)
		name = strings.TrimSuffix(name, "}}")
		if known, has := w.names[name]; !is || value == "" || has && known != value {
			w.Fatalf("%s is %q, want %q with %s %q", path, text, want, name, known)
		}
		w.names[name] = value
		return
	}
	if text != want {
		w.Errorf("%s is %q, want %q", path, text, want)
	}
}
