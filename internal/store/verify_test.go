package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

// journal is a store with some events, all placed, and a key.
func journal(t *testing.T) (s *store.Store, clock *storetest.Clock, merchant string) {
	t.Helper()
	clock = storetest.NewClock()
	s = storetest.OpenAt(t, clock)
	owner, merchant := storetest.Merchant(t, s)
	emit(owner, t, s, 10)
	if _, err := customers(store.WithKey(owner, key("k", "in")), s, store.Command{Name: "customerCreate"}); err != nil {
		t.Fatal(err)
	}
	place(t, s)
	return s, clock, merchant
}

// corrupt does what no command can: the triggers and keys are out of the way.
func corrupt(t *testing.T, s *store.Store, statements ...string) {
	t.Helper()
	ctx := context.Background()
	conn, err := s.DB().Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	before, after := []string{`SET session_replication_role = replica`}, []string{`SET session_replication_role = origin`}
	if !s.Postgres() {
		before, after = []string{`PRAGMA foreign_keys = 0`}, []string{`PRAGMA foreign_keys = 1`}
		for _, table := range appendOnly {
			before = append(before, `DROP TRIGGER `+table+`_no_update`, `DROP TRIGGER `+table+`_no_delete`)
		}
	}
	for _, statement := range slices.Concat(before, statements, after) {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestVerifyFindsNothingInAGoodJournal(t *testing.T) {
	t.Parallel()
	s, _, _ := journal(t)
	done := map[string]int64{}
	findings, err := s.VerifyJournal(t.Context(), func(check string, n int64) { done[check] = n })
	if err != nil || len(findings) > 0 {
		t.Errorf("%v, %v", findings, err)
	}
	if done["journal.order"] != 11 || done["journal.events"] != 11 || done["idempotency.records"] != 1 {
		t.Errorf("looked at %v", done)
	}
}

func TestVerifyFindsSeededCorruption(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]struct {
		statement, check, subject, detail string
	}{
		"a place is gone":        {`DELETE FROM event_orders WHERE seq = 4`, "journal.order", "place 4", "no place 4 to 4"},
		"the first places":       {`DELETE FROM event_orders WHERE seq < 4`, "journal.order", "place 1", "no place 1 to 3"},
		"an event is gone":       {`DELETE FROM events WHERE id = (SELECT event_id FROM event_orders WHERE seq = 5)`, "journal.order", "evt_", "place 5 names an event that is not there"},
		"another merchant":       {`UPDATE event_orders SET merchant_id = 'mer_x' WHERE seq = 6`, "journal.order", "evt_", "another merchant"},
		"an event has no place":  {`DELETE FROM event_orders WHERE seq = 11`, "journal.events", "evt_", "no place in the order"},
		"facts are broken":       {`UPDATE events SET facts = facts || facts WHERE id = (SELECT event_id FROM event_orders WHERE seq = 7)`, "journal.events", "evt_", "cannot be read"},
		"a cursor ran ahead":     {`INSERT INTO followers (id, seq, state, moved_at) VALUES ('copier', 12, '', '2026-03-02 10:00:00+00:00')`, "journal.followers", "copier", "stands at 12"},
		"an outcome is broken":   {`UPDATE idempotency_records SET outcome = CAST('{"id"' AS %s)`, "idempotency.records", "idk_", "outcome"},
		"a fingerprint is short": {`UPDATE idempotency_records SET fingerprint = CAST('x' AS %s)`, "idempotency.records", "idk_", "fingerprint has 1 bytes"},
		"an answer to nothing":   {`UPDATE idempotency_records SET reply = CAST('1' AS %s)`, "idempotency.records", "idk_", "selection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, clock, _ := journal(t)
			statement := damage.statement
			if strings.Contains(statement, "%s") {
				statement = fmt.Sprintf(statement, map[bool]string{true: "bytea", false: "blob"}[s.Postgres()])
			}
			corrupt(t, s, statement)
			clock.Advance(time.Minute)
			findings, err := s.VerifyJournal(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(findings, func(f store.Finding) bool {
				return f.Check == damage.check && strings.HasPrefix(f.Subject, damage.subject) && strings.Contains(f.Detail, damage.detail)
			}) {
				t.Errorf("found %v", findings)
			}
		})
	}
}

// A keyed command without its audit row, and a row that cannot be read, are found.
func TestVerifyFindsWhatTheAuditLacks(t *testing.T) {
	t.Parallel()
	s, _, _ := journal(t)
	if findings, err := s.VerifyAudit(t.Context(), nil); err != nil || len(findings) > 0 {
		t.Errorf("in a good audit: %v, %v", findings, err)
	}
	corrupt(t, s, `DELETE FROM audit_records WHERE action = 'customerCreate'`, `UPDATE audit_records SET changes = '[1]' WHERE action = 'merchantCreate'`)
	findings, err := s.VerifyAudit(t.Context(), nil)
	if err != nil || len(findings) != 2 || findings[0].Check != "audit.commands" || findings[1].Check != "audit.records" {
		t.Errorf("%v, %v", findings, err)
	}
}

func TestVerifyFindsAnEventWithTwoPlaces(t *testing.T) {
	t.Parallel()
	s, _, merchant := journal(t)
	index := `event_orders_event_id_key`
	corrupt(t, s, `DROP INDEX `+index, `INSERT INTO event_orders (seq, merchant_id, event_id) SELECT 12, '`+merchant+`', event_id FROM event_orders WHERE seq = 3`)
	findings, err := s.VerifyJournal(t.Context(), nil)
	if err != nil || len(findings) != 1 || !strings.Contains(findings[0].Detail, "has 2 places") {
		t.Errorf("%v, %v", findings, err)
	}
}

// An event just committed waits for its place: only an older one is found.
func TestVerifyForgivesAYoungEvent(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s, clock, merchant := journal(t)
	emitTogether(trust.With(t.Context(), trust.System(merchant)), t, s, 0, 1)
	for _, wait := range []time.Duration{0, 6 * time.Second} {
		clock.Advance(wait)
		findings, err := s.VerifyJournal(t.Context(), nil)
		if err != nil || (len(findings) == 1) != (wait > 0) {
			t.Errorf("after %v: %v, %v", wait, findings, err)
		}
	}
}

// A database in ruins gives a bounded report.
func TestVerifyBoundsItsFindings(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	owner, _ := storetest.Merchant(t, s)
	emitTogether(owner, t, s, 0, 2500)
	place(t, s)
	corrupt(t, s, `DELETE FROM events`)
	findings, err := s.VerifyJournal(t.Context(), nil)
	if err != nil || len(findings) != 1000 {
		t.Errorf("%d findings, %v", len(findings), err)
	}
}
