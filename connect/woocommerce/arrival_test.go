package woocommerce_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/ent/conversion"
)

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

// With keys, in every order of {created, paid, refund, refund}, each message twice, the
// order ends as by lines: the shop is asked for what it knows when the message is worked
// on, which may be more than the message tells.
func TestQ77_EveryOrderOfArrivalEndsInOneStateByLines(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	type step struct {
		topic string
		raw   []byte
	}
	steps := []step{
		{"order.created", edited(t)}, {"order.updated", edited(t, paid)}, {"order.updated", edited(t, first...)}, {"order.updated", edited(t, second...)},
	}
	all := permutations(len(steps))
	for number, arrival := range all {
		s.has(number, steps[3].raw, given(t, 0))
		for i, which := range arrival {
			s.hears(number, steps[which].topic, steps[which].raw)
			s.hears(number, steps[arrival[i/2]].topic, steps[arrival[i/2]].raw)
		}
		if s.stands(number, twiceByLines); t.Failed() {
			t.Fatalf("arrival %v", arrival)
		}
	}
	s.Books("USD", 810*int64(len(all)))
	if counts := s.Statuses(); counts["PARKED"]+counts["REFUSED"]+counts["DEAD"] > 0 || counts["DUPLICATE"] != 4*len(all) {
		t.Errorf("receipts %v", counts)
	}
}

// The webhook of the order that was made never comes, or comes after that of its change;
// shops send either twice. It is one order, and the first to come makes it.
func TestQ47_AnOrderWhoseCreationIsLateOrTwiceIsOne(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	for number, topics := range [][]string{
		{"order.updated"}, {"order.updated", "order.created"}, {"order.created", "order.created", "order.updated"}, {"order.updated", "order.updated"},
		{"order.restored"}, {"order.created"},
	} {
		for i, topic := range topics {
			raw := edited(t, paid, func(o object) { o["_links"] = i }) // other bytes, and nothing new
			s.hears(number, topic, raw)
		}
		s.stands(number, sold)
		if n, err := s.Store.Client().Conversion.Query().Where(conversion.ExternalID(orderID(number))).Count(s.Ctx); n != 1 || err != nil {
			t.Errorf("%v: %d orders, %v", topics, n, err)
		}
	}
	s.Books("USD", 6*1800)
}

// What goes into the trash is cancelled whether its deletion comes before the order or
// after it, and stays so when it is taken out again: the money is the same.
func TestQ77_ADeletedOrderEarnsNothing(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	deleted := []byte(`{"id":727}`)
	type step struct {
		topic string
		raw   []byte
	}
	created, updated, trashed := step{"order.created", edited(t)}, step{"order.updated", edited(t, paid)}, step{"order.deleted", deleted}
	for number, steps := range [][]step{
		{created, updated, trashed}, {trashed, updated}, {updated, trashed, updated, created}, {trashed, trashed, updated}, {created, trashed},
		{created, trashed, updated}, {updated, trashed, {"order.restored", edited(t, paid, at("19:00:00"))}},
		{updated, {"order.updated", edited(t, paid, status("trash"), at("16:00:00"))}},
	} {
		for _, one := range steps {
			s.hears(number, one.topic, one.raw)
		}
		if got := s.State(s.Ctx, orderID(number)); !strings.HasPrefix(got, "CANCELLED") || !strings.HasSuffix(got, "net commission 0") {
			t.Errorf("%d: %s", number, got)
		}
	}
	s.Books("USD", 0)
	if counts := s.Statuses(); counts["PARKED"]+counts["REFUSED"]+counts["DEAD"] > 0 {
		t.Errorf("receipts %v", counts)
	}
}

// The deletion names nothing but the order: one of the sandbox's is cancelled there.
func TestQ76_ADeletedTestOrderIsTheSandboxes(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	play := s.Twin()
	s.hears(1, "order.updated", subject().Trial(edited(t, paid)))
	if got := s.State(play, orderID(1)); !strings.HasPrefix(got, "ACCEPTED") {
		t.Errorf("in the sandbox %s", got)
	}
	s.hears(1, "order.deleted", []byte(`{"id":727}`))
	if got := s.State(play, orderID(1)); !strings.HasPrefix(got, "CANCELLED") {
		t.Errorf("in the sandbox %s", got)
	}
	s.stands(1, "unknown")
	s.Books("USD", 0)
}

// A topic is not signed: a body that tells a whole order is one, whatever is said of it.
func TestADeletionIsProvenByItsBody(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	s.hears(1, "order.updated", edited(t, paid))
	s.hears(1, "order.deleted", edited(t, paid))
	s.stands(1, sold)
	s.Books("USD", 1800)
}

// An order that nobody paid is cancelled by the shop's timer; a payment that comes late
// still earns.
func TestS46_APaymentThatComesAfterTheTimerEarns(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	s.hears(1, "order.created", edited(t))
	s.hears(1, "order.updated", edited(t, status("cancelled"), at("16:00:00")))
	s.stands(1, waits)
	s.hears(1, "order.updated", edited(t, paid, at("17:00:00")))
	s.stands(1, sold)
	s.Books("USD", 1800)
}
