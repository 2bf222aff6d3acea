package server

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// closeDoor closes a listening socket with nobody left waiting behind it.
//
// The kernel completes connections before anybody accepts them, and closing the
// socket resets those it holds: a client that has sent its request already sees
// it fail. So the queue is first made as short as it can be, which leaves new
// clients knocking rather than waiting inside, and the socket is closed in a
// moment at which the queue is empty.
func closeDoor(l net.Listener) error {
	if tcp, ok := l.(*net.TCPListener); ok {
		if raw, err := tcp.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { _ = unix.Listen(int(fd), 0) }) // not shortened, it is closed all the same
			for range doorTries {
				if queued(raw.Control) == 0 {
					break
				}
				time.Sleep(doorPause)
			}
		}
	}
	return l.Close()
}

const (
	doorTries = 200
	doorPause = time.Millisecond
)

// queued is how many connections wait to be accepted: the kernel tells it of a
// listening socket where it tells unacknowledged segments of any other.
func queued(control func(func(fd uintptr)) error) (n uint32) {
	err := control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.SOL_TCP, unix.TCP_INFO); err == nil {
			n = info.Unacked
		}
	})
	if err != nil {
		return 0
	}
	return n
}
