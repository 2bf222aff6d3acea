package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

func key(value, input string) store.Key {
	return store.Key{Value: value, Fingerprint: sha256.Sum256([]byte(input))}
}

// customers makes one customer per run: an effect that nothing but the key
// keeps from happening again.
func customers(ctx context.Context, s *store.Store, c store.Command) (string, error) {
	return store.Run(ctx, s, c, func(ctx context.Context, tx *store.Tx) (string, error) {
		row, err := tx.Ent().Customer.Create().SetIdentityHash([]byte(tx.ID("cus"))).Save(ctx)
		if err != nil {
			return "", err
		}
		tx.Emit(store.Event{Type: "customer.created", Subject: row.ID})
		return row.ID, nil
	})
}

// at64 runs fn from 64 callers that begin together.
func at64(fn func(n int)) {
	var callers sync.WaitGroup
	begin := make(chan struct{})
	for n := range 64 {
		callers.Go(func() {
			<-begin
			fn(n)
		})
	}
	close(begin)
	callers.Wait()
}

func TestOneKeyHasOneEffect(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	owner, _ := storetest.Merchant(t, s)
	ctx := store.WithKey(owner, key("order-1", "input"))
	var mu sync.Mutex
	outcomes, inFlight := map[string]int{}, 0
	at64(func(int) {
		out, err := customers(ctx, s, store.Command{Name: "customerCreate"})
		mu.Lock()
		defer mu.Unlock()
		switch problem.CodeOf(err) {
		case "":
			outcomes[out]++
		case problem.InFlight:
			inFlight++
		default:
			t.Error(err)
		}
	})
	if len(outcomes) != 1 || count(t, s, "customers") != 1 || count(t, s, "events") != 1 || count(t, s, "idempotency_records") != 1 {
		t.Errorf("%d outcomes, %d effects, %d events, %d records; want one of each", len(outcomes), count(t, s, "customers"), count(t, s, "events"), count(t, s, "idempotency_records"))
	}
	if _, err := customers(ctx, s, store.Command{Name: "customerCreate"}); err != nil || count(t, s, "customers") != 1 {
		t.Errorf("the repeat afterwards: %v, %d effects", err, count(t, s, "customers"))
	}
	t.Logf("%v, %d in flight", outcomes, inFlight)
}

// The same callers without a key: what the key prevents.
func TestWithoutKeyEachCallHasItsEffect(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	at64(func(int) {
		if _, err := customers(ctx, s, store.Command{Name: "customerCreate"}); err != nil {
			t.Error(err)
		}
	})
	if n := count(t, s, "customers"); n != 64 {
		t.Errorf("%d effects of 64 calls", n)
	}
}

// Two keyed commands at once, the first held open in the middle: the lock is
// what keeps the second from running. It does not wait on PostgreSQL.
func TestKeyInFlightIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := storetest.Open(t)
	owner, _ := storetest.Merchant(t, s)
	ctx := store.WithKey(owner, key("k", "in"))
	inside, finish, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := store.Run(ctx, s, store.Command{Name: "slow"}, func(context.Context, *store.Tx) (string, error) {
			close(inside)
			<-finish
			return "first", nil
		})
		done <- err
	}()
	<-inside
	second := func() (string, error) {
		return store.Run(ctx, s, store.Command{Name: "slow"}, func(context.Context, *store.Tx) (string, error) { return "second", nil })
	}
	_, err := second()
	wantCode(t, err, problem.InFlight)
	if p, _ := problem.As(err); p == nil || p.RetryAfter == 0 {
		t.Error("the refusal does not say when to come again")
	}
	close(finish)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if out, err := second(); out != "first" || err != nil {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestKeyBelongsToInputPrincipalCommandAndMerchant(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	owner, merchant := storetest.Merchant(t, s)
	other, _ := storetest.Merchant(t, s)
	colleague := trust.With(t.Context(), trust.Viewer{MerchantID: merchant, PrincipalID: "usr_colleague", Kind: trust.KindUser, Role: trust.Manager})
	command := store.Command{Name: "customerCreate"}
	first, err := customers(store.WithKey(owner, key("k", "a")), s, command)
	if err != nil {
		t.Fatal(err)
	}
	_, err = customers(store.WithKey(owner, key("k", "b")), s, command)
	wantCode(t, err, problem.KeyReused)
	if n := count(t, s, "customers"); n != 1 {
		t.Errorf("%d effects after a reused key", n)
	}
	for name, again := range map[string]struct {
		ctx     context.Context
		command store.Command
	}{
		"another key":       {store.WithKey(owner, key("l", "a")), command},
		"another principal": {store.WithKey(colleague, key("k", "a")), command},
		"another merchant":  {store.WithKey(other, key("k", "a")), command},
		"another command":   {store.WithKey(owner, key("k", "a")), store.Command{Name: "customerImport"}},
	} {
		if out, err := customers(again.ctx, s, again.command); err != nil || out == first {
			t.Errorf("%s: got %q, %v", name, out, err)
		}
	}
	if n := count(t, s, "customers"); n != 5 {
		t.Errorf("%d effects, want 5", n)
	}
}

func TestFailureAndDryRunStoreNothing(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	owner, _ := storetest.Merchant(t, s)
	ctx, command := store.WithKey(owner, key("k", "in")), store.Command{Name: "customerCreate"}
	tables := []string{"customers", "events", "event_orders", "idempotency_records", "audit_records"}
	before := map[string]int64{}
	for _, table := range tables {
		before[table] = count(t, s, table)
	}
	broken := errors.New("broken")
	_, err := store.Run(ctx, s, command, func(ctx context.Context, tx *store.Tx) (string, error) {
		tx.Emit(store.Event{Type: "customer.created"})
		return "", errors.Join(broken, tx.Ent().Customer.Create().SetIdentityHash([]byte("x")).Exec(ctx))
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	command.DryRun = true
	tried, err := customers(ctx, s, command)
	if err != nil || tried == "" {
		t.Fatalf("dry run: %q, %v", tried, err)
	}
	for _, table := range tables {
		if n := count(t, s, table); n != before[table] {
			t.Errorf("%s has %d rows more", table, n-before[table])
		}
	}
	command.DryRun = false
	if out, err := customers(ctx, s, command); err != nil || out == tried {
		t.Errorf("the key was not free: %q, %v", out, err)
	}
}

func TestReplyIsKeptAndFound(t *testing.T) {
	t.Parallel()
	all, _ := servers(t, 2) // another server finds it too
	owner, _ := storetest.Merchant(t, all[0])
	selection, another := sha256.Sum256([]byte("{id}")), sha256.Sum256([]byte("{id name}"))
	ask := func(s *store.Store, selection [32]byte) (string, store.Recall) {
		t.Helper()
		k := key("k", "in")
		k.Selection, k.Recall = selection, &store.Recall{}
		out, err := customers(store.WithKey(owner, k), s, store.Command{Name: "customerCreate"})
		if err != nil {
			t.Fatal(err)
		}
		return out, *k.Recall
	}
	first, r := ask(all[0], selection)
	if r.Repeated || r.RecordID == "" || r.Reply != nil {
		t.Fatalf("first: %+v", r)
	}
	all[0].KeepReply(r.RecordID, selection, []byte(`{"id":"1"}`))
	check := func(when string, s *store.Store, selection [32]byte, reply string) {
		t.Helper()
		out, again := ask(s, selection)
		if out != first || !again.Repeated || again.RecordID != r.RecordID || string(again.Reply) != reply {
			t.Errorf("%s: %q, %+v", when, out, again)
		}
	}
	check("before it is written", all[0], selection, `{"id":"1"}`)
	check("another selection, before", all[0], another, "")
	if err := all[0].FlushReplies(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("written", all[0], selection, `{"id":"1"}`)
	check("on another server", all[1], selection, `{"id":"1"}`)
	check("another selection", all[1], another, "")
	all[1].KeepReply(r.RecordID, another, []byte(`{"id":"2"}`)) // the first answer stands
	if err := all[1].FlushReplies(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("after a second answer", all[0], selection, `{"id":"1"}`)
}

func TestLongReplyIsNotKept(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	owner, _ := storetest.Merchant(t, s)
	for n, kept := range map[int]bool{64 << 10: true, 64<<10 + 1: false} {
		k := key(fmt.Sprint(n), "in")
		k.Recall = &store.Recall{}
		if _, err := customers(store.WithKey(owner, k), s, store.Command{Name: "customerCreate"}); err != nil {
			t.Fatal(err)
		}
		s.KeepReply(k.Recall.RecordID, k.Selection, bytes.Repeat([]byte("x"), n))
		if err := s.FlushReplies(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := one[bool](t, s, `SELECT reply IS NOT NULL FROM idempotency_records WHERE id = $1`, k.Recall.RecordID); got != kept {
			t.Errorf("a reply of %d bytes kept: %v", n, got)
		}
	}
}

func TestRepliesAreWrittenInTheBackgroundAndAtTheEnd(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	owner, _ := storetest.Merchant(t, s)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.WriteReplies(ctx) }()
	for n := range 3 {
		k := key(fmt.Sprint(n), "in")
		k.Recall = &store.Recall{}
		if _, err := customers(store.WithKey(owner, k), s, store.Command{Name: "customerCreate"}); err != nil {
			t.Fatal(err)
		}
		s.KeepReply(k.Recall.RecordID, k.Selection, []byte(`1`))
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := one[int64](t, s, `SELECT count(*) FROM idempotency_records WHERE reply IS NOT NULL`); n != 3 {
		t.Errorf("%d of 3 answers are stored", n)
	}
}
