package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// A client that sends its body a byte at a time is answered and let go once its time
// is over, wherever it sends it: net/http would wait for the rest for ever.
func TestR1_ASlowBodyDoesNotHoldItsConnection(t *testing.T) {
	t.Parallel()
	r := serve(t)
	for path, status := range map[string]int{
		"/graphql": http.StatusGatewayTimeout, "/hooks/int_none": 0, "/session": 0, "/oauth/token": 0, "/nope": 0, "/r/none": 0, "/healthz": 0,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", r.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{", path, conn.RemoteAddr())
			go func() { // until the connection is closed
				for tick := time.NewTicker(time.Second); ; <-tick.C {
					if _, err := conn.Write([]byte(" ")); err != nil {
						tick.Stop()
						return
					}
				}
			}()
			_ = conn.SetReadDeadline(time.Now().Add(bodyTime + 10*time.Second))
			in := bufio.NewReader(conn)
			answer, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatalf("no answer: %v", err)
			}
			defer answer.Body.Close()
			if status != 0 && answer.StatusCode != status {
				t.Errorf("status %d", answer.StatusCode)
			}
			_, _ = io.Copy(io.Discard, answer.Body) // its end may be that of the connection
			if _, err := in.ReadByte(); isTimeout(err) || err == nil {
				t.Errorf("the connection is still open: %v", err)
			}
		})
	}
}

func isTimeout(err error) bool {
	timed, ok := err.(net.Error)
	return ok && timed.Timeout()
}
