package bench

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"
)

// audience is the sockets that watch, and what they saw.
type audience struct {
	listeners []*listener

	mu   sync.Mutex
	sent map[string]*message

	told       int64 // messages
	deliveries int64
	lost       int64 // not seen by a subscriber that is still there
	doubled    int64
	cpu        time.Duration // of the server, while messages were sent
	writes     int64         // of the server, likewise
	after      Stats         // from a message's answer to its delivery
}

// message is one thing to be told: when it was sent, and when its sender was answered.
type message struct{ sent, answered time.Time }

// publish sends messages in a closed loop and counts deliveries.
func (a *audience) publish(ctx context.Context, to *child, load Load, d time.Duration, request func([]byte, func(string)) []byte) (Stats, error) {
	a.begin()
	began, spent, writes := time.Now(), to.cpu(), to.writes()
	turn, last := make([]time.Time, load.Conns), make([]string, load.Conns)
	load.Next = func(conn, _ int, buf []byte) []byte {
		turn[conn] = time.Now()
		return request(buf, func(key string) { last[conn] = key; a.sends(key, turn[conn], turn[conn]) })
	}
	load.Seen = func(conn int, body []byte) {
		if key, ok := idAfter(body, answered); ok {
			last[conn] = key
		}
		a.sends(last[conn], turn[conn], time.Now())
	}
	if _, err := load.Run(ctx, d); err != nil {
		return Stats{}, err
	}
	a.settle()
	s := a.count()
	s.Took, s.CPU = time.Since(began), to.cpu()-spent
	a.cpu, a.writes = a.cpu+s.CPU, a.writes+to.writes()-writes
	return s, nil
}

func (a *audience) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent = map[string]*message{}
	for _, l := range a.listeners {
		l.take()
	}
}

func (a *audience) sends(key string, at, answered time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent[key] = &message{at, answered}
}

// settle waits until every subscriber has seen every message, five seconds at most.
func (a *audience) settle() {
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if !slices.ContainsFunc(a.listeners, func(l *listener) bool { return !l.has(len(a.sent)) }) {
			return
		}
	}
}

// count compares what each subscriber saw with what was sent.
func (a *audience) count() (s Stats) {
	a.told += int64(len(a.sent))
	for _, l := range a.listeners {
		seen := make(map[[keySize]byte]bool, len(a.sent))
		for _, one := range l.take() {
			m, ours := a.sent[string(one.key[:])]
			if !ours {
				continue // of the round before
			}
			if seen[one.key] {
				a.doubled++
				continue
			}
			seen[one.key] = true
			s.Latencies = append(s.Latencies, one.at.Sub(m.sent))
			a.after.Latencies = append(a.after.Latencies, max(0, one.at.Sub(m.answered)))
		}
		a.deliveries += int64(len(seen))
		if !l.ended() {
			a.lost += int64(len(a.sent) - len(seen))
		}
	}
	return s
}

// gone is how many subscribers were cut off.
func (a *audience) gone() (n int) {
	for _, l := range a.listeners {
		if l.ended() {
			n++
		}
	}
	return n
}

func (a *audience) close() { closeAll(a.listeners) }

// keySize is the length of an id.
const keySize = 30

func idAfter(text, mark []byte) (string, bool) {
	at := bytes.Index(text, mark)
	if at < 0 || len(text) < at+len(mark)+keySize {
		return "", false
	}
	return string(text[at+len(mark) : at+len(mark)+keySize]), true
}
