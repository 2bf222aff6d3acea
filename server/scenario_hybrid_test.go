package server_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tributary/tributary/internal/sim"
)

// hybrid is one order as its shop, a middleware and a caller tell it: the shop under its
// own id and with a number, the middleware under the shop's global id, the caller under
// the number.
type hybrid struct {
	*stage
	shop   sim.Shop
	id     int64 // of the shop; the number is a thousand less
	token  string
	caller string
}

// tellings are the three ways, by letters.
func (h hybrid) tellings() map[rune]func() {
	return map[rune]func(){'S': h.byShop, 'M': h.byMiddleware, 'A': h.byCaller}
}

// byShop tells lines, the buyer and no click.
func (h hybrid) byShop() {
	o := h.shopOrder(h.id, "")
	o.Email = ""
	body := bytes.Replace(o.Body(), fmt.Appendf(nil, `"name":"#%d"`, h.id), fmt.Appendf(nil, `"name":"#%d","total_price":"50.00"`, h.id-1000), 1)
	if !bytes.Contains(body, fmt.Appendf(nil, `"#%d"`, h.id-1000)) {
		h.Error("the shop's order has no number of its own")
	}
	if err := h.shop.Send(h.Context(), sim.TopicPaid, fmt.Sprint("delivery-", h.id), body); err != nil {
		h.Error(err)
	}
}

// byMiddleware tells the buyer's address, a label, the country and a bare total.
func (h hybrid) byMiddleware() {
	line := h.text(fmt.Sprintf(`{"type":"order","programId":"$program","externalId":"gid://shopify/Order/%d","orderNumber":"%d","source":"zapier","total":{"amount":"50.00","currency":"USD"},"customer":{"email":"buyer@elsewhere.example"},"country":"DE","subIds":{"via":"flow"}}`, h.id, h.id-1000)) + "\n"
	res := h.http(http.MethodPost, "/import", line, "Content-Type", "application/x-ndjson", "Authorization", "Bearer "+h.tokens["owner"])
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); err != nil || !strings.Contains(string(text), `"conversionId"`) {
		h.Errorf("the import answered %s %v", text, err)
	}
}

// byCaller tells the click and a coupon, and a bare total.
func (h hybrid) byCaller() {
	in := order(fmt.Sprint("#", h.id-1000), "50.00", "USD", `"clickToken":"`+h.token+`","couponCodes":["WELCOME"]`)
	if a := h.send(h.caller, mutation("conversionRecord", "created"), h.text(`{"in":`+in+`}`)); a.failed() != "" {
		h.Error(a.text)
	}
}

const hybridFields = `id orderNumber total { amount } base { amount } country couponCodes subIds clickID customer { email }
	lines { externalID title amount { amount } } commissions { affiliateID amount { amount } net { amount } }
	provenance { source name key matchedBy times firstTold lastTold fields }`

// check finds the order under each of its ids: one conversion with the richest of what
// was told, one commission, three entries.
func (h hybrid) check(came string) {
	h.Helper()
	h.took()
	var first string
	for _, id := range []string{fmt.Sprint(h.id), fmt.Sprint("gid://shopify/Order/", h.id), fmt.Sprint("#", h.id-1000), fmt.Sprint(h.id - 1000)} {
		a := h.ask("owner", h.text(`{ conversionByOrder(programId: "$program", externalId: "`+id+`") { `+hybridFields+` } }`), "null")
		one, _ := dig(a.data, "conversionByOrder").(map[string]any)
		if one == nil {
			h.Errorf("%s: %s is not found: %s", came, id, a.text)
			return
		}
		if first == "" {
			first = one["id"].(string)
			h.whole(came, one)
		}
		if one["id"] != first {
			h.Errorf("%s: %s is %v, and another is %s", came, id, one["id"], first)
		}
	}
}

// whole checks what is known of the conversion.
func (h hybrid) whole(came string, one map[string]any) {
	h.Helper()
	want := h.text(fmt.Sprintf(`{"orderNumber":"#%d","total":{"amount":"50.00"},"base":{"amount":"50.00"},"country":"DE","couponCodes":["WELCOME"],"subIds":{"via":"flow"},
		"customer":{"email":"buyer@elsewhere.example"},"commissions":[{"affiliateID":"$ann","amount":{"amount":"5.00"},"net":{"amount":"5.00"}}]}`, h.id-1000))
	if fault := contains(one, parse(want), ""); fault != "" {
		h.Errorf("%s: %s", came, fault)
	}
	if one["clickID"] == nil {
		h.Errorf("%s: the click is lost", came)
	}
	sold := map[string]string{}
	for _, l := range one["lines"].([]any) {
		if amount := dig(l, "amount", "amount").(string); amount != "0.00" {
			sold[dig(l, "externalID").(string)] = dig(l, "title").(string) + " " + amount
		}
	}
	if want := (fmt.Sprintf("map[%d:Shoes 50.00]", h.id*10)); fmt.Sprint(sold) != want {
		h.Errorf("%s: lines %v, want %s", came, sold, want)
	}
	h.entries(came, one["provenance"].([]any))
}

// entries checks who told it. The first is known by no key; each of the others shares
// the number with whoever was before it, and the shop and the middleware the id as well.
func (h hybrid) entries(came string, told []any) {
	h.Helper()
	keys := map[string]string{
		"SHOP shopify": fmt.Sprint(h.id), "IMPORT zapier": fmt.Sprint("gid://shopify/Order/", h.id), "API api": fmt.Sprint("#", h.id-1000),
	}
	gave := map[string]string{"SHOP shopify": "LINES", "IMPORT zapier": "COUNTRY", "API api": "COUPON_CODES"}
	firsts := 0
	for _, p := range told {
		who := fmt.Sprint(dig(p, "source"), " ", dig(p, "name"))
		if dig(p, "key") != keys[who] || fmt.Sprint(dig(p, "times")) != "1" || !strings.Contains(fmt.Sprint(dig(p, "fields")), gave[who]) {
			h.Errorf("%s: %s told %v", came, who, p)
		}
		delete(keys, who)
		if dig(p, "matchedBy") == "FIRST" {
			firsts++
		}
	}
	if len(told) != 3 || len(keys) != 0 || firsts != 1 || dig(told[0], "matchedBy") != "FIRST" {
		h.Errorf("%s: told by %v", came, told)
	}
}

func TestS34_Q47_OneOrderFromShopMiddlewareAndCaller(t *testing.T) {
	t.Parallel()
	s := open(t).stage(t)
	h := hybrid{stage: s, shop: s.shop(), caller: s.token("owner"), id: 7100}
	orders := []string{"SMA", "SAM", "MSA", "MAS", "ASM", "AMS"}
	for _, came := range orders {
		h.id++
		h.token = s.open(s.names["annSlug"]).token
		for _, who := range came {
			h.tellings()[who]()
			h.took()
		}
		h.check(came)
	}
	for range 6 {
		h.id++
		h.token = s.open(s.names["annSlug"]).token
		var all sync.WaitGroup
		for _, tell := range h.tellings() {
			all.Go(tell)
		}
		all.Wait()
		h.check("at once")
	}
	a := s.ask("owner", s.text(`{ conversions(first: 50) { totalCount } commissions(affiliateId: "$ann", first: 50) { totalCount } trialBalance(currency: "USD") { amount } }`), "null")
	if fault := contains(a.data, parse(`{"conversions":{"totalCount":12},"commissions":{"totalCount":12},"trialBalance":[{"amount":"0.00"}]}`), ""); fault != "" {
		t.Errorf("%s", fault)
	}
}
