package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// Market keeps clicking and buying in a world, always in the same way for one seed.
type Market struct {
	World *World
	Seed  uint64
	Pause time.Duration // between visitors; 300 ms when zero
	Say   func(format string, a ...any)
	Clock func() time.Time
}

// agents are browsers that visitors use, and one robot.
var agents = []string{
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:143.0) Gecko/20100101 Firefox/143.0",
	"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
	"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
}

// goods are what visitors buy: title and price in cents.
var goods = []struct {
	title string
	cents int
}{{"Trail shoes", 11990}, {"Rain jacket", 8995}, {"Water bottle", 1950}, {"Head lamp", 4275}, {"Wool socks", 1499}}

// sale is an order that may be refunded later.
type sale struct {
	order Order
	name  string
}

// Run keeps the market going until ctx ends. A visitor that fails is said and
// forgotten: a market does not stop for one.
func (m *Market) Run(ctx context.Context) error {
	random := rand.New(rand.NewPCG(m.Seed, m.Seed)) // #nosec G404 -- a market that can be played again
	orders := m.Clock().UnixMilli() * 10
	var sold []sale
	for ctx.Err() == nil {
		orders++
		made, err := m.visit(ctx, random, orders)
		if err != nil && ctx.Err() == nil {
			m.Say("visitor failed: %v", err)
		}
		if made != nil {
			sold = append(sold, *made)
		}
		if len(sold) > 4 && random.IntN(12) == 0 {
			if err := m.giveBack(ctx, sold[0], orders); err != nil && ctx.Err() == nil {
				m.Say("refund failed: %v", err)
			}
			sold = sold[1:]
		}
		if err := m.rest(ctx, random); err != nil {
			return nil
		}
	}
	return nil
}

func (m *Market) rest(ctx context.Context, random *rand.Rand) error {
	pause := m.Pause
	if pause == 0 {
		pause = 300 * time.Millisecond
	}
	t := time.NewTimer(pause/2 + time.Duration(random.Int64N(int64(pause))))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// visit is one visitor: opens a link, and sometimes buys.
func (m *Market) visit(ctx context.Context, random *rand.Rand, orderID int64) (*sale, error) {
	a := m.World.Affiliates[random.IntN(len(m.World.Affiliates))]
	agent := agents[random.IntN(len(agents))]
	_, token, err := m.World.Client.As("").Click(ctx, a.LinkPath, agent, fmt.Sprintf("198.51.%d.%d", random.IntN(100), random.IntN(250)))
	if err != nil || random.IntN(3) > 0 || agent == agents[len(agents)-1] {
		return nil, err
	}
	o := m.basket(random, orderID)
	o.ClickToken = token
	if random.IntN(4) == 0 {
		o.Coupon, o.ClickToken = a.Coupon, ""
	}
	if err := m.World.Shop.Send(ctx, TopicCreate, fmt.Sprintf("d-%d-c", orderID), o.Body()); err != nil {
		return nil, err
	}
	o.Paid, o.At = true, o.At.Add(time.Second)
	if err := m.World.Shop.Send(ctx, TopicPaid, fmt.Sprintf("d-%d-p", orderID), o.Body()); err != nil {
		return nil, err
	}
	m.Say("%s earned credit for order %d", a.Name, orderID)
	return &sale{o, a.Name}, nil
}

func (m *Market) basket(random *rand.Rand, orderID int64) Order {
	o := Order{ID: orderID, Currency: "USD", Email: fmt.Sprintf("buyer%d@example.com", random.IntN(500)), At: m.Clock().Add(-time.Second)}
	for i := range 1 + random.IntN(3) {
		g := goods[random.IntN(len(goods))]
		o.Lines = append(o.Lines, Item{ID: orderID*10 + int64(i), Title: g.title, Price: cents(g.cents), Quantity: 1 + random.IntN(2)})
	}
	return o
}

// giveBack refunds one piece of the order's first line.
func (m *Market) giveBack(ctx context.Context, s sale, refundID int64) error {
	line := s.order.Lines[0]
	body := s.order.RefundBody(refundID, line, 1, json.Number(line.Price), m.Clock())
	if err := m.World.Shop.Send(ctx, TopicRefund, fmt.Sprintf("d-%d-r", refundID), body); err != nil {
		return err
	}
	m.Say("order %d: one %s came back; the commission of %s shrinks", s.order.ID, line.Title, s.name)
	return nil
}

func cents(n int) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }
