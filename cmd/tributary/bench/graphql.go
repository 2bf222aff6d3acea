package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"time"
)

// listed is a page that a console shows: fifty commissions with their affiliate
// and their order.
const listed = `{ commissions(first: 50) { edges { node { id status amount { amount currency } affiliate { id name } conversion { id externalID total { amount currency } } } } pageInfo { hasNextPage endCursor } } }`

// seeded is how many orders the page is taken from.
const seeded = 500

// queries measures a nested list against the same rows by one hand-written SQL
// statement behind a bare handler.
func queries(ctx context.Context, r *run) error {
	world, srv, err := r.world(ctx, 8)
	if err != nil {
		return err
	}
	r.say("recording %d orders to list", seeded)
	for n := range seeded {
		if _, err := world.Client.As(world.APIToken).Raw(ctx, recordOrder, map[string]any{"in": map[string]any{
			"programId": world.ProgramID, "externalId": "q-" + strconv.Itoa(n), "couponCodes": []string{world.Affiliates[n%len(world.Affiliates)].Coupon},
			"lines": []any{map[string]any{"amount": map[string]any{"amount": "49.90", "currency": "USD"}}},
		}}); err != nil {
			return err
		}
	}
	bare, err := r.start([]string{"BENCH_DATABASE=" + r.Database, "BENCH_MERCHANT=" + world.MerchantID}, "bench-baseline", "sql")
	if err != nil {
		return err
	}
	body, _ := json.Marshal(map[string]any{"query": listed})
	request := fmt.Appendf(nil, "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", world.APIToken, len(body), body)
	to := func(addr string) half {
		return func(ctx context.Context, d time.Duration) (Stats, error) {
			return Load{Addr: addr, Conns: r.Conns, Want: 200, Next: func(_, _ int, buf []byte) []byte { return append(buf, request...) }}.Run(ctx, d)
		}
	}
	if err := r.sameRows(ctx, srv.addr, bare.addr, request); err != nil {
		return err
	}
	err = r.rounds(ctx, to(bare.addr), to(srv.addr))
	r.result.RSS = srv.rss()
	return err
}

// sameRows fails unless subject and baseline answer with the same rows.
func (r *run) sameRows(ctx context.Context, ours, bare string, request []byte) error {
	var sizes []int
	for _, addr := range []string{ours, bare} {
		var got struct {
			Data struct {
				Commissions struct {
					Edges []struct{ Node struct{ ID string } }
				}
			}
			Errors json.RawMessage
		}
		_, err := Load{Addr: addr, Conns: 1, Want: 200, Next: func(_, _ int, buf []byte) []byte { return append(buf, request...) }, Seen: func(_ int, b []byte) {
			_ = json.Unmarshal(b, &got)
		}}.Run(ctx, 50*time.Millisecond)
		if err != nil {
			return err
		}
		sizes = append(sizes, len(got.Data.Commissions.Edges))
	}
	if sizes[0] != 50 || sizes[1] != 50 {
		return fmt.Errorf("want 50 rows from both, got %v", sizes)
	}
	return nil
}
