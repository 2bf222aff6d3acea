package server

import (
	"bufio"
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"runtime/debug"
	heap "runtime/metrics"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A server has started when the first turn of every loop is over; it is idle when it
// allocates less than this in a while.
const (
	tidyAfter = 2 * time.Second
	tidyEvery = 30 * time.Second
	idleBytes = 16 << 20
)

// tidy gives the system back the memory that starting took, which is what the heap has
// grown to and the pages of the program file that were read on the way, and later the same
// whenever there is little to do. Pages that are needed come back by themselves, out of
// the file's cache. An idle server shares its machine with others.
func (p *Program) tidy(ctx context.Context) error {
	next, before := time.NewTimer(tidyAfter), uint64(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-next.C:
		}
		now := everAllocated()
		if now-before < idleBytes || before == 0 {
			debug.FreeOSMemory()
			if err := forgetPages(); err != nil {
				p.cfg.Log.Debug("the program's pages stay", "error", err)
			}
		}
		before = now
		next.Reset(tidyEvery)
	}
}

// everAllocated is how many bytes this process has ever asked of the heap.
func everAllocated() uint64 {
	sample := []heap.Sample{{Name: "/gc/heap/allocs:bytes"}}
	heap.Read(sample)
	return sample[0].Value.Uint64()
}

// forgetPages drops the program file's pages that are mapped and cannot be written.
// A program that is relocated when it starts has written to some: it keeps them all.
func forgetPages() error {
	path, err := os.Executable()
	if err != nil {
		return err
	}
	if movable(path) {
		return nil
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return err
	}
	defer maps.Close() //nolint:errcheck // only read
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		line := lines.Text()
		var from, to uintptr
		var may string
		if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &may); err != nil || strings.Contains(may, "w") || !strings.HasSuffix(line, " "+path) {
			continue
		}
		if err := forget(from, to-from, strings.Contains(may, "x")); err != nil {
			return err
		}
	}
	return lines.Err()
}

// forget drops the pages of one mapping. What is not code comes back page by page: the
// tables the collector looks into are wanted here and there, never two mebibytes at once.
func forget(from, size uintptr, code bool) error {
	advices := []uintptr{unix.MADV_NOHUGEPAGE, unix.MADV_DONTNEED}
	if code {
		advices = advices[1:]
	}
	for _, advice := range advices {
		if _, _, errno := unix.Syscall(unix.SYS_MADVISE, from, size, advice); errno != 0 {
			return errno
		}
	}
	return nil
}

// movable reports whether a program is linked to be loaded anywhere.
func movable(path string) bool {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return true
	}
	for _, s := range info.Settings {
		if s.Key == "-buildmode" {
			return s.Value != "exe"
		}
	}
	return true
}
