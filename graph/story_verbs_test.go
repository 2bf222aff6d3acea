package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/track/token"
)

// narrator is a planner to whom a story happens.
type narrator struct {
	*planner
	plan     string
	terms    json.RawMessage // in force
	currency string          // of the latest order
	refused  string          // by the latest step
	links    map[string]uint64
	orders   map[string]map[string]any // as the API was told
	sales    map[string]string         // order ids by conversion
	known    map[string]bool           // commissions that were there before the step
	carts    int
}

func narrate(t *testing.T, s story) *narrator {
	n := &narrator{planner: openPlanner(t), links: map[string]uint64{}, orders: map[string]map[string]any{}, sales: map[string]string{}, known: map[string]bool{}}
	n.plan = at(n.done("commissionPlanCreate", "CommissionPlanCreateInput", map[string]any{"programId": n.program, "name": "Standard"}, "plan { id }"), "plan", "id").(string)
	n.agree(scene{More: s.Terms}, nil)
	if s.Policy != nil {
		n.policy(scene{More: s.Policy}, nil)
	}
	if n.refused != "" {
		t.Fatal(n.refused)
	}
	return n
}

// verbs are the words that steps begin with.
var verbs = map[string]func(n *narrator, s scene, words []string){
	"order":      (*narrator).order,      // ID WHO AMOUNT…: WHO has the click, "-" nobody; an amount may name its product: 20.00/hat
	"edit":       (*narrator).edit,       // ID AMOUNT…
	"again":      (*narrator).again,      // ID: the same message once more
	"at-once":    (*narrator).atOnce,     // NUMBER WHO AMOUNT: that many orders at the same time
	"visit":      (*narrator).visit,      // WHO AGO: a click of the buyer c1, who then leaves a cart
	"refund":     (*narrator).refund,     // ORDER ID AMOUNT or all
	"chargeback": (*narrator).chargeback, // ORDER ID AMOUNT or all
	"won":        (*narrator).ended,      // ORDER ID
	"lost":       (*narrator).ended,      // ORDER ID
	"cancel":     (*narrator).cancel,     // ORDER
	"approve":    (*narrator).approve,    // ORDER
	"reject":     (*narrator).reject,     // ORDER WHO
	"adjust":     (*narrator).adjust,     // ID WHO AMOUNT
	"take-back":  (*narrator).takeBack,   // ID of an adjustment
	"move":       (*narrator).move,       // ORDER WHO… or WHO:PARTS…
	"terms":      (*narrator).agree,      // new terms, in More
	"policy":     (*narrator).policy,     // new rules of credit, in More
	"coupon":     (*narrator).coupon,     // CODE WHO
	"wait":       (*narrator).wait,       // 31d or 90m: time goes by, and what is due is done
	"payout":     (*narrator).payout,     // BATCH CURRENCY: made and approved
	"settle":     (*narrator).settle,     // BATCH
	"fail":       (*narrator).settle,     // BATCH
	"recruit":    (*narrator).hire,       // WHO PARENT or -
	"under":      (*narrator).under,      // WHO PARENT: moves in the tree
	"suspend":    (*narrator).stand,      // WHO
	"reinstate":  (*narrator).stand,      // WHO
	"archive":    (*narrator).stand,      // WHO
	"merge":      (*narrator).merge,      // WHO INTO
	"paid-in":    (*narrator).paidIn,     // WHO CURRENCY
	"rates":      (*narrator).rates,      // DAY: one euro is 1.08 dollars, 162 yen, 0.33 dinars
	"lock":       (*narrator).lock,       // INSTANT: what is before it is final
	"dispute":    (*narrator).dispute,    // ID WHO ORDER
	"accept":     (*narrator).accept,     // ID of a dispute
	"decline":    (*narrator).decline,    // ID of a dispute
	"comment":    (*narrator).comment,    // ID of a dispute: the merchant's word
	"withdraw":   (*narrator).withdraw,   // ID of a dispute
}

func (n *narrator) id(who string) string {
	n.Helper()
	if n.ids["$"+who] == "" {
		n.Fatalf("nobody is called %q", who)
	}
	return n.ids["$"+who]
}

// try runs a mutation, with the step's own words laid over its input; a refusal is kept.
func (n *narrator) try(mutation string, in map[string]any, more json.RawMessage, get string) map[string]any {
	n.Helper()
	n.lay(in, more)
	kind := strings.ToUpper(mutation[:1]) + mutation[1:] + "Input"
	body, err := json.Marshal(map[string]any{
		"query": fmt.Sprintf(`mutation($in: %s!) { %s(input: $in) { userErrors { code field message } %s } }`, kind, mutation, get), "variables": map[string]any{"in": in},
	})
	n.must(err)
	r := httptest.NewRequestWithContext(n.ctx, http.MethodPost, "/graphql", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	n.api.ServeHTTP(w, r)
	var out struct {
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
		Data map[string]map[string]any
	}
	n.must(json.Unmarshal(w.Body.Bytes(), &out))
	if len(out.Errors) > 0 {
		n.refused = out.Errors[0].Extensions.Code + " " + out.Errors[0].Message
		return nil
	}
	payload := out.Data[mutation]
	if faults := payload["userErrors"].([]any); len(faults) > 0 {
		var path []string
		for _, name := range at(faults[0], "field").([]any) {
			path = append(path, name.(string))
		}
		n.refused = at(faults[0], "code").(string) + " " + strings.Join(path, ".")
		return nil
	}
	return payload
}

func (n *narrator) lay(in map[string]any, more json.RawMessage) {
	n.Helper()
	if more != nil {
		for name, value := range n.named(more) {
			in[name] = value
		}
	}
}

func (n *narrator) lines(amounts []string, in string) (all []any) {
	for i, word := range amounts {
		amount, product, _ := strings.Cut(word, "/")
		line := map[string]any{"externalId": string(rune('a' + i)), "amount": map[string]any{"amount": amount, "currency": in}}
		if product != "" {
			line["productId"] = product
		}
		all = append(all, line)
	}
	return all
}

func (n *narrator) money(amount string) map[string]any {
	return map[string]any{"amount": amount, "currency": n.currency}
}

// click is the token of a click on the affiliate's link so long ago, a minute unless told.
func (n *narrator) click(who, ago string) string {
	n.Helper()
	before := time.Minute
	if ago != "" {
		before = n.span(ago)
	}
	if n.links[who] == 0 {
		n.links[who] = n.linkOf(n.id(who))
	}
	click := id.NewUUID(n.store.Now().Add(-before))
	click[15] |= 1 // may earn
	return token.Token{Click: click, Link: n.links[who]}.Encode(n.store.Keys())
}

func (n *narrator) span(text string) time.Duration {
	n.Helper()
	if days, daily := strings.CutSuffix(text, "d"); daily {
		text = days + "h"
		d, err := time.ParseDuration(text)
		n.must(err)
		return 24 * d
	}
	d, err := time.ParseDuration(text)
	n.must(err)
	return d
}

func (n *narrator) order(s scene, words []string) {
	n.Helper()
	n.currency = "USD"
	if s.In != "" {
		n.currency = s.In
	}
	in := map[string]any{"programId": n.program, "externalId": words[0], "version": "1"}
	if len(words) > 2 {
		in["lines"] = n.lines(words[2:], n.currency)
	}
	if words[1] != "-" {
		in["clickToken"] = n.click(words[1], s.Ago)
	}
	n.lay(in, s.More)
	n.orders[words[0]] = in
	n.sold(words[0])
}

func (n *narrator) sold(order string) {
	n.Helper()
	if made := n.try("conversionRecord", n.orders[order], nil, "conversion { id }"); made != nil {
		n.sales[at(made, "conversion", "id").(string)] = order
	}
}

func (n *narrator) edit(s scene, words []string) {
	n.Helper()
	in := n.orders[words[0]]
	in["version"], in["lines"] = fmt.Sprint(in["version"], "0"), n.lines(words[1:], n.currency)
	delete(in, "total")
	n.lay(in, s.More)
	n.sold(words[0])
}

func (n *narrator) again(_ scene, words []string) { n.sold(words[0]) }

func (n *narrator) atOnce(_ scene, words []string) {
	n.Helper()
	var times int
	if _, err := fmt.Sscan(words[0], &times); err != nil {
		n.Fatal(err)
	}
	n.currency = "USD"
	click, gate := n.click(words[1], ""), make(chan struct{}, 16)
	var all sync.WaitGroup
	for i := range times {
		all.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			in := map[string]any{"programId": n.program, "externalId": fmt.Sprint("at-once-", i), "lines": n.lines(words[2:], "USD"), "clickToken": click}
			body, _ := json.Marshal(map[string]any{"query": recordSale, "variables": map[string]any{"in": in}})
			r := httptest.NewRequestWithContext(n.ctx, http.MethodPost, "/graphql", strings.NewReader(string(body)))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			if n.api.ServeHTTP(w, r); !strings.Contains(w.Body.String(), `"userErrors":[]`) {
				n.Error(w.Body)
			}
		})
	}
	all.Wait()
}

func (n *narrator) visit(s scene, words []string) {
	n.Helper()
	n.carts++
	n.order(scene{Ago: words[1], More: json.RawMessage(`{"status": "PENDING", "customer": {"externalId": "c1"}}`)}, []string{fmt.Sprint("cart-", n.carts), words[0], "1.00"})
}

func (n *narrator) ofOrder(order, id string) map[string]any {
	return map[string]any{"programId": n.program, "orderExternalId": order, "externalId": id}
}

func (n *narrator) refund(s scene, words []string) {
	n.Helper()
	in := n.ofOrder(words[0], words[1])
	switch {
	case len(words) == 2: // lines, in More
	case words[2] == "all":
		in["full"] = true
	default:
		in["amount"] = n.money(words[2])
	}
	n.try("refundRecord", in, s.More, "refund { id }")
}

// owedCommission is a commission as the API tells it.
type owedCommission struct {
	ID, Kind, Status, AffiliateID, ConversionID, SoldByID string
	Level                                                 int
	Waits                                                 bool
	SupersededAt                                          *time.Time
	Amount, Net                                           struct{ Amount string }
	Explanation                                           *struct{ Amount struct{ Amount string } }
	Exchange                                              *struct {
		Net *struct{ Amount, Currency string }
	}
}

const readCommissions = `query($in: ID) { commissions(programId: $in, first: 100) { edges { node { id kind status affiliateID conversionID soldById level waits supersededAt amount { amount } net { amount } explanation { amount { amount } } exchange { net { amount currency } } } } } }`

func (n *narrator) commissions() (all []owedCommission) {
	n.Helper()
	var data struct {
		Commissions struct {
			Edges []struct{ Node owedCommission }
		}
	}
	n.ask(readCommissions, n.program, &data)
	for _, e := range data.Commissions.Edges {
		all = append(all, e.Node)
	}
	return all
}

// spell tells a commission: order, affiliate, kind, level, status, amount, what is left.
func (n *narrator) spell(c owedCommission) string {
	words := []string{n.sales[c.ConversionID], n.who(c.AffiliateID)[1:], c.Kind, c.Status, c.Amount.Amount, c.Net.Amount}
	if c.ConversionID == "" {
		words[0] = "-"
	}
	if c.Kind == "OVERRIDE" {
		words[2] += fmt.Sprint(" ", c.Level)
	}
	if c.Exchange != nil && c.Exchange.Net != nil {
		words = append(words, "=", c.Exchange.Net.Amount, c.Exchange.Net.Currency)
	}
	if c.Waits {
		words = append(words, "waits")
	}
	if c.SupersededAt != nil {
		words = append(words, "superseded")
	}
	return strings.Join(words, " ")
}

func (n *narrator) said() (all []string) {
	n.Helper()
	for _, c := range n.commissions() {
		all = append(all, n.spell(c))
	}
	slices.Sort(all)
	return all
}
