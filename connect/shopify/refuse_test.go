package shopify_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/seal"
)

func forge(h http.Header) {
	h.Set("X-Shopify-Hmac-Sha256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
}

// kept opens the bodies of refused receipts, newest last.
func (m *market) kept() (bodies [][]byte) {
	m.t.Helper()
	for _, r := range m.receipts() {
		if r.Status != webhookreceipt.StatusREFUSED {
			continue
		}
		raw, err := m.store.Keys().Open(r.BodySealed, seal.AAD{Merchant: m.merchant, Table: "webhook_receipts", Column: "body_sealed", Row: r.ID})
		m.must(err)
		bodies = append(bodies, raw)
	}
	return bodies
}

func TestAWrongSignatureIsCountedAndItsFirstKiBKept(t *testing.T) {
	t.Parallel()
	m := open(t)
	raw := body(t, "paid.json")
	m.expect(m.deliver(m.shop, "orders/paid", raw, forge), "401 REFUSED UNAUTHENTICATED")
	m.expect(m.deliver(m.shop, "orders/paid", raw, func(h http.Header) { h.Del("X-Shopify-Hmac-Sha256") }), "401 REFUSED UNAUTHENTICATED")
	if n := m.connect.Refused(m.shop); n != 2 {
		t.Errorf("counted %d", n)
	}
	if got := m.kept(); len(got) != 2 || len(got[0]) != 1024 || !bytes.HasPrefix(raw, got[0][:512]) {
		t.Errorf("kept %d bodies", len(got))
	}
	if r := m.receipts()[0]; r.Reason != "WRONG_SIGNATURE" || r.Size != len(bytes.ReplaceAll(raw, []byte(placeholder), []byte(m.token))) {
		t.Errorf("receipt %s of %d bytes", r.Reason, r.Size)
	}
	if got := m.state("450789469"); got != "unknown" {
		t.Errorf("a forged order became %s", got)
	}
}

func TestTheLastHundredRefusedAreKept(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.expect(m.send("orders/paid", []byte(`{"really":"ours"`)), "400 REFUSED INVALID")
	for i := range 105 {
		m.deliver(m.shop, "orders/paid", []byte{byte('0' + i/100), byte('0' + i/10%10), byte('0' + i%10)}, forge)
	}
	got := m.kept()
	if len(got) != 101 || string(got[0]) != `{"really":"ours"` || string(got[1]) != "005" || string(got[100]) != "104" {
		t.Errorf("kept %d: %s, %s … %s", len(got), got[0], got[1], got[len(got)-1])
	}
	if n := m.connect.Refused(m.shop); n != 105 {
		t.Errorf("counted %d", n)
	}
}

func TestAnOversizedBodyIsTurnedAway(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.expect(m.send("orders/paid", make([]byte, 1<<20+1)), "413 REFUSED TOO_LARGE")
	m.expect(m.send("orders/paid", append(body(t, "paid.json"), bytes.Repeat([]byte(" "), 1<<20-20_000)...)), "200 APPLIED")
	if r := m.receipts()[0]; r.Reason != "TOO_LARGE" || r.Size != 1<<20+1 {
		t.Errorf("receipt %s of %d bytes", r.Reason, r.Size)
	}
}

// Signed right and never acceptable: acknowledged, kept, named, without effect.
func TestWhatCanNeverBeAcceptedIsAcknowledgedAndKept(t *testing.T) {
	t.Parallel()
	m := open(t)
	shop := func(o object, amount string) { o["shop_money"].(object)["amount"] = amount }
	for name, row := range map[string]struct {
		edit edit
		want string
	}{
		"unknown currency":    {func(o object) { o["currency"] = "XXQ" }, "200 REFUSED CURRENCY_UNKNOWN currency"},
		"too many digits":     {func(o object) { shop(o["total_tax_set"].(object), "1.005") }, "200 REFUSED AMOUNT_PRECISION total_tax"},
		"negative":            {func(o object) { shop(lines(o)[0].(object)["price_set"].(object), "-5.00") }, "200 REFUSED AMOUNT_RANGE lines.0.amount"},
		"overflowing":         {func(o object) { shop(o["total_price_set"].(object), "90000000000000000.00") }, "200 REFUSED AMOUNT_RANGE total"},
		"older than 400 days": {func(o object) { o["processed_at"] = "2024-12-01T00:00:00Z" }, "200 REFUSED INVALID occurredAt"},
		"line id twice":       {func(o object) { lines(o)[1].(object)["id"] = lines(o)[0].(object)["id"] }, "200 REFUSED TAKEN lines.1.externalId"},
	} {
		got := m.send("orders/paid", edited(t, "paid.json", row.edit))
		if got.String() != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
	if got := m.state("450789469"); got != "unknown" {
		t.Errorf("a refused order became %s", got)
	}
	if counts := m.statuses(); counts[webhookreceipt.StatusREFUSED] != 6 || len(counts) != 1 {
		t.Errorf("receipts %v", counts)
	}
}

func TestMalformedBodiesAreTurnedAwayAndKept(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.expect(m.send("orders/paid", []byte(`{"id":`)), "400 REFUSED INVALID")
	m.expect(m.send("refunds/create", nil), "400 REFUSED INVALID")
	if got := m.kept(); len(got) != 2 || string(got[0]) != `{"id":` {
		t.Errorf("kept %q", got)
	}
	if n := m.connect.Refused(m.shop); n != 0 {
		t.Errorf("a proven message was counted as forged: %d", n)
	}
}

func TestQ05_ARefundAboveTheOrderIsRefused(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.send("orders/paid", body(t, "paid.json"))
	costs := func(amount string) edit {
		return func(o object) {
			l := o["refund_line_items"].([]any)[0].(object)
			l["subtotal_set"].(object)["shop_money"].(object)["amount"] = amount
		}
	}
	// The line is worth 195.66; a cent above is the rounding of its one unit.
	m.expect(m.send("refunds/create", edited(t, "refund_first.json", costs("195.68"))), "200 REFUSED REFUND_EXCEEDS_ORDER lines.0.amount")
	m.expect(m.send("refunds/create", edited(t, "refund_first.json", costs("1.00"), func(o object) {
		o["refund_line_items"].([]any)[0].(object)["line_item_id"] = json.Number("7")
	})), "200 REFUSED NOT_FOUND lines.0.lineExternalId")
	m.books("USD", 5871)
	m.expect(m.send("refunds/create", edited(t, "refund_first.json", costs("195.67"))), "200 APPLIED")
	m.books("USD", 3914)
	told := false
	for _, r := range m.receipts() {
		told = told || r.Status == "APPLIED" && strings.HasPrefix(r.Reason, "REFUND_CUT: 1 minor unit")
	}
	if !told {
		t.Error("no receipt says that a cent of the refund was cut")
	}
}

// A refund that is refused does not stand in the way of the rest of its message.
func TestACancellationSurvivesARefundThatIsRefused(t *testing.T) {
	t.Parallel()
	m := open(t)
	raw := edited(t, "cancelled.json", func(o object) {
		f := o["refunds"].([]any)[0].(object)
		f["refund_line_items"].([]any)[0].(object)["line_item_id"] = json.Number("7")
	})
	got := m.send("orders/cancelled", raw)
	m.expect(got, "200 APPLIED NOT_FOUND lines.0.lineExternalId")
	if state := m.state("450789469"); !strings.HasPrefix(state, "CANCELLED") || !strings.HasSuffix(state, "net commission 0") {
		t.Error(state)
	}
}
