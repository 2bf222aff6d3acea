package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Stats of a load: latencies of the answers that were wanted.
type Stats struct {
	Latencies []time.Duration
	Wrong     int64 // answers with another status
	Took      time.Duration
	CPU       time.Duration // of the server's time, where it was measured
}

// Rate is answers per second.
func (s Stats) Rate() float64 { return float64(len(s.Latencies)) / max(s.Took.Seconds(), 1e-9) }

// Quantile of the latencies in milliseconds.
func (s *Stats) Quantile(q float64) float64 {
	if len(s.Latencies) == 0 {
		return 0
	}
	slices.Sort(s.Latencies)
	return float64(s.Latencies[int(q*float64(len(s.Latencies)-1))].Microseconds()) / 1000
}

func (s *Stats) merge(o Stats) {
	s.Latencies = append(s.Latencies, o.Latencies...)
	s.Wrong += o.Wrong
	s.Took += o.Took
}

// Load is a closed loop of connections that each send a request and wait for
// its answer. It writes HTTP by hand: a full client would cost more than the
// handler that is measured.
type Load struct {
	Addr   string
	Conns  int
	Want   int                                  // the status that counts
	Next   func(conn, n int, buf []byte) []byte // appends the n-th request of a connection
	Seen   func(conn int, body []byte)          // looks at a body; may be nil
	PerSec float64                              // paced when above zero: all connections together
}

// Run loads until d is over and every answer is in.
func (l Load) Run(ctx context.Context, d time.Duration) (Stats, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	parts, errs := make([]Stats, l.Conns), make([]error, l.Conns)
	began := time.Now()
	var wg sync.WaitGroup
	for i := range l.Conns {
		wg.Add(1)
		go func() { defer wg.Done(); parts[i], errs[i] = l.connection(ctx, i) }()
	}
	wg.Wait()
	var all Stats
	for _, p := range parts {
		all.merge(p)
	}
	all.Took = time.Since(began)
	return all, errors.Join(errs...)
}

func (l Load) connection(ctx context.Context, i int) (Stats, error) {
	conn, err := net.Dial("tcp", l.Addr)
	if err != nil {
		return Stats{}, err
	}
	defer conn.Close()
	in, buf := bufio.NewReaderSize(conn, 16<<10), make([]byte, 0, 4<<10)
	s := Stats{Latencies: make([]time.Duration, 0, 1<<14)}
	due := time.Now()
	for n := 0; ctx.Err() == nil; n++ {
		if !l.pace(ctx, &due) {
			break
		}
		buf = l.Next(i, n, buf[:0])
		sent := time.Now()
		if l.PerSec > 0 {
			sent = due // a late request is late from when it was due
		}
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		if _, err := conn.Write(buf); err != nil {
			return s, err
		}
		status, body, err := answer(in)
		if err != nil {
			return s, err
		}
		if status != l.Want {
			s.Wrong++
			if s.Wrong == 1 {
				err = fmt.Errorf("want %d, got %d: %.300s", l.Want, status, body)
				return s, err
			}
			continue
		}
		s.Latencies = append(s.Latencies, time.Since(sent))
		if l.Seen != nil {
			l.Seen(i, body)
		}
	}
	return s, nil
}

// pace waits for the connection's next turn; false when the time is over.
func (l Load) pace(ctx context.Context, due *time.Time) bool {
	if l.PerSec <= 0 {
		return true
	}
	*due = due.Add(time.Duration(float64(l.Conns) / l.PerSec * float64(time.Second)))
	wait := time.Until(*due)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// answer reads one HTTP/1.1 answer.
func answer(in *bufio.Reader) (status int, body []byte, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	if len(line) < 12 {
		return 0, nil, fmt.Errorf("not an answer: %q", line)
	}
	status, err = strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, nil, err
	}
	length, chunked := 0, false
	for {
		line, err = in.ReadSlice('\n')
		if err != nil {
			return 0, nil, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			length, err = strconv.Atoi(string(value))
			if err != nil {
				return 0, nil, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
	if chunked {
		body, err = chunks(in)
		return status, body, err
	}
	body = make([]byte, length)
	_, err = io.ReadFull(in, body)
	return status, body, err
}

func chunks(in *bufio.Reader) (body []byte, err error) {
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace([]byte(line))), 16, 32)
		if err != nil {
			return nil, err
		}
		part := make([]byte, n+2)
		if _, err := io.ReadFull(in, part); err != nil {
			return nil, err
		}
		if n == 0 {
			return body, nil
		}
		body = append(body, part[:n]...)
	}
}
