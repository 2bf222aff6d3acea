package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/tributary/tributary/internal/sim"
)

const recordOrder = `mutation($in: ConversionRecordInput!) { conversionRecord(input: $in) { conversion { id } created userErrors { message code } } }`

// orders measures whole orders – attribution, commission, ledger, events –
// against TPC-B's five statements on the same kind of database.
func orders(ctx context.Context, r *run) error {
	world, srv, err := r.world(ctx, 8+r.Levels)
	if err != nil {
		return err
	}
	world.Affiliates = world.Affiliates[r.Levels:] // those who sell: all levels are above them
	bank, err := openBank(ctx, r)
	if err != nil {
		return err
	}
	tokens, err := clickTokens(ctx, world)
	if err != nil {
		return err
	}
	var serial, accepted, refused atomic.Int64
	subject := func(ctx context.Context, d time.Duration) (Stats, error) {
		return Load{Addr: srv.addr, Conns: r.Conns, Want: 200, Next: func(conn, _ int, buf []byte) []byte {
			return orderRequest(buf, world, tokens[conn%len(tokens)], serial.Add(1))
		}, Seen: func(_ int, body []byte) {
			if bytes.Contains(body, []byte(`"created":true`)) {
				accepted.Add(1)
			} else if refused.Add(1) == 1 {
				r.say("refused: %.300s", body)
			}
		}}.Run(ctx, d)
	}
	if err := r.rounds(ctx, bank.run, subject); err != nil {
		return err
	}
	r.result.RSS = srv.rss()
	if n := refused.Load(); n > 0 {
		return fmt.Errorf("%d orders were refused", n)
	}
	return r.ordersKept(ctx, world, accepted.Load())
}

// clickTokens opens every affiliate's link as eight visitors.
func clickTokens(ctx context.Context, w *sim.World) (tokens []string, err error) {
	for n := range 8 {
		for _, a := range w.Affiliates {
			_, token, err := w.Client.As("").Click(ctx, a.LinkPath, fmt.Sprintf("Mozilla/5.0 (X11; Linux x86_64; rv:14%d.0) Gecko/20100101 Firefox/14%d.0", n, n), fmt.Sprintf("198.51.100.%d", n))
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, token)
		}
	}
	return tokens, nil
}

func orderRequest(buf []byte, w *sim.World, token string, n int64) []byte {
	body, _ := json.Marshal(map[string]any{"query": recordOrder, "variables": map[string]any{"in": map[string]any{
		"programId": w.ProgramID, "externalId": "b-" + strconv.FormatInt(n, 10), "clickToken": token,
		"customer": map[string]any{"email": "buyer" + strconv.FormatInt(n%100_000, 10) + "@example.com"},
		"lines": []any{map[string]any{"externalId": "1", "amount": map[string]any{"amount": "49.90", "currency": "USD"}, "quantity": 1},
			map[string]any{"externalId": "2", "amount": map[string]any{"amount": "10.10", "currency": "USD"}, "quantity": 2}},
	}}})
	return append(fmt.Appendf(buf, "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", w.APIToken, len(body)), body...)
}

// ordersKept compares: orders accepted = conversions, commissions are one for each
// and one more for each level, and the book balances.
func (r *run) ordersKept(ctx context.Context, w *sim.World, accepted int64) error {
	var out struct {
		Conversions, Commissions struct{ TotalCount int64 }
		TrialBalance             []struct{ Amount string }
	}
	if err := w.Client.Do(ctx, `{ conversions(first: 0) { totalCount } commissions(first: 0) { totalCount } trialBalance { amount } }`, nil, &out); err != nil {
		return err
	}
	earned := accepted * int64(1+r.Levels)
	r.note("accepted %d = conversions %d; commissions %d of %d; trial balance %v", accepted, out.Conversions.TotalCount, out.Commissions.TotalCount, earned, out.TrialBalance)
	r.result.Lost = max(0, accepted-out.Conversions.TotalCount) + max(0, earned-out.Commissions.TotalCount)
	r.result.Doubled = max(0, out.Conversions.TotalCount-accepted) + max(0, out.Commissions.TotalCount-earned)
	for _, sum := range out.TrialBalance {
		if sum.Amount != "0.00" {
			return fmt.Errorf("the book does not balance: %v", out.TrialBalance)
		}
	}
	return nil
}
