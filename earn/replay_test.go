package earn_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/track"
	rules "github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
	"github.com/tributary/tributary/track/token"
)

// hears lets everything that was told be looked at, until there is nothing more.
func (m *market) hears() {
	m.t.Helper()
	for {
		m.place()
		n, err := m.store.Catch(m.ctx, m.Replayer())
		m.must(err)
		if n == 0 {
			return
		}
	}
}

// place waits until every committed event has its place.
func (m *market) place() {
	m.t.Helper()
	if !m.store.Postgres() {
		return
	}
	m.places.Do(func() {
		ctx, end := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { _ = m.store.Sequence(ctx) })
		m.t.Cleanup(func() { end(); running.Wait() })
	})
	for storetest.Must[int64](m.t)(m.store.Lag(m.ctx)) > 0 {
		m.store.Wake()
		time.Sleep(time.Millisecond) // the sequencer has no signal of its own
	}
}

// decided is the decision in force on a conversion.
func (m *market) decided(conversionID string) *ent.Attribution {
	m.t.Helper()
	row, err := m.store.Client().Attribution.Query().Where(attribution.ConversionID(conversionID)).Order(ent.Desc(attribution.FieldRevision)).First(m.ctx)
	m.must(err)
	return row
}

// told is an order of a buyer by a click, so long before now both.
type told struct {
	who        string // whose click; "" for none
	click, ago time.Duration
	token, id  string
}

func (m *market) tell(buyer string, o *told) earn.OrderOutcome {
	m.t.Helper()
	sale := m.sale(buyer+o.id, o.token, "USD", 10_000)
	sale.OccurredAt, sale.Customer = m.clock.Now().Add(-o.ago), order.Customer{ExternalID: buyer}
	return m.accept(sale)
}

// D22: an order proves an earlier click of its buyer, and comes after an order that the
// click led to: that one is decided anew, the earlier decision stays readable, and what
// was earned moves.
func TestD22_ALateClickDecidesAnew(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.terms(percent("10"))
	ann, bob := m.affiliate("ann"), m.affiliate("bob")
	first := m.tell("c", &told{ago: 2 * time.Hour, token: m.at(ann, 9*time.Hour), id: "1"})
	m.hears()
	m.paid("ann's click alone is known", first, map[string]int64{ann: 1000})
	m.tell("c", &told{ago: time.Hour, token: m.at(bob, 3*time.Hour), id: "2"})
	m.hears()
	m.paid("bob's was after it, and before the sale", first, map[string]int64{bob: 1000})
	m.books("hers is taken back", ann, "USD", 0, 0)
	m.books("his is two", bob, "USD", 2000, 0)
	all, err := m.ExplainHistory(m.ctx, first.ConversionID)
	m.must(err)
	if len(all) != 2 || all[0].Decision.AffiliateID != ann || all[1].Row.Reason != "LATE_CLICK" || !all[0].Replays || !all[1].Replays {
		t.Errorf("%+v", all)
	}
	rows := m.said(first.ConversionID)
	if !slices.Contains(rows, "conversion.uncredited") || !slices.Contains(rows, "conversion.credited") {
		t.Error(rows)
	}
	m.hears()
	if again, err := m.ExplainHistory(m.ctx, first.ConversionID); err != nil || len(again) != 2 {
		t.Error("it is decided again with nothing new", len(again), err)
	}
}

// D22: a click that changes nothing of the credit is among the facts, and moves no money.
func TestD22_ALateClickThatLosesIsOnlyTold(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.terms(percent("10"))
	ann, bob := m.affiliate("ann"), m.affiliate("bob")
	first := m.tell("c", &told{ago: 2 * time.Hour, token: m.at(ann, 3*time.Hour), id: "1"})
	m.tell("c", &told{ago: time.Hour, token: m.at(bob, 9*time.Hour), id: "2"})
	m.hears()
	m.paid("hers was the last", first, map[string]int64{ann: 1000})
	facts, err := rules.DecodeFacts(m.decided(first.ConversionID).Facts)
	m.must(err)
	if rows := m.commissions(first.ConversionID); len(facts.Touches) != 2 || len(rows) != 1 || rows[0].ReversedMinor != 0 {
		t.Errorf("%+v, %d commissions", facts.Touches, len(rows))
	}
}

// Q43: the shop's clock is forgiven for the click that the order names. Somebody else's
// click a moment after the order earns nothing of it, whatever is told of it later: a
// link opened on the page that thanks for the order takes no sale.
func TestQ43_AClickAfterTheOrderTakesNothingOfIt(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.terms(percent("10"))
	ann, bob := m.affiliate("ann"), m.affiliate("bob")
	first := m.tell("c", &told{ago: 2 * time.Hour, token: m.at(ann, 3*time.Hour), id: "1"})
	m.tell("c", &told{ago: time.Hour, token: m.at(bob, 2*time.Hour-time.Second), id: "2"})
	m.hears()
	m.paid("his click came a second after it", first, map[string]int64{ann: 1000})
	cid := m.affiliate("cid")
	m.tell("c", &told{ago: time.Hour, token: m.at(cid, 150*time.Minute), id: "5"})
	m.hears()
	m.paid("decided anew for another's click, it is none of his still", first, map[string]int64{cid: 1000})
	third := m.tell("d", &told{ago: 2 * time.Hour, token: m.at(ann, 2*time.Hour-time.Second), id: "3"})
	m.hears()
	m.paid("the order itself names the click", third, map[string]int64{ann: 1000})
	m.tell("d", &told{ago: time.Hour, token: m.at(bob, 2*time.Hour), id: "4"})
	m.hears()
	m.paid("hers is the later one still", third, map[string]int64{ann: 1000})
}

// D22: what people and payments rest on stays as it is.
func TestD22_WhatPeopleDecidedIsNotDecidedAnew(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(m *market, out earn.OrderOutcome, bob, ann string){
		"a person decided": func(m *market, out earn.OrderOutcome, _, ann string) {
			other := m.affiliate("cid")
			_, err := m.Reattribute(m.ctx, earn.ReattributeInput{ConversionID: out.ConversionID, AffiliateID: other, Reason: "r"})
			m.must(err)
			_, err = m.Reattribute(m.ctx, earn.ReattributeInput{ConversionID: out.ConversionID, AffiliateID: ann, Reason: "r"})
			m.must(err)
		},
		"approved": func(m *market, out earn.OrderOutcome, _, _ string) { m.approve(out.CommissionIDs...) },
		"the book is locked": func(m *market, _ earn.OrderOutcome, _, _ string) {
			_, err := m.ledger.Lock(m.ctx, ledger.LockInput{Until: m.clock.Now().Add(-time.Minute), Reason: "r"})
			m.must(err)
		},
	} {
		m := open(t)
		m.terms(percent("10"))
		ann, bob := m.affiliate("ann"), m.affiliate("bob")
		first := m.tell("c", &told{ago: 2 * time.Hour, token: m.at(ann, 9*time.Hour), id: "1"})
		do(m, first, bob, ann)
		before := m.decided(first.ConversionID)
		m.tell("c", &told{ago: time.Hour, token: m.at(bob, 3*time.Hour), id: "2"})
		m.hears()
		if after := m.decided(first.ConversionID); after.ID != before.ID {
			t.Errorf("%s: decided anew", name)
		}
		m.paid(name, first, map[string]int64{ann: 1000})
	}
}

// story draws a buyer's clicks and orders, some by the same click and some by none.
func (m *market) story(r *rand.Rand, who []string, links map[string]uint64) []*told {
	out := make([]*told, 2+r.IntN(4))
	for i := range out {
		ago := time.Duration(1+r.IntN(600)) * time.Minute
		out[i] = &told{ago: ago, id: fmt.Sprint("-o", i), click: ago + time.Duration(r.IntN(600)-60)*time.Minute}
		if r.IntN(5) > 0 {
			out[i].who = who[r.IntN(len(who))]
		}
	}
	return out
}

// play tells a story to the market as one buyer, in an order, and gives the hash of what
// everything came to: facts and decisions with the story's own names in place of ids,
// and who earns what.
func (m *market) play(buyer string, story []*told, links map[string]uint64, turn []int, listen func() bool) (hash string) {
	m.t.Helper()
	var swap []string
	orders := make([]*told, len(story))
	for i, o := range story {
		one := *o
		if one.who != "" {
			click := id.NewUUID(m.clock.Now().Add(-one.click))
			click[15] |= 1
			one.token = token.Token{Click: click, Link: links[one.who]}.Encode(m.store.Keys())
			swap = append(swap, id.FromUUID(id.Click, click), "click"+one.id)
		}
		orders[i] = &one
	}
	made := make([]earn.OrderOutcome, len(story))
	for _, i := range turn {
		made[i] = m.tell(buyer, orders[i])
		swap = append(swap, made[i].ConversionID, "order"+orders[i].id)
		if listen() {
			m.hears()
		}
	}
	m.hears()
	names, sum := strings.NewReplacer(swap...), sha256.New()
	for i := range orders {
		row := m.decided(made[i].ConversionID)
		f, err := rules.DecodeFacts(row.Facts)
		m.must(err)
		d, err := rules.DecodeDecision(row.Decision)
		m.must(err)
		policy, err := m.store.Client().AttributionPolicy.Get(m.ctx, row.PolicyID)
		m.must(err)
		if again, err := rules.Replay(policy.Document, row.Facts); err != nil || !bytes.Equal(again, row.Decision) {
			m.t.Errorf("the decision on %s is not what its facts yield: %v", orders[i].id, err)
		}
		fmt.Fprint(sum, renamed(names, f, d))
		for _, c := range m.commissions(made[i].ConversionID) {
			if c.SupersededAt == nil {
				fmt.Fprintln(sum, c.AffiliateID, c.AmountMinor-c.ReversedMinor, c.Status)
			}
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// renamed gives the canonical bytes of facts and decision under the story's names.
func renamed(names *strings.Replacer, f rules.Facts, d rules.Decision) string {
	f.ConversionID = names.Replace(f.ConversionID)
	for i := range f.Touches {
		f.Touches[i].ID = names.Replace(f.Touches[i].ID)
	}
	slices.SortFunc(f.Touches, func(a, b rules.Touch) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(d.Excluded, func(a, b rules.Exclusion) int {
		return strings.Compare(names.Replace(a.TouchID), names.Replace(b.TouchID))
	})
	d.TouchID = names.Replace(d.TouchID)
	for i := range d.Shares {
		d.Shares[i].TouchID = names.Replace(d.Shares[i].TouchID)
	}
	for i := range d.Excluded {
		d.Excluded[i].TouchID = names.Replace(d.Excluded[i].TouchID)
	}
	return fmt.Sprintf("%x %x\n", f.Encode(), d.Encode())
}

// N09, D22: whatever the order in which a buyer's orders and the clicks that they prove
// are told, and however often somebody looks meanwhile, they end in the same facts and
// decisions, byte for byte, and the same money.
func TestN09_InterleavingsEndInEqualHashes(t *testing.T) {
	t.Parallel()
	for i, lifetime := range []rules.Lifetime{rules.LifetimeNone, rules.LifetimeFirst, rules.LifetimeLast} {
		model := []rules.Model{rules.ModelLastNonDirect, rules.ModelLinear, rules.ModelFirst}[i]
		m := open(t)
		m.terms(percent("10"))
		_, err := m.track.PolicyActivate(m.ctx, track.PolicyActivateInput{ProgramID: m.program, WindowDays: 30, Model: model, Lifetime: lifetime})
		m.must(err)
		m.clock.Advance(48 * time.Hour)
		who, links := []string{m.affiliate("ann"), m.affiliate("bob"), m.affiliate("cid")}, map[string]uint64{}
		for _, one := range who {
			links[one] = m.link(one)
		}
		for n := range draws.Stories(12) {
			r := rand.New(rand.NewPCG(uint64(i), uint64(n)))
			story := m.story(r, who, links)
			want := ""
			for turn := range 4 {
				got := m.play(fmt.Sprintf("b%d-%d", n, turn), story, links, r.Perm(len(story)), func() bool { return r.IntN(2) == 0 })
				if want == "" {
					want = got
				}
				if got != want {
					t.Errorf("%s %s: story %d ends in %s and in %s", model, lifetime, n, want, got)
				}
			}
		}
		anew, err := m.store.Client().Attribution.Query().Where(attribution.Reason("LATE_CLICK")).Count(m.ctx)
		m.must(err)
		if anew < draws.Stories(12) {
			t.Errorf("%s %s: only %d decisions were made anew", model, lifetime, anew)
		}
		m.trial("in the end")
	}
}
