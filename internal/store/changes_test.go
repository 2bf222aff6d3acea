package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// told is what the one audit row of an action says has changed.
func told(t *testing.T, s *store.Store, action string) map[string]string {
	t.Helper()
	if n := one[int64](t, s, `SELECT count(*) FROM audit_records WHERE action = $1`, action); n != 1 {
		t.Fatalf("%s has %d rows", action, n)
	}
	changes := map[string]string{}
	if err := json.Unmarshal([]byte(one[string](t, s, `SELECT changes FROM audit_records WHERE action = $1`, action)), &changes); err != nil {
		t.Fatal(err)
	}
	return changes
}

// act runs a command of that name.
func act(ctx context.Context, t *testing.T, s *store.Store, c store.Command, fn func(context.Context, *store.Tx) error) {
	t.Helper()
	_, err := store.Run(ctx, s, c, func(ctx context.Context, tx *store.Tx) (int, error) { return 0, fn(ctx, tx) })
	if err != nil {
		t.Fatal(err)
	}
}

// Columns are told before and after, whether the caller has read the row or not;
// what is personal or secret only that it changed. Without record in the wall's
// hook nothing is told at all.
func TestR2_TheAuditTellsBeforeAndAfter(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	var group *ent.AffiliateGroup
	var person string
	act(ctx, t, s, store.Command{Name: "make"}, func(ctx context.Context, tx *store.Tx) (err error) {
		if group, err = tx.Ent().AffiliateGroup.Create().SetName("Gold").Save(ctx); err != nil {
			return err
		}
		row, err := tx.Ent().Affiliate.Create().SetName("Ada").SetEmail("ada@example.com").SetEmailHash([]byte("h")).Save(ctx)
		person = row.ID
		tx.Note(group.ID, map[string]string{"why": "a test"})
		return err
	})
	want := map[string]string{"name": "→ Gold", "why": "a test"}
	if got := told(t, s, "make"); !maps.Equal(got, want) {
		t.Errorf("making a group tells %q, want %q", got, want)
	}
	act(ctx, t, s, store.Command{Name: "edit", Subject: group.ID}, func(ctx context.Context, tx *store.Tx) error {
		return errors.Join(
			tx.Ent().AffiliateGroup.UpdateOneID(group.ID).SetName("Silver").SetDescription("").Exec(ctx),
			tx.Ent().Affiliate.UpdateOneID(person).SetName("Ada Lovelace").SetGroupID(group.ID).SetStatus("SUSPENDED").ClearEmailHash().Exec(ctx),
		)
	})
	want = map[string]string{
		"name": "Gold → Silver", person + " name": "changed", person + " groupId": "→ " + group.ID,
		person + " status": "PENDING → SUSPENDED", person + " emailHash": "changed",
	}
	if got := told(t, s, "edit"); !maps.Equal(got, want) {
		t.Errorf("an edit tells %q, want %q", got, want)
	}
	act(ctx, t, s, store.Command{Name: "again", Subject: group.ID}, func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.Ent().AffiliateGroup.Get(ctx, group.ID)
		if err != nil {
			return err
		}
		return tx.Ent().AffiliateGroup.UpdateOne(row).SetName("Bronze").Exec(ctx)
	})
	if got := told(t, s, "again"); !maps.Equal(got, map[string]string{"name": "Silver → Bronze"}) {
		t.Errorf("an edit of a row that was read tells %q", got)
	}
}

// What is taken back is not told; intake tells nothing; added numbers are told as
// their sum; a write of many rows by what it sets.
func TestR2_TheAuditTellsWhatWasDoneAndNoMore(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	var buyer string
	act(ctx, t, s, store.Command{Name: "make"}, func(ctx context.Context, tx *store.Tx) error {
		buyer = tx.ID("cus")
		return tx.Ent().Customer.Create().SetID(buyer).SetIdentityHash([]byte("h")).SetOrders(2).Exec(ctx)
	})
	order := func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().Customer.UpdateOneID(buyer).AddOrders(3).Exec(ctx)
	}
	act(ctx, t, s, store.Command{Name: "add", Subject: buyer}, order)
	if got := told(t, s, "add"); !maps.Equal(got, map[string]string{"orders": "2 → 5"}) {
		t.Errorf("adding tells %q", got)
	}
	act(ctx, t, s, store.Command{Name: "intake", Subject: buyer, Intake: true}, order)
	if got := told(t, s, "intake"); len(got) > 0 {
		t.Errorf("intake tells %q", got)
	}
	undone := errors.New("undone")
	act(ctx, t, s, store.Command{Name: "saved", Subject: buyer}, func(ctx context.Context, tx *store.Tx) error {
		err := tx.Savepoint(ctx, func(ctx context.Context) error { return errors.Join(order(ctx, tx), undone) })
		if !errors.Is(err, undone) {
			t.Errorf("the savepoint: %v", err)
		}
		return tx.Ent().Customer.Update().SetOrders(1).Exec(ctx)
	})
	if got := told(t, s, "saved"); !maps.Equal(got, map[string]string{"customer orders": "→ 1"}) {
		t.Errorf("after a savepoint it tells %q", got)
	}
}

// maskedColumns is typed by hand: the columns that hold something about a person,
// something that people write freely, or a secret.
const maskedColumns = `
User.email User.name User.password_hash User.second_factor
Affiliate.name Affiliate.email Affiliate.email_hash Affiliate.status_reason Affiliate.claim_hash
ApiToken.hash ApiToken.former_hash OneTimeCode.hash Session.refresh_hash
Customer.identity_hash Customer.email_hash Customer.self_hash Customer.email_sealed Customer.name_sealed
PayoutMethod.details_sealed PayoutMethod.hint WebhookReceipt.body_sealed
Integration.secret_sealed Integration.prior_secret_sealed Integration.credentials_sealed Integration.grant_sealed
WebhookEndpoint.url_sealed WebhookEndpoint.secret_sealed WebhookEndpoint.prior_secret_sealed WebhookAttempt.answer_sealed
Commission.reason Payout.reason Refund.reason Click.sub_ids Click.referrer Click.agent Click.network_hash Click.visitor_hash Link.sub_ids Conversion.sub_ids
`

func TestR2_SecretsAndPersonalValuesAreMasked(t *testing.T) {
	t.Parallel()
	for column := range strings.FieldsSeq(maskedColumns) {
		entity, field, _ := strings.Cut(column, ".")
		if !ent.AuditedTypes[entity].Masked[field] {
			t.Errorf("%s is shown in the audit", column)
		}
	}
	for entity, known := range ent.AuditedTypes {
		for field := range known.Masked {
			suspicious := []string{"email", "hash", "secret", "sealed", "password"}
			if slices.ContainsFunc(suspicious, func(s string) bool { return strings.Contains(field, s) }) && !strings.Contains(maskedColumns, entity+"."+field+" ") && !strings.Contains(maskedColumns, entity+"."+field+"\n") && entity != "IdempotencyRecord" {
				t.Errorf("%s.%s is masked and not in the table", entity, field)
			}
		}
	}
}
