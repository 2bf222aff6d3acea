package transport

import (
	"net"
	"sync"
	"time"
)

// wire is the connection under a socket. No write on it takes longer than it may,
// control frames included, and operations that have more to say at once may hold
// what they say back, so that it goes out in one piece: a system call for each
// small frame is what telling many readers costs most.
type wire struct {
	net.Conn
	limit time.Duration

	mu   sync.Mutex
	held int       // operations that have more to say at once
	kept []byte    // what was said meanwhile
	late time.Time // until when a write may take
}

// Bounds of what a wire holds back, and of the room it keeps for the next time.
const (
	heldMost = 16 << 10
	keptRoom = 2 << 10
)

// Write sends, or holds back.
func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.held == 0 { // and so nothing is kept
		return w.send(b)
	}
	w.kept = append(w.kept, b...)
	if len(w.kept) < heldMost {
		return len(b), nil
	}
	return len(b), w.flush()
}

// hold keeps back what is written from now on, until release; not more than a
// socket buffer takes, and not for longer than the holder needs to say what it
// has at hand.
func (w *wire) hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held++
}

// release sends what was held back, when nobody else holds.
func (w *wire) release() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.held--; w.held > 0 {
		return nil
	}
	return w.flush()
}

// push sends what was held back so far.
func (w *wire) push() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.flush()
}

// flush sends what was kept. The caller holds the lock.
func (w *wire) flush() error {
	if len(w.kept) == 0 {
		return nil
	}
	_, err := w.send(w.kept)
	if w.kept = w.kept[:0]; cap(w.kept) > keptRoom {
		w.kept = nil
	}
	return err
}

// send gives up when the other side does not take what is sent. A deadline that
// is three quarters away is not set again: that costs as much as a small write.
func (w *wire) send(b []byte) (int, error) {
	if now := time.Now(); w.late.Sub(now) < w.limit*3/4 {
		w.late = now.Add(w.limit)
		if err := w.SetWriteDeadline(w.late); err != nil {
			return 0, err
		}
	}
	return w.Conn.Write(b)
}

// pile is whether an operation holds its wire.
type pile struct {
	wire *wire
	held bool
}

// more holds the wire when there is more to say at once.
func (p *pile) more(more bool) {
	if more && !p.held {
		p.wire.hold()
		p.held = true
	}
}

// done lets it go when there is not.
func (p *pile) done(more bool) error {
	if more || !p.held {
		return nil
	}
	return p.end()
}

// end lets it go in any case.
func (p *pile) end() error {
	if !p.held {
		return nil
	}
	p.held = false
	return p.wire.release()
}
