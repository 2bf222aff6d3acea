package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/tributary/tributary/internal/sim"
)

// subscribers is how many sockets watch.
const subscribers = 100

// marker finds the conversion's id in an event's frame, answered the one in the
// answer to its order.
var marker, answered = []byte(`"subjectId":"`), []byte(`"conversion":{"id":"`)

// live measures from sending an order to its event at every subscriber, and how
// many deliveries a second there are, against a bare WebSocket broadcast of the
// same frames.
func live(ctx context.Context, r *run) error {
	world, srv, err := r.world(ctx, 2)
	if err != nil {
		return err
	}
	bare, err := r.start(nil, "bench-baseline", "broadcast")
	if err != nil {
		return err
	}
	ours, theirs := &audience{}, &audience{}
	defer ours.close()
	defer theirs.close()
	tokens, err := watchers(ctx, world.Client)
	if err != nil {
		return err
	}
	if err := errors.Join(ours.open(ctx, srv.addr, tokens), theirs.open(ctx, bare.addr, nil)); err != nil {
		return err
	}
	var serial atomic.Int64
	subject := func(ctx context.Context, d time.Duration) (Stats, error) {
		return ours.publish(ctx, srv.addr, r.Conns, d, func(buf []byte, _ func(string)) []byte {
			return liveOrder(buf, world, "live-"+strconv.FormatInt(serial.Add(1), 10))
		})
	}
	baseline := func(ctx context.Context, d time.Duration) (Stats, error) {
		return theirs.publish(ctx, bare.addr, r.Conns, d, func(buf []byte, sends func(string)) []byte {
			key := fmt.Sprintf("cnv_%026d", serial.Add(1))
			sends(key)
			frame := fmt.Sprintf(`{"id":"1","type":"next","payload":{"data":{"events":{"id":"evt_%026d","type":"conversion.recorded","subjectId":%q}}}}`, serial.Load(), key)
			return append(fmt.Appendf(buf, "POST /publish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n", len(frame)), frame...)
		})
	}
	err = r.rounds(ctx, baseline, subject)
	r.result.RSS, r.result.Lost, r.result.Doubled = srv.rss(), ours.lost, ours.doubled
	r.note("%d subscribers; latency is from sending the order to its event, the order itself included", subscribers)
	return err
}

func liveOrder(buf []byte, w *sim.World, key string) []byte {
	body, _ := json.Marshal(map[string]any{"query": recordOrder, "variables": map[string]any{"in": map[string]any{
		"programId": w.ProgramID, "externalId": key, "couponCodes": []string{w.Affiliates[0].Coupon},
		"lines": []any{map[string]any{"amount": map[string]any{"amount": "49.90", "currency": "USD"}}},
	}}})
	return append(fmt.Appendf(buf, "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", w.APIToken, len(body)), body...)
}

// audience is the sockets that watch and what they saw.
type audience struct {
	mu            sync.Mutex
	conns         []*websocket.Conn
	sent          map[string]time.Time   // when the order of a conversion was sent
	seen          map[string][]time.Time // when its event came
	lost, doubled int64
}

// watchers makes the subscribers' tokens: each may hold so many sockets.
func watchers(ctx context.Context, owner *sim.Client) (tokens []string, err error) {
	for range (subscribers + socketsEach - 1) / socketsEach {
		var made struct{ APITokenCreate struct{ Secret string } }
		err := owner.Do(ctx, `mutation { apiTokenCreate(input: {name: "watcher", kind: SECRET, scopes: [EVENT_READ]}) { secret } }`, nil, &made)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, made.APITokenCreate.Secret)
	}
	return tokens, nil
}

// socketsEach is how many sockets a token may hold on a server.
const socketsEach = 20

func (a *audience) open(ctx context.Context, addr string, tokens []string) error {
	a.seen, a.sent = map[string][]time.Time{}, map[string]time.Time{}
	for i := range subscribers {
		conn, _, err := websocket.Dial(ctx, "ws://"+addr+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPClient: http.DefaultClient})
		if err != nil {
			return err
		}
		conn.SetReadLimit(1 << 20)
		a.conns = append(a.conns, conn)
		if tokens != nil {
			if err := greet(ctx, conn, tokens[i/socketsEach]); err != nil {
				return err
			}
		}
		go a.listen(ctx, conn)
	}
	time.Sleep(time.Second) // subscriptions are acknowledged by their first event only
	return nil
}

func greet(ctx context.Context, conn *websocket.Conn, token string) error {
	if err := conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"type":"connection_init","payload":{"Authorization":"Bearer %s"}}`, token)); err != nil {
		return err
	}
	if _, ack, err := conn.Read(ctx); err != nil || !bytes.Contains(ack, []byte("connection_ack")) {
		return fmt.Errorf("no acknowledgement: %s %w", ack, err)
	}
	return conn.Write(ctx, websocket.MessageText, []byte(`{"id":"1","type":"subscribe","payload":{"query":"subscription { events(types: [\"conversion.recorded\"]) { id type subjectId } }"}}`))
}

func (a *audience) listen(ctx context.Context, conn *websocket.Conn) {
	for {
		_, frame, err := conn.Read(ctx)
		if err != nil {
			return
		}
		if bytes.Contains(frame, []byte(`"type":"ping"`)) {
			_ = conn.Write(ctx, websocket.MessageText, []byte(`{"type":"pong"}`))
			continue
		}
		if key, ok := idAfter(frame, marker); ok {
			now := time.Now()
			a.mu.Lock()
			a.seen[key] = append(a.seen[key], now)
			a.mu.Unlock()
		}
	}
}

func idAfter(text, mark []byte) (string, bool) {
	at := bytes.Index(text, mark)
	if at < 0 || len(text) < at+len(mark)+30 {
		return "", false
	}
	return string(text[at+len(mark) : at+len(mark)+30]), true
}

// publish sends messages in a closed loop and counts deliveries.
func (a *audience) publish(ctx context.Context, addr string, conns int, d time.Duration, request func([]byte, func(string)) []byte) (Stats, error) {
	a.mu.Lock()
	a.seen, a.sent = map[string][]time.Time{}, map[string]time.Time{}
	a.mu.Unlock()
	conns = min(conns, 8)
	began, turn := time.Now(), make([]time.Time, conns)
	s, err := Load{Addr: addr, Conns: conns, Want: 200, PerSec: 200, Next: func(conn, _ int, buf []byte) []byte {
		turn[conn] = time.Now()
		return request(buf, func(key string) { a.sends(key, turn[conn]) })
	}, Seen: func(conn int, body []byte) {
		if key, ok := idAfter(body, answered); ok {
			a.sends(key, turn[conn])
		}
	}}.Run(ctx, d)
	if err != nil {
		return s, err
	}
	a.settle()
	return a.count(time.Since(began)), nil
}

func (a *audience) sends(key string, at time.Time) {
	a.mu.Lock()
	a.sent[key] = at
	a.mu.Unlock()
}

// settle waits until every subscriber has seen every message, five seconds at most.
func (a *audience) settle() {
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		a.mu.Lock()
		missing := 0
		for key := range a.sent {
			missing += max(0, subscribers-len(a.seen[key]))
		}
		a.mu.Unlock()
		if missing == 0 {
			return
		}
	}
}

func (a *audience) count(took time.Duration) Stats {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := Stats{Took: took}
	for key, at := range a.sent {
		for _, came := range a.seen[key] {
			s.Latencies = append(s.Latencies, came.Sub(at))
		}
		a.doubled += int64(max(0, len(a.seen[key])-subscribers))
		a.lost += int64(max(0, subscribers-len(a.seen[key])))
	}
	return s
}

func (a *audience) close() {
	for _, c := range a.conns {
		_ = c.CloseNow()
	}
}
