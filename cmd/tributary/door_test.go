package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/sim"
)

// door is servers of the finished binary that share a database and keys. What is
// asserted of them is what the network, their logs and the system's tables show.
type door struct {
	*testing.T
	servers []*running
	owner   *sim.Client // at the first server
	who     signedUp
	keys    string // path of the key file
}

type signedUp struct{ AccessToken, MerchantID string }

// openDoor starts as many servers as asked for, or one where the database is a file, and
// signs an owner up. env is what they are told beside their place.
func openDoor(t *testing.T, servers int, env ...string) door {
	t.Helper()
	dir, url := t.TempDir(), databaseURL(t)
	h := door{T: t, keys: filepath.Join(dir, "key")}
	env = append(env, "TRIBUTARY_KEY_FILE="+h.keys)
	for len(h.servers) < servers && (url != "" || len(h.servers) == 0) {
		h.servers = append(h.servers, startAt(t, dir, url, "127.0.0.1:0", env...))
		dir = t.TempDir()
	}
	h.who = h.signUp("owner@door.example")
	h.owner = sim.New(h.servers[0].base, h.who.AccessToken)
	return h
}

const password = "correct horse battery"

func (h door) signUp(email string) signedUp {
	h.Helper()
	var out struct{ SignUp signedUp }
	h.must(sim.New(h.servers[0].base, ""), `mutation($in: SignUpInput!) { signUp(input: $in) { accessToken merchantId } }`,
		sim.Vars{"in": sim.Vars{"email": email, "password": password, "name": "O", "merchantName": "Door", "currency": "USD"}}, &out)
	return out.SignUp
}

func (h door) must(c *sim.Client, document string, vars sim.Vars, out any) {
	h.Helper()
	if err := c.Do(h.Context(), document, vars, out); err != nil {
		h.Fatalf("%.100s: %v", document, err)
	}
}

type apiToken struct {
	Secret   string
	APIToken struct{ ID string } `json:"apiToken"`
}

// token makes a token that may read the merchant's events; more is added to its input.
func (h door) token(more sim.Vars) apiToken {
	h.Helper()
	in := sim.Vars{"name": "feed", "kind": "SECRET", "scopes": []string{"EVENT_READ", "PROGRAM_READ"}}
	for k, v := range more {
		in[k] = v
	}
	var out struct{ APITokenCreate apiToken }
	h.must(h.owner, `mutation($in: ApiTokenCreateInput!) { apiTokenCreate(input: $in) { secret apiToken { id } userErrors { field message code } } }`, sim.Vars{"in": in}, &out)
	return out.APITokenCreate
}

// reply is an answer with its body read.
type reply struct {
	*http.Response
	text string
}

var plain = &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// send makes a request at a server: headers come in pairs.
func (s *running) send(t *testing.T, method, path, body string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return do(t, req)
}

func do(t *testing.T, req *http.Request) reply {
	t.Helper()
	res, err := plain.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res, string(text)}
}

// gauge reads a number from the server's /metrics.
func (s *running) gauge(t *testing.T, name string) int {
	t.Helper()
	_, rest, _ := strings.Cut(s.send(t, "GET", "/metrics", "").text, "\n"+name+" ")
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseFloat(line, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return int(n)
}

// memory reads a line of the process's status, in bytes: VmRSS, VmHWM, its
// most, or RssAnon, which is without the program's own file.
func (s *running) memory(t *testing.T, line string) int {
	t.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(s.cmd.Process.Pid) + "/status")
	if err != nil {
		t.Skip("this system does not tell a process's memory")
	}
	_, rest, _ := bytes.Cut(text, []byte("\n"+line+":"))
	kib, err := strconv.Atoi(string(bytes.Fields(rest)[0]))
	if err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

// worked is the CPU time of all threads of the process.
func (s *running) worked(t *testing.T) (sum time.Duration) {
	t.Helper()
	all, _ := filepath.Glob("/proc/" + strconv.Itoa(s.cmd.Process.Pid) + "/task/*/schedstat")
	if len(all) == 0 {
		t.Skip("this system does not tell what a process's threads did")
	}
	for _, path := range all {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // a thread that ended
		}
		n, _ := strconv.Atoi(string(bytes.Fields(text)[0]))
		sum += time.Duration(n)
	}
	return sum
}

// settles waits until ok, for what happens a little later.
func settles(t *testing.T, within time.Duration, what string, ok func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for ; !ok(); time.Sleep(20 * time.Millisecond) { // between two looks at another process
		if time.Since(began) > within {
			t.Fatalf("%s: not within %v", what, within)
		}
	}
	return time.Since(began)
}
