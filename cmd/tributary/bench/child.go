package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is a process this run started and will stop.
type child struct {
	cmd  *exec.Cmd
	addr string // "127.0.0.1:41234"
	done chan struct{}
}

var listening = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)`)

// start runs this program with args and waits until it says where it listens.
func (r *run) start(env []string, args ...string) (*child, error) {
	c := &child{cmd: exec.Command(r.Binary, args...), done: make(chan struct{})} // #nosec G204 -- this very program
	c.cmd.Env = append(os.Environ(), env...)
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var complaints strings.Builder
	c.cmd.Stderr = &limited{to: &complaints, left: 8 << 10}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	r.children = append(r.children, c)
	lines := bufio.NewScanner(out)
	for c.addr == "" && lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			c.addr = m[1]
		}
	}
	go func() {
		for lines.Scan() { //nolint:revive // the pipe must not fill
		}
		_ = c.cmd.Wait()
		close(c.done)
	}()
	if c.addr == "" {
		return nil, fmt.Errorf("%s did not start: %s", strings.Join(args, " "), complaints.String())
	}
	return c, nil
}

// limited keeps the beginning of what is written to it.
type limited struct {
	to   *strings.Builder
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.to.Write(p[:n])
	l.left -= n
	return len(p), nil
}

func (c *child) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(15 * time.Second):
		_ = c.cmd.Process.Kill()
		<-c.done
	}
}

// cpu is the processor time the process has taken.
func (c *child) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // a name may hold blanks
	fields := strings.Fields(rest)
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick
}

// tick is the kernel's unit of processor time, the same on every Linux.
const tick = 10 * time.Millisecond

// writes is how often the process has written to a file or a socket.
func (c *child) writes() int64 { return int64(c.told("io", "syscw:")) }

// rss is the process's memory in MiB.
func (c *child) rss() float64 { return c.told("status", "VmRSS:") / 1024 }

// told is a number that the kernel tells of the process.
func (c *child) told(file, name string) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", c.cmd.Process.Pid, file))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return n
		}
	}
	return 0
}

// subject starts a server on a database of its own.
func (r *run) subject(ctx context.Context) (*child, error) {
	dir, err := os.MkdirTemp("", "tributary-bench")
	if err != nil {
		return nil, err
	}
	r.cleanup = append(r.cleanup, func() { _ = os.RemoveAll(dir) })
	began := time.Now()
	env := []string{"TRIBUTARY_DATA_DIR=" + dir, "TRIBUTARY_TRUSTED_PROXIES=127.0.0.1/32", "TRIBUTARY_COST_MAXIMUM=0"} // one token asks for everything
	for _, who := range []string{"TOKEN", "MERCHANT", "ADDRESS"} {
		// Counted like any, and never reached.
		env = append(env, "TRIBUTARY_RATE_"+who+"=10000000/1m")
	}
	if r.Database != "" {
		env = append(env, "TRIBUTARY_DATABASE_URL="+r.Database)
	}
	c, err := r.start(env, "serve", "--addr", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ready := time.Since(began)
	time.Sleep(2 * time.Second) // let the start's garbage go before the idle figure
	r.note("ready after %d ms, idle rss %.0f MiB", ready.Milliseconds(), c.rss())
	r.dataDir(dir)
	return c, errors.Join(ctx.Err())
}

func (r *run) dataDir(dir string) {
	if r.Database == "" {
		r.Database = "sqlite:" + filepath.Join(dir, "tributary.db")
	}
}
