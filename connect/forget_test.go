package connect_test

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/store"
)

// Bodies go after thirty days, page by page; the receipts and their keys stay, and
// a parked message keeps what it waits with.
func TestBodiesAreForgottenAfterThirtyDays(t *testing.T) {
	t.Parallel()
	d := open(t)
	shop := d.shop()
	put := func(key string, n int, status webhookreceipt.Status) {
		_, err := store.Run(d.ctx, d.store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
			for i := range n {
				err := tx.Ent().WebhookReceipt.Create().SetIntegrationID(shop).SetTopic("orders/paid").SetDeliveryID("d").
					SetBusinessKey(fmt.Sprint(key, i)).SetStatus(status).SetSize(4).SetBodySealed([]byte("body")).Exec(ctx)
				if err != nil {
					return i, err
				}
			}
			return n, nil
		})
		d.must(err)
	}
	put("old", 450, webhookreceipt.StatusAPPLIED)
	put("waits", 2, webhookreceipt.StatusPARKED)
	d.clock.Advance(time.Hour)
	put("new", 3, webhookreceipt.StatusAPPLIED)
	d.clock.Advance(30*24*time.Hour - time.Minute)
	for _, want := range []int{450, 0} {
		if n, err := d.ForgetBodies(t.Context()); err != nil || n != want {
			t.Errorf("forgotten %d, %v, want %d", n, err, want)
		}
	}
	kept := map[webhookreceipt.Status]int{}
	for _, r := range d.store.Client().WebhookReceipt.Query().AllX(d.ctx) {
		if len(r.BodySealed) > 0 {
			kept[r.Status]++
		}
	}
	if want := map[webhookreceipt.Status]int{webhookreceipt.StatusPARKED: 2, webhookreceipt.StatusAPPLIED: 3}; !maps.Equal(kept, want) {
		t.Errorf("bodies are kept of %v, want %v", kept, want)
	}
	if n := d.store.Client().WebhookReceipt.Query().Where(webhookreceipt.BusinessKey("old7")).CountX(d.ctx); n != 1 {
		t.Errorf("%d receipts of a message that may come again", n)
	}
}
