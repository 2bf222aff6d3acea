package connect_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// received stores messages of a shop, each of a subject of its own.
func (d *desk) received(shop string, n int) (ids []string) {
	d.t.Helper()
	row := d.row(shop)
	var all []store.NewReceipt
	for i := range n {
		one := id.New(id.Receipt, d.clock.Now())
		all = append(all, store.NewReceipt{
			ID: one, MerchantID: row.MerchantID, IntegrationID: shop, Topic: "orders/paid",
			DeliveryID: "d", Key: fmt.Sprint("key", i), Subject: one, Status: "RECEIVED", Size: 4, Body: []byte("body"), At: d.clock.Now(),
		})
		ids = append(ids, all[i].ID)
	}
	d.must(d.store.DoorReceive(d.t.Context(), all))
	return ids
}

// One shop that sends a hundred leaves the others their share of each turn, and whose
// turn did not come has the next. Without the share in claim the first has all of it.
func TestS68_OneNoisyShopLeavesTheOthersTheirTurn(t *testing.T) {
	t.Parallel()
	d := open(t)
	noisy, quiet := d.shop(), d.shop()
	d.received(noisy, 100)
	d.received(quiet, 3)
	whose, turn, err := d.Turn(t.Context(), 8, "")
	d.must(err)
	count := map[string]int{}
	for _, one := range whose {
		count[one]++
	}
	if count[noisy] != 4 || count[quiet] != 3 {
		t.Errorf("the turn has %v", count)
	}
	d.received(quiet, 1)
	if whose, turn, err = d.Turn(t.Context(), 1, turn); err != nil || len(whose) != 1 {
		t.Fatalf("%v, %v", whose, err)
	}
	if next, _, err := d.Turn(t.Context(), 1, turn); err != nil || len(next) != 1 || next[0] == whose[0] {
		t.Errorf("two turns of one are %v and %v, %v", whose, next, err)
	}
}

// Eight who claim at once have each message once. Without SKIP LOCKED and the second
// look at next_at in claimReceipts PostgreSQL gives one to several.
func TestQ47_NoMessageIsClaimedTwice(t *testing.T) {
	t.Parallel()
	d := open(t)
	shop := d.shop()
	d.received(shop, 200)
	var all sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]int{}
	for range 8 {
		all.Go(func() {
			for {
				some, err := d.store.DoorClaimReceipts(t.Context(), []string{shop}, 5, 5, time.Minute)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				for _, r := range some {
					seen[r.ID]++
				}
				left := len(seen) < 200 && err == nil
				mu.Unlock()
				if !left {
					return
				}
			}
		})
	}
	all.Wait()
	for receiptID, n := range seen {
		if n != 1 {
			t.Errorf("%s was claimed %d times", receiptID, n)
		}
	}
}

func TestS67_WrongReplaysAreRefusedByTheirField(t *testing.T) {
	t.Parallel()
	d := open(t)
	shop := d.shop()
	waits, at := d.received(shop, 1)[0], d.clock.Now()
	for _, row := range []struct {
		in    connect.ReplayInput
		code  problem.Code
		field string
	}{
		{connect.ReplayInput{}, problem.Invalid, "integrationId"},
		{connect.ReplayInput{ReceiptID: waits, IntegrationID: shop}, problem.Invalid, "receiptId"},
		{connect.ReplayInput{IntegrationID: shop, From: at, To: at}, problem.Invalid, "to"},
		{connect.ReplayInput{ReceiptID: id.New(id.Receipt, at)}, problem.NotFound, "receiptId"},
		{connect.ReplayInput{IntegrationID: id.New(id.Integration, at), From: at, To: at.Add(time.Hour)}, problem.NotFound, "integrationId"},
		{connect.ReplayInput{ReceiptID: waits}, problem.State, "receiptId"},
	} {
		_, err := d.Replay(d.ctx, row.in)
		d.refuses(err, row.code, row.field)
	}
	if n, err := d.ForgetBodies(t.Context()); err != nil || n != 0 {
		t.Errorf("forgotten %d, %v", n, err)
	}
	d.clock.Advance(31 * 24 * time.Hour)
	if n, err := d.ForgetBodies(t.Context()); err != nil || n != 0 { // what waits is not forgotten
		t.Errorf("forgotten %d, %v", n, err)
	}
	if n := d.store.Client().WebhookReceipt.Query().Where(webhookreceipt.StatusEQ(webhookreceipt.StatusRECEIVED)).CountX(d.ctx); n != 1 {
		t.Errorf("%d wait", n)
	}
}
