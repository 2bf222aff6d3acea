package shopify_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// The paid order by hand: base 587.00; 10 percent of each line, rounded half away
// from zero: 19.566 → 19.57, 19.567 → 19.57, twice: 58.71. After the first refund of
// 195.66 the line's 19.57 is taken back: 39.14.
const (
	paidState    = "ACCEPTED RATED base 58700 refunded 0 total 59894 %s lines map[466157049:19566-0 518995019:19567-0 703073504:19567-0] refunds map[] net commission 5871"
	partialState = "PARTIALLY_REFUNDED RATED base 58700 refunded 19566 total 59894 %s lines map[466157049:19566-19566 518995019:19567-0 703073504:19567-0] refunds map[929361465:REFUND 19566] net commission 3914"
)

func (m *market) stands(when, want string) {
	m.t.Helper()
	if got := m.state("450789469"); got != want {
		m.t.Errorf("%s:\n%s, want\n%s", when, got, want)
	}
}

func TestQ18_APaidOrderEarnsAndARefundTakesBackInEveryCurrency(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ currency, paid, refund string }{
		{"USD", "paid.json", "refund_first.json"},
		{"JPY", "paid_jpy.json", "refund_first_jpy.json"},
		{"KWD", "paid_kwd.json", "refund_first_kwd.json"},
		{"USD", "paid_seen_in_eur.json", "refund_first.json"},
	} {
		m := open(t)
		m.expect(m.send("orders/paid", body(t, row.paid)), "200 APPLIED")
		m.stands(row.paid, fmt.Sprintf(paidState, row.currency))
		m.expect(m.send("refunds/create", body(t, row.refund)), "200 APPLIED")
		m.stands(row.refund, fmt.Sprintf(partialState, row.currency))
		m.expect(m.send("orders/updated", body(t, row.paid)), "200 APPLIED") // a late copy under another topic
		m.stands("late copy", fmt.Sprintf(partialState, row.currency))
	}
}

// A refund told by itself does not say that its 195.66 holds 3.98 of tax: the order
// does. Base 575.06; taken back 195.66 − 3.98 = 191.68.
func TestQ08_ARefundIsMeasuredAsItsOrderWas(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.expect(m.send("refunds/create", body(t, "refund_first.json")), "200 PARKED")
	m.expect(m.send("orders/paid", body(t, "paid_tax_included.json")), "200 APPLIED")
	// 19.168 → 19.17, 19.169 → 19.17, twice: 57.51; less 19.17: 38.34.
	m.stands("tax in the price", "PARTIALLY_REFUNDED RATED base 57506 refunded 19168 total 58700 USD"+
		" lines map[466157049:19168-19168 518995019:19169-0 703073504:19169-0] refunds map[929361465:REFUND 19168] net commission 3834")
	m.books("USD", 3834)
}

func TestQ12_ARefundWaitsForItsOrder(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.expect(m.send("refunds/create", body(t, "refund_first.json")), "200 PARKED")
	m.expect(m.send("refunds/create", body(t, "refund_first.json")), "200 DUPLICATE")
	m.expect(m.send("orders/paid", body(t, "paid.json")), "200 APPLIED")
	m.stands("after the order", fmt.Sprintf(partialState, "USD"))
	if got := fmt.Sprint(m.statuses()); got != "map[APPLIED:2 DUPLICATE:1]" {
		t.Errorf("receipts %s", got)
	}
}

func TestQ12_TheSweepAppliesWhatWaitsForAnOrderFromElsewhere(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.expect(m.send("refunds/create", body(t, "refund_first.json")), "200 PARKED")
	m.sweep(0)
	o := *message(t, "orders/paid", bytes.ReplaceAll(body(t, "paid.json"), []byte(placeholder), []byte(m.token))).Order
	o.Source, o.ProgramID = "import", m.program
	if _, err := m.earn.AcceptOrder(m.ctx, o); err != nil {
		t.Fatal(err)
	}
	m.sweep(1)
	m.stands("after the sweep", fmt.Sprintf(partialState, "USD"))
	m.sweep(0)
}

func (m *market) sweep(want int) {
	m.t.Helper()
	if n, err := m.connect.ApplyParked(context.Background()); err != nil || n != want {
		m.t.Errorf("swept %d, %v; want %d", n, err, want)
	}
}

func TestQ12_WaitingEndsAfterThirtyDays(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.send("refunds/create", body(t, "refund_first.json"))
	m.clock.Advance(30*24*time.Hour - time.Second)
	m.sweep(0)
	m.clock.Advance(time.Second)
	m.sweep(1)
	if r := m.receipts()[0]; r.Status != webhookreceipt.StatusIGNORED || r.Reason != "ORDER_NEVER_CAME" {
		t.Errorf("receipt %s %s", r.Status, r.Reason)
	}
}

func TestQ47_AHundredCopiesAtOnceAreOneOrder(t *testing.T) {
	t.Parallel()
	m := open(t)
	raw := body(t, "paid.json")
	var all sync.WaitGroup
	answers := make([]reply, 100)
	for i := range answers {
		all.Go(func() { answers[i] = m.send("orders/paid", raw) })
	}
	all.Wait()
	// A copy may be put off while others hold the database: the shop sends it again.
	for _, a := range answers {
		if a.code != 200 && a.code != 503 {
			t.Errorf("answered %s", a)
		}
	}
	m.send("orders/paid", raw)
	m.stands("a hundred copies", fmt.Sprintf(paidState, "USD"))
	m.books("USD", 5871)
	if n, err := m.store.Client().Conversion.Query().Count(m.ctx); err != nil || n != 1 {
		t.Errorf("%d conversions, %v", n, err)
	}
}

func TestQ12_ARefundAndItsOrderAtOnce(t *testing.T) {
	t.Parallel()
	m := open(t)
	for i := range 20 {
		orderID := fmt.Sprint(3_000_000 + i)
		own := func(file string) []byte {
			return bytes.ReplaceAll(body(t, file), []byte("450789469"), []byte(orderID))
		}
		var both sync.WaitGroup
		both.Go(func() { m.send("refunds/create", own("refund_first.json")) })
		both.Go(func() { m.send("orders/paid", own("paid.json")) })
		both.Wait()
		if got, want := m.state(orderID), fmt.Sprintf(partialState, "USD"); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	m.sweep(0)
}

func TestADeliveryIsAppliedOnce(t *testing.T) {
	t.Parallel()
	m := open(t)
	raw := body(t, "paid.json")
	same := func(h http.Header) { h.Set("X-Shopify-Webhook-Id", "one"); h.Set("X-Shopify-Event-Id", "event") }
	m.expect(m.deliver(m.shop, "orders/paid", raw, same), "200 APPLIED")
	m.expect(m.deliver(m.shop, "orders/paid", raw, same), "200 DUPLICATE")
	m.expect(m.deliver(m.shop, "products/update", []byte(`{}`), same), "200 IGNORED")
	m.expect(m.deliver(m.shop, "products/update", []byte(`{}`), same), "200 DUPLICATE")
	m.stands("once", fmt.Sprintf(paidState, "USD"))
	first := m.receipts()[0]
	if first.Topic != "orders/paid" || first.DeliveryID != "one" || first.EventID != "event" || !strings.HasPrefix(first.BusinessKey, "orders/paid:450789469:") {
		t.Errorf("receipt %+v", first)
	}
	plain, err := m.store.Keys().Open(first.BodySealed, seal.AAD{Merchant: m.merchant, Table: "webhook_receipts", Column: "body_sealed", Row: first.ID})
	if want := bytes.ReplaceAll(raw, []byte(placeholder), []byte(m.token)); err != nil || !bytes.Equal(plain, want) || first.Size != len(want) {
		t.Errorf("the body is not kept: %v", err)
	}
}

// A crash after the effect and before the receipt leaves the effect alone; the shop
// sends again, and nothing happens twice.
func TestACrashBeforeTheReceiptRepeatsNothing(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.send("orders/paid", body(t, "paid.json"))
	m.send("refunds/create", body(t, "refund_first.json"))
	m.run(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Ent().WebhookReceipt.Delete().Exec(ctx)
		return err
	})
	m.expect(m.send("refunds/create", body(t, "refund_first.json")), "200 APPLIED")
	m.expect(m.send("orders/paid", body(t, "paid.json")), "200 APPLIED")
	m.stands("again", fmt.Sprintf(partialState, "USD"))
	m.books("USD", 3914)
}

func TestWhenTheDatabaseIsAwayTheShopIsAskedToComeAgain(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.must(m.store.Close())
	got := m.send("orders/paid", body(t, "paid.json"))
	if got.code != http.StatusServiceUnavailable || got.retryAfter != "10" {
		t.Errorf("answered %s, Retry-After %q", got, got.retryAfter)
	}
	for _, p := range got.Problems {
		if strings.Contains(p.Message, "sql") {
			t.Errorf("the cause is told: %s", p.Message)
		}
	}
}

func isTest(o object) { o["test"] = true }

// A test order and its refunds, one of them before it, become rows of the
// sandbox's alone. Without the question for the sandbox in follow, the order
// stands in live money.
func TestQ76_TestOrdersStayOutOfLiveMoney(t *testing.T) {
	t.Parallel()
	m := open(t)
	twin := m.twin()
	m.expect(m.send("refunds/create", body(t, "refund_second.json")), "200 PARKED")
	m.expect(m.send("orders/paid", edited(t, "paid.json", isTest)), "200 APPLIED")
	m.expect(m.send("refunds/create", body(t, "refund_first.json")), "200 APPLIED")
	m.expect(m.send("orders/paid", edited(t, "paid.json", isTest)), "200 DUPLICATE")
	if got := m.state("450789469"); got != "unknown" {
		t.Errorf("a test order became %s", got)
	}
	m.books("USD", 0)
	if got := fmt.Sprint(m.statuses()); got != "map[APPLIED:3 DUPLICATE:1]" {
		t.Errorf("receipts %s", got)
	}
	for _, r := range m.receipts() {
		if r.Reason != "TEST_ORDER" && r.Status != "DUPLICATE" {
			t.Errorf("reason %s", r.Reason)
		}
	}
	m.ctx = trust.With(t.Context(), trust.System(twin))
	if got := m.state("450789469"); !strings.HasPrefix(got, "REFUNDED") && !strings.HasPrefix(got, "PARTIALLY") || !strings.Contains(got, "refunds map[") {
		t.Errorf("in the sandbox it is %s", got)
	}
	if p := m.store.Client().Program.Query().OnlyX(m.ctx); p.Name != "Shoes" || p.Currency != "USD" {
		t.Errorf("the mirror is %+v", p)
	}
}

// A merchant without a sandbox keeps test orders out all the same.
func TestQ76_TestOrdersWithoutASandboxAreIgnored(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.expect(m.send("orders/paid", edited(t, "paid.json", isTest)), "200 IGNORED")
	if got := m.state("450789469"); got != "unknown" {
		t.Errorf("a test order became %s", got)
	}
}

// twin gives the merchant a sandbox.
func (m *market) twin() string {
	m.t.Helper()
	there := id.New(id.Merchant, m.clock.Now())
	ctx := trust.With(m.t.Context(), trust.System(there))
	_, err := store.Run(ctx, m.store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, tx.Ent().Merchant.Create().SetID(there).SetTwinID(m.merchant).SetName("Play").SetMode(merchant.ModeTEST).SetCurrency("USD").Exec(ctx)
	})
	m.must(err)
	m.run(func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().Merchant.UpdateOneID(m.merchant).SetTwinID(there).Exec(ctx)
	})
	return there
}

func TestQ76_TestOrdersWalkThroughASandbox(t *testing.T) {
	t.Parallel()
	m := sandbox(t)
	m.expect(m.send("orders/paid", edited(t, "paid.json", isTest)), "200 APPLIED")
	m.stands("sandbox", fmt.Sprintf(paidState, "USD"))
}

func TestQ48_OrderScopesSetShopsApart(t *testing.T) {
	t.Parallel()
	m := open(t)
	second := m.connected("second")
	m.expect(m.send("orders/paid", body(t, "paid.json")), "200 APPLIED")
	m.expect(m.deliver(second, "orders/paid", body(t, "paid.json"), func(http.Header) {}), "200 APPLIED")
	rows, err := m.store.Client().Conversion.Query().Order(ent.Asc("order_scope")).All(m.ctx)
	m.must(err)
	if len(rows) != 2 || rows[0].OrderScope != "" || rows[1].OrderScope != "second" || rows[1].Source != "shopify" {
		t.Errorf("conversions %+v", rows)
	}
}

func TestTheAddressOfNothingIsNotThere(t *testing.T) {
	t.Parallel()
	m := open(t)
	paid, none := body(t, "paid.json"), func(http.Header) {}
	m.expect(m.deliver("int_nonsense", "orders/paid", paid, none), "404 REFUSED NOT_FOUND")
	m.expect(m.deliver(id.New(id.Integration, m.clock.Now()), "orders/paid", paid, none), "404 REFUSED NOT_FOUND")
	_, err := m.connect.Disable(m.ctx, connect.DisableInput{ID: m.shop})
	m.must(err)
	m.expect(m.send("orders/paid", paid), "404 REFUSED NOT_FOUND")
	get := m.serve(httptest.NewRequestWithContext(t.Context(), http.MethodGet, connect.HookPath(m.shop), nil))
	if get.code != http.StatusMethodNotAllowed || len(m.receipts()) != 0 {
		t.Errorf("GET answered %d; %d receipts", get.code, len(m.receipts()))
	}
}

func TestTheSecretBeforeIsAcceptedForADay(t *testing.T) {
	t.Parallel()
	m := open(t)
	_, err := m.connect.RotateSecret(m.ctx, connect.RotateInput{ID: m.shop, Secret: "whisper"})
	m.must(err)
	m.expect(m.send("orders/create", body(t, "created.json")), "200 APPLIED") // still signed with the one before
	m.clock.Advance(24*time.Hour - time.Microsecond)
	m.expect(m.send("orders/updated", body(t, "updated.json")), "200 APPLIED")
	m.clock.Advance(time.Microsecond)
	m.expect(m.send("orders/paid", body(t, "paid.json")), "401 REFUSED UNAUTHENTICATED")
}

func TestAMessageIsReadInTheNameOfItsMerchant(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.send("orders/paid", body(t, "paid.json"))
	rows, err := m.store.Client().AuditRecord.Query().All(trust.With(t.Context(), trust.System(m.merchant)))
	m.must(err)
	for _, r := range rows {
		if r.Action == "conversionRecord" && r.ActorID == m.shop {
			return
		}
	}
	t.Error("no audit row names the integration")
}
