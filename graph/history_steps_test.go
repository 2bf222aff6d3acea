package graph

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/simulation"
)

// plots are short stories, each on an order of its own, that take the ways which random
// operations take too seldom. $ is the order, < the seller, > the rival, # an amount in
// minor units; other letters name what the order has: a refund, a claim.
var plots = [][]string{
	{"approve $", "chargeback $ c all", "won $ c"},
	{"chargeback $ c all", "won $ c", "refund $ r all"},
	{"chargeback $ c #1000", "lost $ c", "refund $ r #500"},
	{"approve $", "payout b", "settle b", "refund $ r #1000"},
	{"approve $", "payout b", "fail b", "chargeback $ c #700"},
	{"late-click $"},
	{"reject $ <", "edit $ #9000 #100"},
	{"dispute d > $", "comment d", "accept d REATTRIBUTE"},
	{"dispute d > $", "accept d CREDIT"},
	{"dispute d > $", "decline d", "dispute e > $", "comment e", "decline e"},
	{"dispute d > $", "withdraw d", "dispute e > $", "comment e", "withdraw e"},
	{"edit $ #4000 #300", "edit $ #2500", "edit $ #2500 #900", "refund $ r line"},
	{"adjust a < #900", "adjust g < #-100", "take-back a"},
	{"move $ >", "move $ <", "move $ <:1 >:2", "refund $ r #1000"},
	{"refund $ r #1000", "cancel $"},
	{"suspend <", "reinstate <", "under <", "wait 11d"},
	{"chargeback $ c #1000", "approve $", "won $ c", "refund $ r all"},
}

// anything does something at random to another order than the plot's.
var anything = []string{
	"order", "order", "order", "edit $ #3000", "edit $ #2000 #2000", "refund $ r #400", "refund $ q #300", "refund $ s line", "chargeback $ k #900", "won $ k",
	"lost $ k", "approve $", "reject $ <", "move $ >", "move $ <:2 >:1", "adjust a > #70", "take-back a", "under <", "suspend <", "reinstate <", "wait 3d", "cancel $",
}

// steps tells a plot, with something random after some of its steps.
func (c *chronicle) steps(plot []string) {
	c.Helper()
	own := c.sells(2000 + c.r.Int64N(3000))
	c.looks()
	for _, text := range plot {
		c.do(text, own)
		c.looks()
		if others := slices.DeleteFunc(slices.Clone(c.live), func(o string) bool { return o == own }); len(others) > 0 && c.r.IntN(3) == 0 {
			c.do(anything[c.r.IntN(len(anything))], others[c.r.IntN(len(others))])
			c.looks()
		}
	}
	c.do("reinstate <", own) // whoever a random step has suspended sells again
}

// do does what a text says, and notes it unless it was refused.
func (c *chronicle) do(text, of string) {
	c.Helper()
	words := strings.Fields(text)
	for i, w := range words[1:] {
		switch {
		case w == "$":
			words[i+1] = of
		case w[0] == '<' || w[0] == '>':
			words[i+1] = map[byte]string{'<': c.seller, '>': c.rival}[w[0]] + w[1:]
		case w[0] == '#':
			words[i+1] = c.amount(w[1:])
		case len(w) == 1:
			words[i+1] = w + "-" + of + "-" + fmt.Sprint(c.n)
		}
	}
	c.refused = ""
	if own, special := c.specials()[words[0]]; special {
		own(words[1:])
	} else if !c.missing(words) {
		words, more := c.more(words)
		verbs[words[0]](c.narrator, scene{Do: strings.Join(words, " "), In: string(c.in), More: more}, words[1:])
	}
	switch code, _, _ := strings.Cut(c.refused, " "); code {
	case "":
		c.saw(named(words, text))
	case "WRONG_STATE", "REFUND_EXCEEDS_ORDER", "CONFLICT", "INVALID", "BELOW_THRESHOLD", "NOT_FOUND", "TAKEN":
	default:
		c.Fatalf("%s: %s", text, c.refused)
	}
}

// missing reports a step on something that was never made.
func (c *chronicle) missing(words []string) bool {
	made := slices.Contains([]string{"take-back", "settle", "fail", "comment", "accept", "decline", "withdraw"}, words[0]) && c.ids["$"+words[1]] == ""
	if made {
		c.refused = "NOT_FOUND"
	}
	return made
}

// named gives the word under which a step is counted.
func named(words []string, text string) string {
	switch {
	case words[0] == "refund":
		return "refund " + map[bool]string{true: words[min(3, len(words)-1)], false: "part"}[words[len(words)-1] == "all" || words[len(words)-1] == "line"]
	case words[0] == "move" && strings.Contains(text, ":"):
		return "share"
	case words[0] == "edit" && strings.Contains(text, " #4000 "), words[0] == "edit" && strings.Contains(text, "#9000"):
		return "edit up"
	case words[0] == "edit":
		return "edit down"
	}
	return strings.ReplaceAll(words[0], "late-click", "late click")
}

// more gives what a verb is told besides its words.
func (c *chronicle) more(words []string) ([]string, json.RawMessage) {
	money := fmt.Sprintf(`{"amount": "%s", "currency": "%s"}`, c.amount("50"), c.in)
	switch {
	case words[0] == "dispute":
		return words, json.RawMessage(`{"amount": ` + money + `}`)
	case words[0] == "accept" && words[2] == "CREDIT":
		return words, json.RawMessage(`{"effect": "CREDIT", "amount": ` + money + `}`)
	case words[0] == "accept":
		return words, json.RawMessage(`{"effect": "` + words[2] + `"}`)
	case words[len(words)-1] == "line":
		return words[:3], json.RawMessage(`{"lines": [{"lineExternalId": "b", "amount": ` + money + `}]}`)
	case words[0] == "payout":
		return []string{words[0], words[1], string(c.in)}, nil
	}
	return words, nil
}

func (c *chronicle) specials() map[string]func(words []string) {
	return map[string]func([]string){
		"order":      func([]string) { c.sells(500 + c.r.Int64N(4000)) },
		"late-click": func(w []string) { c.lateClick(w[0]) },
		"under": func(w []string) {
			if c.depth > 0 {
				c.under(scene{}, []string{w[0], c.rival})
				c.under(scene{}, []string{w[0], c.above})
			}
		},
	}
}

// sells takes an order of the seller, of two lines, by a buyer of its own.
func (c *chronicle) sells(minor int64) string {
	c.Helper()
	c.made++
	id := fmt.Sprint("o", c.made)
	c.refused = ""
	c.clock.Advance(1e9)
	c.order(scene{In: string(c.in), Ago: "2h", More: json.RawMessage(fmt.Sprintf(`{"customer": {"externalId": "c%d-%s"}}`, c.n, id))}, []string{id, c.seller, c.amount(fmt.Sprint(minor)), c.amount("500")})
	if c.refused != "" {
		c.Fatal(c.refused)
	}
	c.live = append(c.live, id)
	c.saw("order")
	return id
}

// lateClick tells, after an order, of a later click of its buyer: the credit moves.
func (c *chronicle) lateClick(of string) {
	c.Helper()
	buyer, err := json.Marshal(map[string]any{"customer": c.orders[of]["customer"], "status": "PENDING"})
	c.must(err)
	c.made++
	c.order(scene{In: string(c.in), Ago: "1h", More: buyer}, []string{fmt.Sprint("o", c.made), c.rival, c.amount("100")})
	for n := 1; n > 0; {
		c.placed()
		n, err = c.store.Catch(c.ctx, c.earn.Replayer())
		c.must(err)
	}
	late, err := c.store.Client().Attribution.Query().Where(attribution.ConversionID(c.saleOf(of)), attribution.Reason("LATE_CLICK")).Exist(c.ctx)
	if c.must(err); !late {
		c.refused = "WRONG_STATE"
	}
}

// crosses sells more than the tier begins at.
func (c *chronicle) crosses() {
	c.Helper()
	c.do("wait 40d", "")
	c.sells(15_000)
	c.sells(15_000)
	for _, row := range c.rows() {
		if row.Kind == commission.KindTIER {
			c.saw("tier crossed")
		}
	}
}

// applies simulates other terms, and applies what they would have changed.
func (c *chronicle) applies() {
	c.Helper()
	c.sells(3000)
	terms := c.named(json.RawMessage(strings.ReplaceAll(string(c.anyTerms()), "7.5", "8.25")))
	terms["planId"] = c.plan
	made := c.done("planSimulate", "PlanSimulateInput", map[string]any{"programId": c.program, "from": "2026-01-01T00:00:00Z", "until": "2027-12-31T00:00:00Z", "terms": terms}, "simulation { id }")
	id := at(made, "simulation", "id").(string)
	c.must(c.earn.WorkOn(c.ctx, id))
	c.done("simulationApply", "SimulationApplyInput", map[string]any{"simulationId": id, "reason": "agreed"}, "simulation { id }")
	c.must(c.earn.WorkOn(c.ctx, id))
	row, err := c.store.Client().Simulation.Get(c.ctx, id)
	if c.must(err); row.Status == simulation.StatusAPPLIED {
		c.saw("simulate and apply")
	}
}
