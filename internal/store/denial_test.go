package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

// denied are the rows of refused actions: action, actor and what they tell.
func denied(t *testing.T, s *store.Store) []string {
	t.Helper()
	return lines(t, s, `SELECT action, actor_id, CAST(changes AS text) FROM audit_records WHERE outcome = 'DENIED' ORDER BY id`)
}

// Of a flood, the first twenty in a minute get a row each and the rest one row
// with their count. Without admit a flood writes as many rows as it has requests.
func TestR2_AFloodOfDenialsIsBounded(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	ctx, _ := storetest.Merchant(t, s)
	owner, _ := trust.From(ctx)
	other := owner
	other.PrincipalID = "usr_other"
	deny := func(v trust.Viewer, n int) {
		for i := range n {
			s.Deny(ctx, store.Denial{Viewer: v, Action: fmt.Sprint("read", i), Reason: "audit:read"})
		}
	}
	deny(owner, 100)
	deny(other, 3)
	if got := denied(t, s); len(got) != 23 { // 20 + 3
		t.Errorf("%d rows: %v", len(got), got)
	}
	clock.Advance(time.Minute)
	deny(owner, 1)
	got := denied(t, s)
	if len(got) != 25 || !strings.HasPrefix(got[23], "denials usr_owner ") || !strings.Contains(got[23], `"80"`) || !strings.Contains(got[23], `"read99"`) {
		t.Errorf("after a minute %d rows, the last two %v", len(got), got[len(got)-2:])
	}
}

// What is open when the server ends is written then, and what was put aside is
// found out. A denial takes no idempotency key: the refused command may be done
// with it later.
func TestR2_DenialsAreSettledWhenTheServerEnds(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	owner, _ := trust.From(ctx)
	keyed := store.WithKey(ctx, key("k", "in"))
	for range 21 {
		s.Deny(keyed, store.Denial{Viewer: owner, Action: "customerCreate"})
	}
	s.DenyAside(store.WithRequest(ctx, "req-12345678"), func(ctx context.Context) (store.Denial, bool) {
		if store.RequestID(ctx) != "req-12345678" {
			t.Error("the request is not known any more")
		}
		return store.Denial{Viewer: trust.System(owner.MerchantID), Action: "logIn"}, true
	})
	s.DenyAside(ctx, func(context.Context) (store.Denial, bool) { return store.Denial{}, false })
	ended, end := context.WithCancel(t.Context())
	end()
	if err := s.WriteDenials(ended); err != nil {
		t.Fatal(err)
	}
	if got := denied(t, s); len(got) != 22 { // 20, the count of one more, the log-in
		t.Errorf("%d rows: %v", len(got), got)
	}
	if _, err := customers(keyed, s, store.Command{Name: "customerCreate"}); err != nil {
		t.Errorf("the key was spent: %v", err)
	}
	if n := count(t, s, "idempotency_records"); n != 1 {
		t.Errorf("%d keys", n)
	}
}
