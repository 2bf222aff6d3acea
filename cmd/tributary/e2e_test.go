package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/sim"
	"github.com/tributary/tributary/server"
)

// The first sale, walked by a stranger: GraphQL and HTTP only, on the real
// binary, the same on both databases.
//
// The order: shoes 119.90 × 1 and socks 14.99 × 2 = 29.98, together 149.88.
// Ten percent, rounded per line: 11.99 and 2.998 → 3.00, together 14.99.
// One pair of socks comes back: 14.99 of 29.98, so 3.00 × 14.99 / 29.98 = 1.50
// is taken back and 13.49 stays.
func TestE2E_FirstSale(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv := startServer(t, dir, databaseURL(t))
	ctx := t.Context()
	w, err := sim.Build(ctx, srv.base, sim.Plan{
		Merchant: "Acme", Email: "owner@acme.example", Password: "correct horse battery", Currency: "USD",
		Percent: "10", HoldDays: 30, Affiliates: []string{"Ada Partner", "Bob Partner"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ada, bob := w.Affiliates[0], w.Affiliates[1]
	merchant := watch(t, w.Client)
	hers, his := watch(t, w.Client.As(ada.Token)), watch(t, w.Client.As(bob.Token))

	order := buy(t, w, ada)
	accrued := merchant.await(t, "commission.accrued")
	if accrued.Facts["amount"] != "1499" {
		t.Fatalf("the merchant saw %v", accrued)
	}
	if got := hers.await(t, "commission.accrued"); got.ID != accrued.ID {
		t.Fatalf("the affiliate saw %v, the merchant %v", got, accrued)
	}
	cid := commission(t, w, "PENDING", "14.99", "0.00")
	balance(t, w, ada, "14.99", "0.00", "0.00", "0.00")

	mutate(t, w.Client, "commissionApprove", sim.Vars{"ids": []string{cid}, "idempotencyKey": "approve-1"})
	balance(t, w, ada, "0.00", "14.99", "0.00", "0.00")

	line := order.Lines[1]
	if err := w.Shop.Send(ctx, sim.TopicRefund, "d-refund", order.RefundBody(77, line, 1, json.Number("14.99"), time.Now())); err != nil {
		t.Fatal(err)
	}
	if err := w.Settled(ctx); err != nil {
		t.Fatal(err)
	}
	commission(t, w, "APPROVED", "14.99", "1.50")
	balance(t, w, ada, "0.00", "13.49", "0.00", "0.00")

	proveAddress(t, w, dir)
	payOut(t, w, ada)
	statement(t, w, ada)
	for _, subject := range []string{"Acme has approved your application", "Your first commission with Acme", "Acme has paid you 13.49 USD"} {
		letter(t, dir, ada.Email, "Subject: "+subject)
	}
	if his.saw("commission.accrued") {
		t.Error("another affiliate saw the sale")
	}
	srv.verify(t)
}

// buy opens the affiliate's link and orders with the token it was given: the
// unpaid order first, the paid one twice.
func buy(t *testing.T, w *sim.World, a sim.Affiliate) sim.Order {
	t.Helper()
	_, token, err := w.Client.As("").Click(t.Context(), a.LinkPath, browser, "")
	if err != nil || len(token) != 48 {
		t.Fatalf("click: token %q, %v", token, err)
	}
	o := sim.Order{
		ID: 5001, Currency: "USD", ClickToken: token, Email: "buyer@example.com", At: time.Now(),
		Lines: []sim.Item{{ID: 1, Title: "Shoes", Price: "119.90", Quantity: 1}, {ID: 2, Title: "Socks", Price: "14.99", Quantity: 2}},
	}
	send := func(topic, delivery string) {
		if err := w.Shop.Send(t.Context(), topic, delivery, o.Body()); err != nil {
			t.Fatal(err)
		}
	}
	send(sim.TopicCreate, "d-1")
	o.Paid, o.At = true, o.At.Add(time.Second)
	send(sim.TopicPaid, "d-2")
	send(sim.TopicPaid, "d-3")
	if err := w.Settled(t.Context()); err != nil {
		t.Fatal(err)
	}
	return o
}

const browser = "Mozilla/5.0 (X11; Linux x64; rv:143.0) Gecko/20100101 Firefox/143.0"

func mutate(t *testing.T, c *sim.Client, field string, input sim.Vars) map[string]json.RawMessage {
	t.Helper()
	name := strings.ToUpper(field[:1]) + field[1:] + "Input!"
	selections := map[string]string{
		"payoutBatchCreate": "batch { id total { amount } payouts(first: 10) { edges { node { id amount { amount } } } } }",
	}
	var out map[string]map[string]json.RawMessage
	err := c.Do(t.Context(), `mutation($in: `+name+`) { r: `+field+`(input: $in) { `+selections[field]+` userErrors { field message code } } }`, sim.Vars{"in": input}, &out)
	if err != nil {
		t.Fatalf("%s: %v", field, err)
	}
	return out["r"]
}

// commission checks the one commission there is and gives its id.
func commission(t *testing.T, w *sim.World, status, amount, reversed string) string {
	t.Helper()
	var out struct {
		Commissions struct {
			Edges []struct {
				Node struct {
					ID, Status       string
					Amount, Reversed struct{ Amount string }
					Explanation      struct{ Amount struct{ Amount string } }
				}
			}
		}
	}
	err := w.Client.Do(t.Context(), `{ commissions(first: 10) { edges { node { id status amount { amount } reversed { amount } explanation { amount { amount } steps { text } } } } } }`, nil, &out)
	if err != nil || len(out.Commissions.Edges) != 1 {
		t.Fatalf("want one commission: %+v, %v", out, err)
	}
	c := out.Commissions.Edges[0].Node
	if c.Status != status || c.Amount.Amount != amount || c.Reversed.Amount != reversed || c.Explanation.Amount.Amount != amount {
		t.Fatalf("commission is %+v, want %s of %s less %s", c, status, amount, reversed)
	}
	return c.ID
}

func balance(t *testing.T, w *sim.World, a sim.Affiliate, pending, payable, reserved, paid string) {
	t.Helper()
	var out struct {
		Balances     []struct{ Pending, Payable, Reserved, Paid struct{ Amount string } }
		TrialBalance []struct{ Amount string }
	}
	if err := w.Client.Do(t.Context(), `query($a: ID) { balances(affiliateId: $a) { pending { amount } payable { amount } reserved { amount } paid { amount } } trialBalance { amount } }`, sim.Vars{"a": a.ID}, &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Balances) != 1 {
		t.Fatalf("balances: %+v", out)
	}
	b := out.Balances[0]
	if got := [4]string{b.Pending.Amount, b.Payable.Amount, b.Reserved.Amount, b.Paid.Amount}; got != [4]string{pending, payable, reserved, paid} {
		t.Fatalf("balance is %v, want %s %s %s %s", got, pending, payable, reserved, paid)
	}
	for _, sum := range out.TrialBalance {
		if sum.Amount != "0.00" {
			t.Fatalf("the book does not balance: %v", out.TrialBalance)
		}
	}
}

var mailedCode = regexp.MustCompile(`(?m)^    ([a-z2-7]{32})\r?$`)

// letter waits for the mail to an address that says something.
func letter(t *testing.T, dir, to, saying string) string {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) { // the server writes a file
		all, _ := filepath.Glob(filepath.Join(dir, server.MailFolder, "*.eml"))
		for _, path := range all {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(text, []byte("To: <"+to+">")) && bytes.Contains(text, []byte(saying)) {
				return string(text)
			}
		}
	}
	t.Fatalf("no letter to %s that says %q", to, saying)
	return ""
}

// proveAddress reads the owner's mail: until then no payout is released.
func proveAddress(t *testing.T, w *sim.World, dir string) {
	t.Helper()
	code := mailedCode.FindStringSubmatch(letter(t, dir, w.Email, "Subject: Confirm your e-mail address"))
	if code == nil {
		t.Fatal("no code in the letter")
	}
	mutate(t, w.Client.As(""), "emailVerify", sim.Vars{"code": code[1]})
}

func payOut(t *testing.T, w *sim.World, a sim.Affiliate) {
	t.Helper()
	made := mutate(t, w.Client, "payoutBatchCreate", sim.Vars{"batchKey": "2026-03", "currency": "USD"})
	var batch struct {
		ID      string
		Total   struct{ Amount string }
		Payouts struct {
			Edges []struct{ Node struct{ ID string } }
		}
	}
	if err := json.Unmarshal(made["batch"], &batch); err != nil || batch.Total.Amount != "13.49" || len(batch.Payouts.Edges) != 1 {
		t.Fatalf("batch: %s", made["batch"])
	}
	balance(t, w, a, "0.00", "0.00", "13.49", "0.00")
	mutate(t, w.Client, "payoutBatchApprove", sim.Vars{"id": batch.ID})
	mutate(t, w.Client, "payoutSettle", sim.Vars{"id": batch.Payouts.Edges[0].Node.ID, "reference": "wire 42"})
	balance(t, w, a, "0.00", "0.00", "0.00", "13.49")
}

func statement(t *testing.T, w *sim.World, a sim.Affiliate) {
	t.Helper()
	var out struct {
		Statement struct {
			Opening, Closing, Paid struct{ Amount string }
			Rows                   []struct{ Kind string }
		}
	}
	err := w.Client.As(a.Token).Do(t.Context(), `query($f: Time!, $t: Time!) { statement(currency: "USD", from: $f, to: $t) { opening { amount } closing { amount } paid { amount } rows { kind memo pending { amount } payable { amount } reserved { amount } } } }`,
		sim.Vars{"f": time.Now().Add(-time.Hour), "t": time.Now().Add(time.Hour)}, &out)
	if err != nil {
		t.Fatal(err)
	}
	s := out.Statement
	if s.Opening.Amount != "0.00" || s.Closing.Amount != "0.00" || s.Paid.Amount != "13.49" {
		t.Fatalf("statement: %+v", s)
	}
	var kinds []string
	for _, r := range s.Rows {
		kinds = append(kinds, r.Kind)
	}
	if got := strings.Join(kinds, " "); got != "ACCRUAL APPROVAL REVERSAL RESERVATION PAYOUT" {
		t.Fatalf("statement rows: %s", got)
	}
}

// event is what a feed delivers.
type event struct {
	ID, Type string
	Facts    map[string]string
}

// feed is an events subscription over SSE.
type feed struct {
	events chan event
	seen   []event
}

func watch(t *testing.T, c *sim.Client) *feed {
	t.Helper()
	var now struct{ EventFeed struct{ Cursor string } }
	if err := c.Do(t.Context(), `{ eventFeed(first: 100) { cursor } }`, nil, &now); err != nil {
		t.Fatal(err)
	}
	body, _ := json.Marshal(map[string]any{"query": `subscription($a: String) { events(after: $a) { id type facts } }`, "variables": map[string]any{"a": now.EventFeed.Cursor}})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.Base+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Authorization", "Bearer "+c.Token)
	res, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("subscribe: %v %v", res, err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	f := &feed{events: make(chan event, 100)}
	go f.read(bufio.NewScanner(res.Body))
	return f
}

func (f *feed) read(lines *bufio.Scanner) {
	defer close(f.events)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var next struct{ Data struct{ Events event } }
		if json.Unmarshal([]byte(data), &next) == nil && next.Data.Events.ID != "" {
			f.events <- next.Data.Events
		}
	}
}

// await gives the next event of a type; it must come within a second of the
// commit, and the test waits longer only to say what came instead.
func (f *feed) await(t *testing.T, kind string) event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		select {
		case e, open := <-f.events:
			if !open {
				t.Fatalf("the feed ended before %s; seen %v", kind, f.seen)
			}
			f.seen = append(f.seen, e)
			if e.Type == kind {
				return e
			}
		case <-ctx.Done():
			t.Fatalf("no %s; seen %v", kind, f.seen)
		}
	}
}

// saw reports whether an event of a type has come so far.
func (f *feed) saw(kind string) bool {
	for {
		select {
		case e, open := <-f.events:
			if !open {
				return false
			}
			if e.Type == kind {
				return true
			}
		default:
			return false
		}
	}
}
