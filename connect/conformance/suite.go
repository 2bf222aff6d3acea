package conformance

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"os"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/conversion"
)

// signatures: nothing but the very bytes that were signed passes, and nothing without
// one of the secrets.
func signatures(t *testing.T, s Subject, _ OrderID) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	one := s.Messages[0]
	raw := one.Body(1, "token")
	verify := func(raw []byte, change func(http.Header), secrets ...string) bool {
		h := http.Header{}
		s.Sign(h, one, one.Body(1, "token"), 1, Secret, now)
		if change != nil {
			change(h)
		}
		var all [][]byte
		for _, secret := range secrets {
			all = append(all, []byte(secret))
		}
		return s.Provider.Verify(h, raw, all, now) == nil
	}
	if !verify(raw, nil, Secret) || !verify(raw, nil, "new", Secret) {
		t.Error("what is signed right is refused, or only when a second secret is live")
	}
	flipped := slices.Clone(raw)
	flipped[len(flipped)/2] ^= 1
	for name, bad := range map[string]bool{
		"another byte": verify(flipped, nil, Secret), "a byte more": verify(append(slices.Clone(raw), '\n'), nil, Secret),
		"a byte less": verify(raw[:len(raw)-1], nil, Secret), "another secret": verify(raw, nil, "new"), "no secret": verify(raw, nil),
		"no signature": verify(raw, s.Unsigned, Secret),
	} {
		if bad {
			t.Errorf("%s passes", name)
		}
	}
}

// sameMessage: parked messages are read again, and must say then what they said.
func sameMessage(t *testing.T, s Subject, _ OrderID) {
	for _, one := range s.Messages {
		raw := one.Body(1, "token")
		first, err := s.Provider.Message(one.Topic, raw)
		clear(raw) // the provider must not keep it
		again, err2 := s.Provider.Message(one.Topic, one.Body(1, "token"))
		if err != nil || err2 != nil || !reflect.DeepEqual(first, again) || first.Key == "" && first.Ignored == "" {
			t.Errorf("%s: %+v, %v; again %+v, %v", one.Topic, first, err, again, err2)
		}
	}
}

func everyState(t *testing.T, s Subject, id OrderID) {
	m := Open(t, s)
	for i, one := range s.Messages {
		m.Send(one, 1)
		if got := m.State(m.Ctx, id(1)); got != s.After[i] {
			t.Errorf("after %s:\n%s, want\n%s", one.Topic, got, s.After[i])
		}
	}
	m.Books(s.Currency, s.Pending)
	if counts := m.Statuses(); counts["PARKED"]+counts["REFUSED"]+counts["DEAD"] > 0 {
		t.Errorf("receipts %v", counts)
	}
}

func duplicates(t *testing.T, s Subject, id OrderID) {
	m := Open(t, s)
	for _, one := range s.Messages {
		raw := one.Body(1, m.Token)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if code, _ := m.Post(one, raw, nil); code != http.StatusOK && code != http.StatusServiceUnavailable {
					t.Errorf("%s: %d", one.Topic, code)
				}
			})
		}
		all.Wait()
		m.Send(one, 1)
		if status := m.Send(one, 1); status != "DUPLICATE" && status != "IGNORED" {
			t.Errorf("%s again: %s", one.Topic, status)
		}
	}
	if got := m.State(m.Ctx, id(1)); got != s.Ends {
		t.Errorf("%s, want\n%s", got, s.Ends)
	}
	m.Books(s.Currency, s.Pending)
}

// permutations gives every order in which n messages may arrive.
func permutations(n int) (all [][]int) {
	if n == 0 {
		return [][]int{nil}
	}
	for _, rest := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(rest), at, n-1))
		}
	}
	return all
}

// arrivals: about 120 orders of arrival, 20 on PostgreSQL, all with TRIBUTARY_LONG;
// each message followed at random by a copy of one that has come.
func arrivals(t *testing.T, s Subject, id OrderID) {
	m, all, most := Open(t, s), permutations(len(s.Messages)), 120
	switch {
	case os.Getenv("TRIBUTARY_LONG") != "":
		most = len(all)
	case os.Getenv("TRIBUTARY_TEST_POSTGRES") != "":
		most = 20
	}
	r := rand.New(rand.NewPCG(77, 2)) // #nosec G404 -- a test's choice
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	all = all[:min(most, len(all))]
	for n, arrival := range all {
		for i, which := range arrival {
			m.Send(s.Messages[which], n)
			if r.IntN(3) == 0 {
				m.Send(s.Messages[arrival[r.IntN(i+1)]], n)
			}
		}
		if got := m.State(m.Ctx, id(n)); got != s.Ends {
			t.Fatalf("arrival %v:\n%s, want\n%s", arrival, got, s.Ends)
		}
	}
	m.Books(s.Currency, s.Pending*int64(len(all)))
	if counts := m.Statuses(); counts["PARKED"]+counts["REFUSED"]+counts["DEAD"] > 0 || counts["DUPLICATE"] == 0 {
		t.Errorf("receipts %v", counts)
	}
}

// trials: what the shop marks as a test is the sandbox's, in any order of arrival, and
// nothing of it is live.
func trials(t *testing.T, s Subject, id OrderID) {
	m := Open(t, s)
	play := m.Twin()
	for n, order := range []func([]Message){func([]Message) {}, slices.Reverse[[]Message]} {
		all := slices.Clone(s.Messages)
		order(all)
		for _, one := range all {
			trial := Message{one.Topic, func(n int, token string) []byte { return s.Trial(one.Body(n, token)) }}
			m.Send(trial, n)
		}
		status := conversionStatus(s.Ends)
		if got := m.State(play, id(n)); conversionStatus(got) != status {
			t.Errorf("in the sandbox %s, want %s", got, status)
		}
	}
	if n, err := m.Store.Client().Conversion.Query().Where(conversion.MerchantID(m.Merchant)).Count(m.Ctx); err != nil || n != 0 {
		t.Errorf("%d live orders, %v", n, err)
	}
	m.Books(s.Currency, 0)
}

func conversionStatus(state string) string {
	before, _, _ := bytes.Cut([]byte(state), []byte(" "))
	return string(before)
}

func sizes(t *testing.T, s Subject, _ OrderID) {
	m := Open(t, s)
	one := s.Messages[0]
	for name, c := range map[string]struct {
		raw  []byte
		code int
	}{
		"at the limit, no JSON": {bytes.Repeat([]byte("x"), int(s.Provider.Limit())), http.StatusBadRequest},
		"above the limit":       {bytes.Repeat([]byte("x"), int(s.Provider.Limit())+1), http.StatusRequestEntityTooLarge},
		"nothing":               {nil, http.StatusBadRequest},
		"no object":             {[]byte("[1]"), http.StatusBadRequest},
		"cut off":               {one.Body(1, "token")[:40], http.StatusBadRequest},
	} {
		if code, status := m.Post(one, c.raw, nil); code != c.code {
			t.Errorf("%s: %d %s, want %d", name, code, status, c.code)
		}
	}
	if code, _ := m.Post(one, one.Body(1, m.Token), m.subject.Unsigned); code != http.StatusUnauthorized {
		t.Errorf("unsigned: %d", code)
	}
}
