package graph

import (
	"fmt"
	"strings"
	"time"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/roster"
)

const recordSale = `mutation($in: ConversionRecordInput!) { conversionRecord(input: $in) { userErrors { message field } conversion { commissions { kind level waits amount { amount } explanation { amount { amount } rules { kind } levels { level } } } } } }`

// soldPlan is what recordSale answers.
type soldPlan struct {
	ConversionRecord struct {
		Conversion *struct{ Commissions []soldCommission }
		UserErrors []any
	}
}

type soldCommission struct {
	Kind        string
	Level       int
	Waits       bool
	Amount      struct{ Amount string }
	Explanation struct {
		Amount struct{ Amount string }
		Levels []struct{ Level int }
	}
}

func levelText(level int, amount string, waits bool) string {
	text := fmt.Sprintf("%d=%s", level, amount)
	if waits {
		text += " waits"
	}
	return text
}

// member reads a word of an upline: how it stands, and its own sales.
func (p *planner) member(word string) (status string, sales int, amount string) {
	p.Helper()
	status, own, sold := strings.Cut(word, " ")
	if sold {
		if _, err := fmt.Sscanf(own, "%d × %s", &sales, &amount); err != nil {
			p.Fatal(err)
		}
	}
	return status, sales, amount
}

// recruit puts an upline above ann, sells for it, and then lets it stand as the row
// says.
func (p *planner) recruit(upline []string) {
	p.Helper()
	ids, parent := make([]string, len(upline)), ""
	for i := len(upline) - 1; i >= 0; i-- {
		a, err := p.roster.AffiliateCreate(p.ctx, roster.AffiliateCreateInput{
			Name: fmt.Sprint("up", i), Email: fmt.Sprintf("up%d@aff.example", i), ParentID: parent, ProgramIDs: []string{p.program},
		})
		p.must(err)
		ids[i], parent = a.AffiliateID, a.AffiliateID
	}
	if len(upline) == 0 {
		return
	}
	ann := p.ids["$ann"]
	_, err := p.roster.AffiliateUpdate(p.ctx, roster.AffiliateUpdateInput{ID: ann, ParentID: &ids[0]})
	p.must(err)
	for i, word := range upline {
		status, sales, amount := p.member(word)
		for n := range sales {
			var sold soldPlan
			p.ask(recordSale, map[string]any{
				"programId": p.program, "externalId": fmt.Sprintf("own-%d-%d", i, n), "clickToken": p.token(p.linkOf(ids[i])), "occurredAt": p.store.Now().Add(-time.Second),
				"lines": []any{map[string]any{"amount": map[string]any{"amount": amount, "currency": "USD"}}},
			}, &sold)
		}
		in := roster.StandingInput{ID: ids[i], Reason: "test"}
		switch status {
		case "suspended":
			_, err = p.roster.AffiliateSuspend(p.ctx, in)
		case "archived":
			_, err = p.roster.AffiliateArchive(p.ctx, in)
		}
		p.must(err)
	}
}

// pureLevels gives what the evaluator pays the upline for a row, without a database.
func (p *planner) pureLevels(g goldenPlan, r plan.Result) (told []string) {
	p.Helper()
	var in model.CommissionPlanActivateInput
	p.reread(p.named(g.Terms), &in)
	mapped, err := mapTerms(in)
	p.must(err)
	if mapped.Levels == nil {
		return nil
	}
	if faults := mapped.Levels.Validate(); len(faults) > 0 {
		p.Fatal(faults)
	}
	sale := levels.Sale{Currency: r.Amount.Currency}
	for _, l := range r.Lines {
		sale.Lines = append(sale.Lines, levels.Line{ID: l.ID, Base: l.Base, Commission: l.Commission})
	}
	for i, word := range g.Upline {
		status, sales, amount := p.member(word)
		m := levels.Member{AffiliateID: fmt.Sprint(i), Status: strings.ToUpper(status), Sales: int64(sales)}
		if status == "buyer" {
			m.Buyer, m.Status = true, levels.StatusActive
		}
		if sales > 0 {
			if m.Amount, err = money.Parse(amount, "USD"); err != nil {
				p.Fatal(err)
			}
			m.Amount.Minor *= int64(sales)
		}
		sale.Upline = append(sale.Upline, m)
	}
	result, err := mapped.Levels.Evaluate(sale)
	p.must(err)
	for _, step := range result.Steps {
		if step.Amount > 0 {
			told = append(told, levelText(1+step.Level, money.Of(step.Amount, sale.Currency).Decimal(), step.Outcome == levels.Held))
		}
	}
	return told
}
