package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/sim"
)

// R2: the finished binary's own command rotates keys twice while programs sign in at
// one server and work at the next, which signs, verifies, seals and opens; values are
// sealed again; and no request fails.
func TestR2_TheBinaryRotatesKeysUnderLoad(t *testing.T) {
	t.Parallel()
	h := openDoor(t, 2, "TRIBUTARY_RATE_ADDRESS=off")
	var made struct {
		ProgramCreate struct{ Program struct{ ID string } }
	}
	h.must(h.owner, `mutation { programCreate(input: {name: "P", currency: "USD", fallbackUrl: "https://shop.example/closed"}) { program { id } } }`, nil, &made)
	machine := h.token(sim.Vars{"scopes": []string{"PROGRAM_READ", "CONVERSION_WRITE", "CUSTOMER_READ"}})
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {machine.APIToken.ID}, "client_secret": {machine.Secret}}.Encode()
	var stop atomic.Bool
	var rounds, failed atomic.Int64
	var load sync.WaitGroup
	for range 4 {
		load.Go(func() {
			for !stop.Load() {
				if fault := h.round(rounds.Add(1), form, made.ProgramCreate.Program.ID); fault != "" && failed.Add(1) == 1 {
					t.Error(fault)
				}
			}
		})
	}
	for kid := 2; kid <= 3; kid++ {
		h.run("keys", "rotate", "--lead", "2s")
		for _, s := range h.servers {
			settles(t, 20*time.Second, "the key at every server", func() bool {
				return strings.Contains(s.send(t, "GET", "/.well-known/jwks.json", "").text, fmt.Sprintf(`"kid":"%d"`, kid))
			})
		}
		settles(t, 20*time.Second, "the key in use", func() bool { return strings.Contains(h.run("keys", "reseal"), fmt.Sprint("under key ", kid)) })
	}
	since := rounds.Load()
	settles(t, 20*time.Second, "work after the rotation", func() bool { return rounds.Load() > since+10 })
	stop.Store(true)
	load.Wait()
	t.Logf("%d rounds over %d servers, %d failed", rounds.Load(), len(h.servers), failed.Load())
}

// run runs a command of the binary at the house's place.
func (h door) run(args ...string) string {
	h.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = h.servers[0].env()
	out, err := cmd.CombinedOutput()
	if err != nil {
		h.Fatalf("%v: %v %s", args, err, out)
	}
	return string(out)
}

// round signs a program in, and has it write and read what is sealed, each at
// another server.
func (h door) round(n int64, form, program string) string {
	at := func(i int64) *running { return h.servers[(n+i)%int64(len(h.servers))] }
	got := at(0).send(h.T, "POST", "/oauth/token", form, "Content-Type", "application/x-www-form-urlencoded")
	var out struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.text), &out); err != nil || out.Access == "" {
		return got.Status + got.text
	}
	for i, document := range []string{
		fmt.Sprintf(`mutation { conversionRecord(input: {programId: %q, externalId: "%d", total: {amount: "5.00", currency: "USD"}, customer: {email: "b%d@k.example", name: "Bo"}}) { created userErrors { message } } }`, program, n, n),
		`{ customers(last: 3) { edges { node { email name } } } }`,
	} {
		body, _ := json.Marshal(map[string]string{"query": document})
		got := at(int64(i)+1).send(h.T, "POST", "/graphql", string(body), "Authorization", "Bearer "+out.Access)
		if got.StatusCode != 200 || strings.Contains(got.text, `"errors"`) || strings.Contains(got.text, `"message"`) || strings.Contains(got.text, `"email":null`) {
			return got.Status + got.text
		}
	}
	return ""
}
