//go:build !linux

package server

import "net"

// closeDoor closes a listening socket. Connections that the kernel completed and
// nobody accepted are reset; only Linux tells how many there are.
func closeDoor(l net.Listener) error { return l.Close() }
