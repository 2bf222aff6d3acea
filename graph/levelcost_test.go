package graph

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
)

// leveled puts so many affiliates above the counter's, and terms that pay them.
func (c *counter) leveled(n int) {
	c.Helper()
	rost := roster.New(roster.Config{Store: c.store})
	trk, err := track.New(track.Config{Store: c.store})
	c.must(err)
	earned := earn.New(earn.Config{Store: c.store, Track: trk, Ledger: ledger.New(ledger.Config{Store: c.store})})
	below, err := c.store.Client().Affiliate.Query().Where(affiliate.Name("Ann")).OnlyID(c.ctx)
	c.must(err)
	rate := func(text string) money.Rate {
		r, err := money.ParseRate(text)
		c.must(err)
		return r
	}
	terms := levels.Terms{}
	for i := range n {
		a, err := rost.AffiliateCreate(c.ctx, roster.AffiliateCreateInput{Name: fmt.Sprint("Up ", i), Email: fmt.Sprintf("up%d@aff.example", i), ProgramIDs: []string{c.program}})
		c.must(err)
		_, err = rost.AffiliateUpdate(c.ctx, roster.AffiliateUpdateInput{ID: below, ParentID: &a.AffiliateID})
		c.must(err)
		below = a.AffiliateID
		terms.Levels = append(terms.Levels, levels.Term{Mode: levels.OfSale, Rate: rate("2")})
	}
	p, err := earned.PlanCreate(c.ctx, earn.PlanCreateInput{ProgramID: c.program, Name: "Levels"})
	c.must(err)
	_, err = earned.PlanActivate(c.ctx, earn.PlanActivateInput{PlanID: p.PlanID, Rules: []plan.Rule{{Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: rate("10")}}, Levels: &terms})
	c.must(err)
}

// levelStatements is what three levels cost an order beyond none: the reading of the
// upline. Rows, postings and events go with the seller's.
const levelStatements = 1

func TestC20_LevelsCostAnOrderOneStatement(t *testing.T) {
	t.Parallel()
	var seen statements
	c := openCounter(t, seen.watch)
	c.order() // opens accounts and writes the first policy
	seen.take()
	c.order()
	without, _ := seen.take()
	c.leveled(3)
	c.order() // opens accounts
	seen.take()
	c.order()
	with, _ := seen.take()
	t.Logf("%d statements without levels, %d with three", len(without), len(with))
	if n := len(with) - len(without); n > levelStatements || len(without) < 10 {
		for i, q := range with {
			t.Logf("%2d %s", i+1, strings.Join(strings.Fields(q), " "))
		}
		t.Errorf("three levels take %d statements more, want at most %d", n, levelStatements)
	}
}
