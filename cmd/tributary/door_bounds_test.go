package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/hostile"
)

// R2: two hundred log-ins at once, of four people from everywhere: two hash, fifty
// wait, the others are told to come back, and the process grows by no more than 160
// MiB. On a machine that is busy, who waits may run out of time, and a crowd may come
// so slowly that there is room for all of it: then another comes. With the bound taken
// out of enter in trust/auth nobody is ever sent away.
func TestR2_TheBinaryBoundsLogIns(t *testing.T) {
	t.Parallel()
	h := openDoor(t, 1, "TRIBUTARY_RATE_ADDRESS=off", "TRIBUTARY_TRUSTED_PROXIES=127.0.0.1", "TRIBUTARY_ROOM=400")
	s := h.servers[0]
	for i := range 4 {
		h.signUp(fmt.Sprintf("p%d@door.example", i))
	}
	before := s.memory(t, "VmHWM")
	var codes [3]int
	var faults []string
	for round := 0; round < 5 && codes[1] == 0 && len(faults) == 0; round++ {
		codes, faults = s.crowd(t)
	}
	grown := s.memory(t, "VmHWM") - before
	t.Logf("%d entered, %d were sent away, %d waited in vain; %d MiB more at most", codes[0], codes[1], codes[2], grown>>20)
	if len(faults) > 0 || codes[0]+codes[2] < 50 || codes[0] < 10 || codes[1] < 1 || grown > 160<<20 {
		t.Errorf("%v %d MiB %.1000s", codes, grown>>20, faults)
	}
}

// crowd is two hundred log-ins at once: how many enter, are sent away and wait in vain,
// and every other answer.
func (s *running) crowd(t *testing.T) (codes [3]int, faults []string) {
	t.Helper()
	var mu sync.Mutex
	var crowd sync.WaitGroup
	for i := range 200 {
		crowd.Go(func() {
			got := s.logIn(t, fmt.Sprintf("p%d@door.example", i%4), password, fmt.Sprintf("198.51.100.%d", i))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case strings.Contains(got.text, `"accessToken":"`):
				codes[0]++
			case hostile.Refused(strings.Replace(got.text, `,"data":null`, "", 1), "RATE_LIMITED") == "":
				codes[1]++
			case strings.Contains(got.text, `"DEADLINE_EXCEEDED"`):
				codes[2]++
			default:
				faults = append(faults, got.text)
			}
		})
	}
	crowd.Wait()
	return codes, faults
}

// logIn tries to, from an address.
func (s *running) logIn(t *testing.T, email, word, address string) reply {
	return s.send(t, "POST", "/graphql", `{"query":"mutation { logIn(input: {email: \"`+email+`\", password: \"`+word+`\"}) { accessToken } }"}`, "X-Forwarded-For", address)
}

// R2: an address that nobody has and a wrong password are answered with the same text,
// and cost the process the same work: the median of thirteen of each, taken in turns.
// Without the decoy in trust/auth an unknown address costs a thirtieth.
func TestR2_TheBinaryTellsNobodyWhoIsHere(t *testing.T) {
	t.Parallel()
	h := openDoor(t, 1, "TRIBUTARY_RATE_ADDRESS=off", "TRIBUTARY_TRUSTED_PROXIES=127.0.0.1")
	s := h.servers[0]
	var took [2][]time.Duration
	texts := map[string]bool{}
	for i := range 13 {
		for who, email := range []string{"owner@door.example", "nobody@door.example"} {
			began := s.worked(t)
			got := s.logIn(t, email, "wrong horse battery", fmt.Sprintf("198.51.100.%d", 2*i+who))
			took[who] = append(took[who], s.worked(t)-began)
			texts[fmt.Sprint(got.StatusCode, got.text)] = true
		}
	}
	for who := range took {
		slices.Sort(took[who])
	}
	known, unknown := took[0][6], took[1][6]
	t.Logf("known %v, unknown %v", known, unknown)
	if len(texts) != 1 || unknown < known*2/3 || known < unknown*2/3 {
		t.Errorf("%v of work for a known address, %v for another; %v", known, unknown, texts)
	}
}

// R2, A10, N34: two servers, one token, asked by turns until long after a burst is
// gone. What both grant together is within the formula, of requests and of points,
// and each refusal says how long to wait. With buckets of points for each server
// (Shared taken out of graphql in server) twice as many are granted.
func TestR2_A10_N34_TheBinarysServersShareAllowances(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, document  string
		env             []string
		units           int // of one request
		burst, every    int // units at once, and a second
		code            string
		status, servers int
	}{
		{"requests", `{ __typename }`, []string{"TRIBUTARY_RATE_TOKEN=100/10s"}, 1, 100, 10, "RATE_LIMITED", http.StatusTooManyRequests, 2},
		{"points", `{ programs(first: 99) { edges { node { id } } } }`, []string{"TRIBUTARY_COST_MAXIMUM=2000", "TRIBUTARY_COST_RESTORE=100"}, 100, 2000, 100, "RATE_LIMITED", http.StatusOK, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := openDoor(t, c.servers, c.env...)
			token, granted, refused := h.token(nil).Secret, 0, 0
			began := time.Now()
			for i := 0; time.Since(began) < 3*time.Second || refused < 20; i++ {
				got := h.servers[i%len(h.servers)].send(t, "POST", "/graphql", `{"query":"`+c.document+`"}`, "Authorization", "Bearer "+token)
				if strings.Contains(got.text, `"data":{`) {
					granted += c.units
					continue
				}
				refused++
				if got.StatusCode != c.status || !strings.Contains(got.text, `"code":"`+c.code+`"`) || !strings.Contains(got.text, `"retryAfterMs"`) && got.Header.Get("Retry-After") == "" {
					t.Fatalf("%d %v %s", got.StatusCode, got.Header, got.text)
				}
			}
			most := c.burst + int(time.Since(began).Seconds()*float64(c.every)) + c.units
			t.Logf("%d servers granted %d of %d, and refused %d times", len(h.servers), granted, most, refused)
			if granted > most || granted < c.burst-c.burst/5-c.units {
				t.Errorf("%d granted, the formula gives %d", granted, most)
			}
		})
	}
}
