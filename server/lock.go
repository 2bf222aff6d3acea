//go:build linux || darwin || freebsd

package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Lock makes the data folder and takes it for this process until unlock, or
// until the process ends: a lock of the kernel leaves nothing stale behind a
// crash. Two servers on one folder would both append to the stream and both
// believe that they hold the database's one writer.
func (p Place) Lock() (unlock func() error, err error) {
	p = p.WithDefaults()
	if err := os.MkdirAll(p.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	path := filepath.Join(p.DataDir, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = fmt.Errorf("another tributary is using %s%s", p.DataDir, holder(f))
		}
		return nil, errors.Join(err, f.Close())
	}
	// The process id is for people who read the refusal; a failure to note it harms nothing.
	_ = f.Truncate(0)
	_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return f.Close, nil
}

// holder says which process has the lock, as far as the file tells.
func holder(f *os.File) string {
	var text [20]byte
	n, _ := f.ReadAt(text[:], 0)
	pid := 0
	if _, err := fmt.Sscanf(string(text[:n]), "%d\n", &pid); err != nil {
		return ""
	}
	return fmt.Sprintf(" (process %d)", pid)
}
