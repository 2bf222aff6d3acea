package agent

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

func classifier(t testing.TB) *Classifier {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// agents reads a list of testdata, one agent a line, without the comments.
func agents(t testing.TB, name string) []string {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var list []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if line := lines.Text(); !strings.HasPrefix(line, "# ") {
			list = append(list, line)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestR6_EveryListedAgentIsABot(t *testing.T) {
	t.Parallel()
	c, reasons := classifier(t), map[Reason]int{}
	for _, agent := range agents(t, "instances.txt") {
		v := c.Classify(Request{Method: "GET", UserAgent: agent})
		if v.Class != Bot || v.Rule == "" {
			t.Errorf("%+v: %s", v, agent)
		}
		reasons[v.Reason]++
	}
	// The package's 1500 entries list 2118 agents.
	if total := reasons[KnownAgent] + reasons[LinkPreview]; total != 2118 {
		t.Errorf("recognised by the list: %d of 2118 (%v)", total, reasons)
	}
}

func TestR6_BrowsersArePeople(t *testing.T) {
	t.Parallel()
	c, list := classifier(t), agents(t, "browsers.txt")
	if len(list) < 100 {
		t.Fatalf("only %d browsers", len(list))
	}
	for _, agent := range list {
		if v := c.Classify(Request{Method: "GET", UserAgent: agent}); v != (Verdict{Class: Human}) {
			t.Errorf("%+v: %s", v, agent)
		}
	}
}

// A narrowed pattern that upstream no longer lists would narrow nothing.
func TestNarrowedPatternsAreListed(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, l := range lines(crawlersText) {
		listed[l.second] = true
	}
	if len(listed) != 1500 {
		t.Errorf("%d listed patterns, want 1500", len(listed))
	}
	seen := map[string]bool{}
	for _, l := range lines(narrowText) {
		if !listed[l.first] || seen[l.first] || l.second == "" {
			t.Errorf("%q is not listed, or twice", l.first)
		}
		seen[l.first] = true
	}
	for _, l := range lines(houseText) {
		if listed[l.second] {
			t.Errorf("%q is listed upstream as well", l.second)
		}
	}
}

// The index must not miss what a plain loop over all patterns finds.
func TestIndexAgreesWithALoop(t *testing.T) {
	t.Parallel()
	c := classifier(t)
	for _, agent := range append(agents(t, "instances.txt"), agents(t, "browsers.txt")...) {
		found := c.index.find(agent, c.rules)
		loop := byLoop(c.rules, agent)
		if (found == nil) != (loop == nil) || found != nil && found.kind != loop.kind {
			t.Errorf("index %v, loop %v: %s", found, loop, agent)
		}
	}
}

func byLoop(rules []rule, agent string) (best *rule) {
	for i := range rules {
		r := &rules[i]
		hit := r.matches(agent)
		if r.pattern == nil {
			hit = strings.Contains(agent, r.literals[0])
		}
		if hit && (best == nil || r.kind < best.kind) {
			best = r
		}
	}
	return best
}
