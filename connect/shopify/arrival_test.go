package shopify_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// step is one of the messages about an order.
type step struct{ topic, file string }

// steps in the order in which they happen.
var steps = []step{
	{"orders/create", "created.json"},
	{"orders/updated", "updated.json"},
	{"orders/paid", "paid.json"},
	{"refunds/create", "refund_first.json"},
	{"refunds/create", "refund_second.json"},
	{"orders/cancelled", "cancelled.json"},
}

// arrivals gives every order in which n messages may arrive: n! of them.
func arrivals(n int) (all [][]int) {
	if n == 0 {
		return [][]int{nil}
	}
	for _, rest := range arrivals(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(rest), at, n-1))
		}
	}
	return all
}

// finalState is where the order must end, by hand. Sold: 195.66 + 195.67 + 195.67 =
// 587.00; given back 195.66 and 195.67; the cancellation gives back what is left,
// 195.67. Commission of 10 percent, 19.57 + 19.57 + 19.57 = 58.71, is all taken back.
const finalState = "CANCELLED RATED base 58700 refunded 58700 total 59894 USD" +
	" lines map[466157049:19566-19566 518995019:19567-19567 703073504:19567-19567]" +
	" refunds map[929361465:REFUND 19566 929361466:REFUND 19567 cancellation:CANCELLATION 19567] net commission 0"

// Every order of {create, updated, paid, partial refund, refund, cancelled}, each
// message followed at random by a copy of one that has come, ends in one state. All
// 720 of them with TRIBUTARY_LONG; else every seventh, and every 37th where a
// message costs more: both are prime to the lengths in which arrivals repeat.
func TestQ77_EveryOrderOfArrivalEndsInOneState(t *testing.T) {
	t.Parallel()
	m := open(t)
	all := arrivals(len(steps))
	if len(all) != 720 {
		t.Fatalf("%d arrivals", len(all))
	}
	stride := 7
	switch {
	case os.Getenv("TRIBUTARY_LONG") != "":
		stride = 1
	case os.Getenv("TRIBUTARY_TEST_POSTGRES") != "":
		stride = 37
	}
	r := rand.New(rand.NewPCG(77, 1))
	bodies := readSteps(t)
	for n := 0; n < len(all); n += stride {
		orderID := fmt.Sprint(1_000_000 + n)
		for i, which := range all[n] {
			m.arrive(orderID, which, bodies)
			if r.IntN(3) == 0 {
				m.arrive(orderID, all[n][r.IntN(i+1)], bodies)
			}
		}
		if got := m.state(orderID); got != finalState {
			t.Fatalf("arrival %v:\n%s, want\n%s", all[n], got, finalState)
		}
	}
	m.books("USD", 0)
	if counts := m.statuses(); counts["PARKED"] != 0 || counts["REFUSED"] != 0 || counts["DUPLICATE"] == 0 {
		t.Errorf("receipts %v", counts)
	}
}

func readSteps(t testing.TB) (bodies [][]byte) {
	for _, s := range steps {
		bodies = append(bodies, body(t, s.file))
	}
	return bodies
}

// arrive delivers one message about an order of its own id.
func (m *market) arrive(orderID string, which int, bodies [][]byte) {
	m.t.Helper()
	raw := bytes.ReplaceAll(bodies[which], []byte("450789469"), []byte(orderID))
	got := m.send(steps[which].topic, raw)
	if got.code != 200 || got.Status == "REFUSED" {
		m.t.Fatalf("%s of %s: %s", steps[which].topic, orderID, got)
	}
}

// A refund that the cancellation did not know of: it is kept and takes nothing, or
// the cancellation takes less. The money is the same.
func TestQ77_ARefundAfterTheCancellation(t *testing.T) {
	t.Parallel()
	m := open(t)
	withoutRefunds := edited(t, "cancelled.json", func(o object) {
		o["refunds"], o["financial_status"] = []any{}, "paid"
		for _, l := range lines(o) {
			l.(object)["current_quantity"] = 1
		}
	})
	for i, sequence := range [][]step{
		{{"orders/paid", "paid.json"}, {"orders/cancelled", ""}, {"refunds/create", "refund_first.json"}},
		{{"orders/paid", "paid.json"}, {"refunds/create", "refund_first.json"}, {"orders/cancelled", ""}},
		{{"refunds/create", "refund_first.json"}, {"orders/cancelled", ""}, {"orders/paid", "paid.json"}},
		{{"orders/cancelled", ""}, {"refunds/create", "refund_first.json"}, {"orders/paid", "paid.json"}},
	} {
		orderID := fmt.Sprint(2_000_000 + i)
		for _, s := range sequence {
			raw := withoutRefunds
			if s.file != "" {
				raw = body(t, s.file)
			}
			m.send(s.topic, bytes.ReplaceAll(raw, []byte("450789469"), []byte(orderID)))
		}
		want := "CANCELLED RATED base 58700 refunded 58700 total 59894 USD" +
			" lines map[466157049:19566-19566 518995019:19567-19567 703073504:19567-19567]"
		if got := m.state(orderID); got[:len(want)] != want || got[len(got)-len("net commission 0"):] != "net commission 0" {
			t.Errorf("%v: %s", sequence, got)
		}
	}
	m.books("USD", 0)
}
