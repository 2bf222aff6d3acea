package server

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// connections knows which connections may still bring or hold a request.
//
// http.Server.Shutdown drops a request that it reads after it began, although
// its connection had been accepted: the client sees its request fail. So the
// socket is closed first, the connections that are not idle are served to their
// end, and only then is Shutdown called, with nothing left to drop.
type connections struct {
	mu   sync.Mutex
	busy map[net.Conn]http.ConnState // new and active ones
	left chan struct{}               // a token: one became idle or ended
}

// settle is how long an accepted connection may take to send its first request:
// browsers open some that they never use.
const settle = time.Second

func newConnections() *connections {
	return &connections{busy: map[net.Conn]http.ConnState{}, left: make(chan struct{}, 1)}
}

// note is the server's ConnState hook.
func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateNew || state == http.StateActive {
		c.busy[conn] = state
		return
	}
	delete(c.busy, conn)
	select {
	case c.left <- struct{}{}:
	default:
	}
}

// count gives the connections that have sent a request, and those that have not yet.
func (c *connections) count() (active, fresh int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, state := range c.busy {
		if state == http.StateActive {
			active++
		} else {
			fresh++
		}
	}
	return active, fresh
}

// await returns when every connection is idle or gone, or with ctx. The socket
// is closed by then, so that no new ones come.
func (c *connections) await(ctx context.Context) error {
	settled := time.NewTimer(settle)
	defer settled.Stop()
	late := false
	for {
		if active, fresh := c.count(); active == 0 && (fresh == 0 || late) {
			return nil
		}
		select {
		case <-c.left:
		case <-settled.C:
			late = true
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
