package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/tributary/tributary/internal/sim"
)

// marker finds the conversion's id in an event's frame, answered the one in the
// answer to its order.
var marker, answered = []byte(`"subjectId":"`), []byte(`"conversion":{"id":"`)

const (
	// idleLook is how long idle sockets are watched.
	idleLook = 5 * time.Second
	// socketsEach is how many sockets a token may hold on a server.
	socketsEach = 20

	watchOrders  = `subscription { events(types: ["conversion.recorded"]) { id type subjectId } }`
	watchNothing = `subscription { events(types: ["none"]) { id } }`
)

// live measures from sending an order, and from its answer, to its event at every
// subscriber, how many deliveries a second there are and what each costs the
// server, against a bare WebSocket broadcast of the same frames. Idle sockets
// watch beside them, for an event that never comes.
func live(ctx context.Context, r *run) error {
	world, srv, err := r.world(ctx, 2)
	if err != nil {
		return err
	}
	bare, err := r.start(nil, "bench-baseline", "broadcast")
	if err != nil {
		return err
	}
	l := &liveBench{run: r, world: world, srv: srv, bare: bare}
	defer l.close()
	if err := l.crowd(ctx); err != nil {
		return err
	}
	if err := l.alone(ctx); err != nil {
		return err
	}
	if err := l.open(ctx); err != nil {
		return err
	}
	if err := r.rounds(ctx, l.baseline, l.subject); err != nil {
		return err
	}
	l.sum()
	return nil
}

// liveBench is one run with its servers, sockets and what they cost.
type liveBench struct {
	*run
	world        *sim.World
	srv, bare    *child
	idle         []*listener
	ours, theirs audience
	serial       atomic.Int64
	order        time.Duration // of the server's time an order takes with nobody watching
	orderWrites  float64
}

func (l *liveBench) close() {
	l.ours.close()
	l.theirs.close()
	closeAll(l.idle)
}

// crowd opens the idle sockets.
func (l *liveBench) crowd(ctx context.Context) error {
	if l.Idle == 0 {
		return nil
	}
	before := l.srv.rss()
	tokens, err := l.watchers(ctx, l.Idle)
	if err != nil {
		return err
	}
	if l.idle, err = listeners(ctx, l.srv.addr, l.Idle, tokens, watchNothing); err != nil {
		return err
	}
	time.Sleep(2 * time.Second) // let the handshakes' garbage go
	spent := l.srv.cpu()
	time.Sleep(idleLook)
	spent = l.srv.cpu() - spent
	l.note("%d idle sockets: rss from %.0f to %.0f MiB, %.1f KiB each; %.1f %% of a processor while nothing happens",
		l.Idle, before, l.srv.rss(), (l.srv.rss()-before)*1024/float64(l.Idle), 100*spent.Seconds()/idleLook.Seconds())
	return nil
}

// alone finds what the orders cost by themselves.
func (l *liveBench) alone(ctx context.Context) error {
	nobody := &audience{}
	s, err := l.watched(ctx, nobody, l.Duration)
	if err != nil || nobody.told == 0 {
		return err
	}
	l.order, l.orderWrites = s.CPU/time.Duration(nobody.told), float64(nobody.writes)/float64(nobody.told)
	l.note("an order takes %.1f ms of the server's time", ms(l.order))
	return nil
}

// open opens the sockets of both sides.
func (l *liveBench) open(ctx context.Context) (err error) {
	tokens, err := l.watchers(ctx, l.Subscribers)
	if err != nil {
		return err
	}
	if l.ours.listeners, err = listeners(ctx, l.srv.addr, l.Subscribers, tokens, watchOrders); err != nil {
		return err
	}
	if l.theirs.listeners, err = listeners(ctx, l.bare.addr, l.Subscribers, nil, ""); err != nil {
		return err
	}
	for _, one := range append(l.ours.listeners, l.theirs.listeners...) {
		go one.listen()
	}
	time.Sleep(time.Second) // subscriptions are acknowledged by their first event only
	return nil
}

// watchers makes the subscribers' tokens: each may hold so many sockets.
func (l *liveBench) watchers(ctx context.Context, sockets int) (tokens []string, err error) {
	for range (sockets + socketsEach - 1) / socketsEach {
		var made struct{ APITokenCreate struct{ Secret string } }
		err := l.world.Client.Do(ctx, `mutation { apiTokenCreate(input: {name: "watcher", kind: SECRET, scopes: [EVENT_READ]}) { secret } }`, nil, &made)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, made.APITokenCreate.Secret)
	}
	return tokens, nil
}

func (l *liveBench) subject(ctx context.Context, d time.Duration) (Stats, error) {
	return l.watched(ctx, &l.ours, d)
}

func (l *liveBench) watched(ctx context.Context, a *audience, d time.Duration) (Stats, error) {
	return a.publish(ctx, l.srv, l.load(l.srv), d, func(buf []byte, _ func(string)) []byte {
		return liveOrder(buf, l.world, "live-"+strconv.FormatInt(l.serial.Add(1), 10))
	})
}

func (l *liveBench) baseline(ctx context.Context, d time.Duration) (Stats, error) {
	return l.theirs.publish(ctx, l.bare, l.load(l.bare), d, func(buf []byte, sends func(string)) []byte {
		n := l.serial.Add(1)
		key := fmt.Sprintf("cnv_%026d", n)
		sends(key)
		frame := fmt.Sprintf(`{"id":"1","type":"next","payload":{"data":{"events":{"id":"evt_%026d","type":"conversion.recorded","subjectId":%q}}}}`, n, key)
		return append(fmt.Appendf(buf, "POST /publish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n", len(frame)), frame...)
	})
}

func (l *liveBench) load(to *child) Load {
	return Load{Addr: to.addr, Conns: min(l.Conns, 8), Want: 200, PerSec: l.Rate}
}

func liveOrder(buf []byte, w *sim.World, key string) []byte {
	body, _ := json.Marshal(map[string]any{"query": recordOrder, "variables": map[string]any{"in": map[string]any{
		"programId": w.ProgramID, "externalId": key, "couponCodes": []string{w.Affiliates[0].Coupon},
		"lines": []any{map[string]any{"amount": map[string]any{"amount": "49.90", "currency": "USD"}}},
	}}})
	return append(fmt.Appendf(buf, "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", w.APIToken, len(body)), body...)
}

// sum notes what was found beside rates.
func (l *liveBench) sum() {
	l.result.RSS, l.result.Lost, l.result.Doubled = l.srv.rss(), l.ours.lost, l.ours.doubled
	l.note("%d subscribers, %.0f orders a second; latency is from sending the order to its event, the order itself included", l.Subscribers, l.Rate)
	l.note("from the order's answer: p50 %.2f ms, p99 %.2f ms; bare: p50 %.2f ms, p99 %.2f ms", l.ours.after.Quantile(0.50), l.ours.after.Quantile(0.99), l.theirs.after.Quantile(0.50), l.theirs.after.Quantile(0.99))
	fan := l.ours.cpu - l.order*time.Duration(l.ours.told)
	l.note("a delivery takes %.1f µs of the server's time and %.2f writes, bare %.1f µs and %.2f", micros(fan, l.ours.deliveries), l.ours.perDelivery(l.orderWrites), micros(l.theirs.cpu, l.theirs.deliveries), l.theirs.perDelivery(0))
	if n := l.ours.gone(); n > 0 {
		l.note("%d subscribers were cut off, and so told that they miss something", n)
	}
}

// perDelivery is how many writes a delivery takes, besides those of its message.
func (a *audience) perDelivery(message float64) float64 {
	return (float64(a.writes) - message*float64(a.told)) / float64(max(a.deliveries, 1))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func micros(d time.Duration, n int64) float64 {
	return float64(d.Microseconds()) / float64(max(n, 1))
}

var errGreeting = errors.New("no acknowledgement")
