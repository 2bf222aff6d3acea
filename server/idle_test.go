package server

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/auth"
)

// R1: ten thousand idle sockets with a token and a subscription each fit into 600
// MiB, and cost two goroutines each: the socket's own and the subscription's.
// Every change is checked at a fiftieth, by what is allocated; TRIBUTARY_LONG takes
// as many as the process may have files for, up to all of them, and looks at the
// resident memory of the whole process, clients included.
// With a goroutine more for each subscription, or the handler's own left waiting
// for each socket, it fails.
func TestR1_IdleSocketsAreCheap(t *testing.T) {
	const all, mebibytes, each = 10_000, 600, 44 << 10
	n := all / 50
	long := os.Getenv("TRIBUTARY_LONG") != ""
	if long {
		var limit unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
		n = min(all, (int(limit.Cur)-500)/2)
	}
	n -= n % 20
	r := serve(t)
	secrets := manyTokens(t, r, n)
	hangUp(t, r, crowd(t, r, secrets[:3])) // what is made once is there from now on
	goroutines, before := runtime.NumGoroutine(), allocated()
	clients := crowd(t, r, secrets)
	settled := func() bool { // what only opened a socket or asked for its subscription has gone
		grown := runtime.NumGoroutine() - goroutines
		return grown >= 2*n && grown <= 2*n+20 // and a few of the server's own
	}
	few, held := settled(), (allocated()-before)/int64(n)
	for end := time.Now().Add(patience); (!few || held > each) && time.Now().Before(end); few, held = settled(), (allocated()-before)/int64(n) {
		time.Sleep(10 * time.Millisecond) // the server's own work holds memory for a moment, too
	}
	grown, resident := runtime.NumGoroutine()-goroutines, resident(t)
	t.Logf("%d idle sockets: %d bytes and %.2f goroutines each; %d MiB resident in all", n, held, float64(grown)/float64(n), resident>>20)
	if held > each && !storetest.Instrumented() {
		t.Errorf("each holds %d bytes, at most %d", held, each)
	}
	if long && resident > mebibytes<<20 {
		t.Errorf("%d MiB resident, at most %d", resident>>20, mebibytes)
	}
	if !few {
		t.Errorf("%d goroutines more", grown)
	}
	hangUp(t, r, clients)
}

// crowd opens twenty sockets for each token.
func crowd(t *testing.T, r *running, secrets []string) (clients []net.Conn) {
	t.Helper()
	for _, secret := range secrets {
		for range 20 {
			clients = append(clients, idle(t, r, secret))
		}
	}
	eventually(t, patience, "all of them", func() bool { return r.traffic.streams.Load() == int64(len(clients)) })
	return clients
}

func hangUp(t *testing.T, r *running, clients []net.Conn) {
	t.Helper()
	for _, c := range clients {
		_ = c.Close()
	}
	eventually(t, patience, "their end", func() bool { return r.traffic.streams.Load() == 0 })
}

// manyTokens makes a token for every twenty sockets.
func manyTokens(t *testing.T, r *running, sockets int) (secrets []string) {
	t.Helper()
	who, err := r.rooms.auth.SignUp(t.Context(), auth.SignUpInput{Email: "owner@idle.example", Password: "correct horse battery", Name: "Owner", MerchantName: "Idle", Currency: "USD"})
	if err != nil {
		t.Fatal(err)
	}
	owner := trust.With(t.Context(), trust.Viewer{MerchantID: who.MerchantID, PrincipalID: who.UserID, Kind: trust.KindUser, Role: trust.Owner})
	for range sockets / 20 {
		made, err := r.rooms.auth.TokenCreate(owner, auth.TokenCreateInput{Name: "feed", Scopes: []trust.Scope{trust.EventRead}})
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, made.Secret)
	}
	return secrets
}

// idle opens a socket with a subscription.
func idle(t *testing.T, r *running, token string) net.Conn {
	t.Helper()
	return openSocket(t, r, token, watch)
}

// openSocket opens a socket by hand: a client without goroutines.
func openSocket(t *testing.T, r *running, token, subscribe string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", r.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	fmt.Fprint(conn, "GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n")
	for _, text := range []string{`{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`, subscribe} {
		frame := append([]byte{0x81, 0x80 | 126, byte(len(text) >> 8), byte(len(text)), 0, 0, 0, 0}, text...) // masked with zeroes
		if _, err := conn.Write(frame); err != nil {
			t.Fatal(err)
		}
	}
	said := make([]byte, 1024)
	for n := 0; !bytes.Contains(said[:n], []byte("connection_ack")); {
		more, err := conn.Read(said[n:])
		if n += more; err != nil {
			t.Fatalf("%v after %q", err, said[:n])
		}
	}
	return conn
}

// allocated is what live objects and stacks take, after what is free was found.
func allocated() int64 {
	for range 4 { // each makes stacks that are too large half as large
		debug.FreeOSMemory()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// resident is how much memory the process has.
func resident(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("this system does not tell a process's memory")
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
