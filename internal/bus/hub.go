package bus

import (
	"encoding/binary"
	"log/slog"
	"sync"

	"github.com/nats-io/nats.go"
)

// listenerRoom is how many broadcasts a slow listener may be behind.
const listenerRoom = 256

// hub fans wake-ups and broadcasts out: to this process directly, so that they
// work whatever the stream does, and to other servers over a cluster.
type hub struct {
	mu     sync.Mutex
	wakes  map[string]map[chan struct{}]struct{}
	casts  map[string]map[*listener]struct{}
	remote *nats.Conn // nil without a cluster
	name   string
	log    *slog.Logger
}

func newHub() *hub {
	return &hub{wakes: map[string]map[chan struct{}]struct{}{}, casts: map[string]map[*listener]struct{}{}}
}

// Wake hints that there is something new under topic, here and on other servers.
// It never blocks, and many calls may be felt as one.
func (b *Bus) Wake(topic string) {
	b.hub.wake(topic)
	b.hub.send("wake", []byte(topic))
}

// OnWake gives a channel that holds at most one hint, and a function that ends
// it. A hint that comes while one is waiting is the same hint. After a broken
// cluster connection every topic is hinted, because hints may have been lost.
// The channel is never closed.
func (b *Bus) OnWake(topic string) (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	stop := subscribe(b.hub, b.hub.wakes, topic, ch)
	return ch, stop
}

// Publish sends a small value to the subscribers of topic, here and on other
// servers. It never blocks and promises nothing; data may be reused afterwards.
func (b *Bus) Publish(topic string, data []byte) {
	payload := binary.AppendUvarint(nil, uint64(len(topic)))
	payload = append(append(payload, topic...), data...)
	b.hub.cast(topic, payload[len(payload)-len(data):])
	b.hub.send("cast", payload)
}

// Subscribe calls fn with each value published under topic, one at a time and in
// order, on a goroutine of its own. fn(nil) says that values may have been lost
// (fn was too slow, or the cluster connection broke): reload what they stood for.
// fn must not change the value nor call stop. When stop returns, fn is not
// running and will not be called again; Close stops all.
func (b *Bus) Subscribe(topic string, fn func(data []byte)) (stop func()) {
	l := newListener(fn)
	remove := subscribe(b.hub, b.hub.casts, topic, l)
	return func() { remove(); l.stop() }
}

// subscribe adds a member to a topic and gives the function that removes it.
func subscribe[M comparable](h *hub, topics map[string]map[M]struct{}, topic string, member M) func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if topics[topic] == nil {
		topics[topic] = map[M]struct{}{}
	}
	topics[topic][member] = struct{}{}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(topics[topic], member)
		if len(topics[topic]) == 0 {
			delete(topics, topic)
		}
	}
}

func (h *hub) wake(topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.wakes[topic] {
		hint(ch)
	}
}

func (h *hub) cast(topic string, data []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.casts[topic] {
		l.offer(data)
	}
}

// suspect treats every topic as if something had been missed.
func (h *hub) suspect() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, members := range h.wakes {
		for ch := range members {
			hint(ch)
		}
	}
	for _, members := range h.casts {
		for l := range members {
			hint(l.lost)
		}
	}
}

// bridge joins the hubs of all servers on one cluster. The connection does not
// echo, so a server does not hear itself twice. Topics travel inside the payload:
// they may contain anything.
func (h *hub) bridge(conn *nats.Conn, name string, log *slog.Logger) error {
	h.remote, h.name, h.log = conn, name, log
	_, err := conn.Subscribe(name+".wake", func(m *nats.Msg) { h.wake(string(m.Data)) })
	if err != nil {
		return err
	}
	_, err = conn.Subscribe(name+".cast", func(m *nats.Msg) {
		n, w := binary.Uvarint(m.Data)
		if w <= 0 || n > uint64(len(m.Data)-w) {
			return
		}
		end := w + int(n)
		h.cast(string(m.Data[w:end]), m.Data[end:])
	})
	return err
}

func (h *hub) send(kind string, payload []byte) {
	if h.remote == nil {
		return
	}
	if err := h.remote.Publish(h.name+"."+kind, payload); err != nil {
		h.log.Debug("wake-up not sent", "kind", kind, "error", err)
	}
}

func (h *hub) close() {
	h.mu.Lock()
	var all []*listener
	for _, members := range h.casts {
		for l := range members {
			all = append(all, l)
		}
	}
	h.mu.Unlock()
	for _, l := range all {
		l.stop()
	}
}

func hint(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
