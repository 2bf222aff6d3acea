package graph

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/rates"
)

func (n *narrator) chargeback(s scene, words []string) {
	n.Helper()
	in := n.ofOrder(words[0], words[1])
	if words[2] != "all" {
		in["amount"] = n.money(words[2])
	}
	n.try("chargebackOpen", in, s.More, "refund { id }")
}

func (n *narrator) ended(s scene, words []string) {
	n.Helper()
	in := n.ofOrder(words[0], words[1])
	in["won"] = strings.HasPrefix(s.Do, "won")
	n.try("chargebackEnd", in, s.More, "refund { id }")
}

func (n *narrator) cancel(s scene, words []string) {
	n.Helper()
	n.try("conversionCancel", map[string]any{"programId": n.program, "externalId": words[0]}, s.More, "conversion { id }")
}

// of gives the commissions of an order in a status, an affiliate's alone when it is named.
func (n *narrator) of(order, status string, who ...string) (ids []string) {
	n.Helper()
	for _, c := range n.commissions() {
		if n.sales[c.ConversionID] == order && (status == "" || c.Status == status) && (len(who) == 0 || c.AffiliateID == n.id(who[0])) && c.SupersededAt == nil {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func (n *narrator) approve(s scene, words []string) {
	n.Helper()
	ids := n.of(words[0], "PENDING", words[1:]...)
	if len(ids) == 0 {
		ids = n.of(words[0], "")
	}
	n.try("commissionApprove", map[string]any{"ids": ids}, s.More, "")
}

func (n *narrator) reject(s scene, words []string) {
	n.Helper()
	ids := n.of(words[0], "", words[1])
	if len(ids) == 0 {
		n.refused = "NOT_FOUND"
		return
	}
	n.try("commissionReject", map[string]any{"id": ids[0], "reason": "told so"}, s.More, "commission { id }")
}

func (n *narrator) adjust(s scene, words []string) {
	n.Helper()
	n.currency = "USD"
	if s.In != "" {
		n.currency = s.In
	}
	made := n.try("commissionAdjust", map[string]any{"affiliateId": n.id(words[1]), "programId": n.program, "amount": n.money(words[2]), "reason": "told so"}, s.More, "commission { id }")
	if made != nil {
		n.ids["$"+words[0]] = at(made, "commission", "id").(string)
	}
}

func (n *narrator) takeBack(s scene, words []string) {
	n.Helper()
	n.try("commissionAdjustReverse", map[string]any{"id": n.id(words[0]), "reason": "an error"}, s.More, "commission { id }")
}

func (n *narrator) saleOf(order string) string {
	n.Helper()
	for sale, of := range n.sales {
		if of == order {
			return sale
		}
	}
	n.Fatalf("there is no order %q", order)
	return ""
}

func (n *narrator) move(s scene, words []string) {
	n.Helper()
	in := map[string]any{"conversionId": n.saleOf(words[0]), "reason": "told so"}
	var shares []any
	for _, word := range words[1:] {
		who, parts, shared := strings.Cut(word, ":")
		if !shared {
			in["affiliateId"] = n.id(who)
			continue
		}
		var of int
		if _, err := fmt.Sscan(parts, &of); err != nil {
			n.Fatal(err)
		}
		shares = append(shares, map[string]any{"affiliateId": n.id(who), "parts": of})
	}
	if shares != nil {
		in["shares"] = shares
	}
	n.try("conversionReattribute", in, s.More, "conversion { id }")
}

func (n *narrator) agree(s scene, _ []string) {
	n.Helper()
	if n.terms != nil {
		n.clock.Advance(time.Second) // what was before is under the terms before
	}
	if n.try("commissionPlanActivate", map[string]any{"planId": n.plan}, s.More, "plan { id }") != nil {
		n.terms = s.More
	}
}

func (n *narrator) policy(s scene, _ []string) {
	n.Helper()
	n.try("attributionPolicyActivate", map[string]any{"programId": n.program, "windowDays": 30}, s.More, "policy { id }")
	n.clock.Advance(time.Second)
}

func (n *narrator) coupon(s scene, words []string) {
	n.Helper()
	n.try("couponCreate", map[string]any{"programId": n.program, "affiliateId": n.id(words[1]), "code": words[0]}, s.More, "coupon { id }")
}

// wait lets time go by, and does what a server does by itself.
func (n *narrator) wait(_ scene, words []string) {
	n.Helper()
	n.clock.Advance(n.span(words[0]))
	n.settlesWaiting()
}

func (n *narrator) settlesWaiting() {
	n.Helper()
	_, err := n.earn.ConvertWaiting(n.ctx, 100)
	n.must(err)
	_, err = n.earn.ApproveDue(n.ctx, 100)
	n.must(err)
	for more := 1; more > 0; {
		n.placed()
		more, err = n.store.Catch(n.ctx, n.earn.Welcomer())
		n.must(err)
	}
}

// placed waits until every committed event has its place: on SQLite at once, on
// PostgreSQL a sequencer runs until then.
func (n *narrator) placed() {
	n.Helper()
	ctx, stop := context.WithTimeout(n.ctx, time.Minute)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() { _ = n.store.Sequence(ctx) })
	for {
		left, err := n.store.Lag(ctx)
		if n.must(err); left == 0 {
			return
		}
		n.store.Wake()
		time.Sleep(5 * time.Millisecond) // the sequencer has no signal of its own
	}
}

func (n *narrator) payout(s scene, words []string) {
	n.Helper()
	made := n.try("payoutBatchCreate", map[string]any{"batchKey": words[0], "currency": words[1]}, s.More, "batch { id }")
	if made == nil {
		return
	}
	n.ids["$"+words[0]] = at(made, "batch", "id").(string)
	n.try("payoutBatchApprove", map[string]any{"id": n.id(words[0])}, nil, "batch { id }")
}

// settle ends every payout of a batch.
func (n *narrator) settle(s scene, words []string) {
	n.Helper()
	var data struct {
		Payouts struct {
			Edges []struct{ Node struct{ ID string } }
		}
	}
	n.ask(`query($in: ID) { payouts(batchId: $in, first: 50) { edges { node { id } } } }`, n.id(words[0]), &data)
	for _, e := range data.Payouts.Edges {
		if strings.HasPrefix(s.Do, "fail") {
			n.try("payoutFail", map[string]any{"id": e.Node.ID, "reason": "returned"}, s.More, "payout { id }")
		} else {
			n.try("payoutSettle", map[string]any{"id": e.Node.ID}, s.More, "payout { id }")
		}
	}
}

func (n *narrator) hire(s scene, words []string) {
	n.Helper()
	in := map[string]any{"name": words[0], "email": words[0] + "@aff.example", "programIds": []string{n.program}}
	if words[1] != "-" {
		in["parentId"] = n.id(words[1])
	}
	if made := n.try("affiliateCreate", in, s.More, "affiliate { id }"); made != nil {
		n.ids["$"+words[0]] = at(made, "affiliate", "id").(string)
		n.settlesWaiting()
	}
}

func (n *narrator) merge(s scene, words []string) {
	n.try("affiliateMerge", map[string]any{"fromId": n.id(words[0]), "intoId": n.id(words[1]), "reason": "one person"}, s.More, "affiliate { id }")
}

func (n *narrator) under(s scene, words []string) {
	n.Helper()
	n.try("affiliateUpdate", map[string]any{"id": n.id(words[0]), "parentId": n.id(words[1])}, s.More, "affiliate { id }")
}

func (n *narrator) stand(s scene, words []string) {
	n.Helper()
	verb, _, _ := strings.Cut(s.Do, " ")
	n.try("affiliate"+strings.ToUpper(verb[:1])+verb[1:], map[string]any{"id": n.id(words[0]), "reason": "told so"}, s.More, "affiliate { id }")
	n.clock.Advance(time.Second)
}

func (n *narrator) paidIn(s scene, words []string) {
	n.Helper()
	n.try("affiliateUpdate", map[string]any{"id": n.id(words[0]), "payoutCurrency": words[1]}, s.More, "affiliate { id }")
}

func (n *narrator) rates(_ scene, words []string) { n.published(words[0]) }

// published keeps what one euro cost on a day: 1.08 US dollars, 162 yen, 0.33 dinars.
func (p *planner) published(day string) {
	p.Helper()
	_, _, err := p.store.DoorRatesAdd(context.Background(), []store.PublishedRate{
		{Source: rates.ECB, Day: day, Currency: "USD", Mantissa: 10800, Scale: 4},
		{Source: rates.ECB, Day: day, Currency: "JPY", Mantissa: 162, Scale: 0},
		{Source: rates.ECB, Day: day, Currency: "KWD", Mantissa: 33, Scale: 2},
	})
	p.must(err)
}

func (n *narrator) lock(s scene, words []string) {
	n.Helper()
	n.try("ledgerLock", map[string]any{"until": words[0], "reason": "the books are closed"}, s.More, "lock { id }")
}

func (n *narrator) dispute(s scene, words []string) {
	n.Helper()
	in := map[string]any{"affiliateId": n.id(words[1]), "programId": n.program, "orderExternalId": words[2], "occurredAt": n.store.Now(), "evidence": "I sent the buyer"}
	if made := n.try("disputeOpen", in, s.More, "dispute { id }"); made != nil {
		n.ids["$"+words[0]] = at(made, "dispute", "id").(string)
	}
}

func (n *narrator) accept(s scene, words []string) {
	n.Helper()
	n.try("disputeAccept", map[string]any{"id": n.id(words[0]), "reason": "shown"}, s.More, "dispute { id }")
}

func (n *narrator) decline(s scene, words []string) {
	n.Helper()
	n.try("disputeDecline", map[string]any{"id": n.id(words[0]), "reason": "not shown"}, s.More, "dispute { id }")
}

func (n *narrator) comment(s scene, words []string) {
	n.Helper()
	n.try("disputeComment", map[string]any{"id": n.id(words[0]), "text": "we look into it"}, s.More, "dispute { id }")
}

func (n *narrator) withdraw(s scene, words []string) {
	n.Helper()
	n.try("disputeWithdraw", map[string]any{"id": n.id(words[0])}, s.More, "dispute { id }")
}
