package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store/storetest"
)

// binary is the real program, built once for all tests of this package.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "tributary")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "tributary")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// databaseURL is empty for SQLite in the data folder, or a fresh PostgreSQL database.
func databaseURL(t *testing.T) string {
	if os.Getenv("TRIBUTARY_TEST_POSTGRES") == "" {
		return ""
	}
	return storetest.URL(t)
}

// running is a `tributary serve`.
type running struct {
	cmd      *exec.Cmd
	base     string
	dir, url string
	more     []string // environment
	logs     string   // path of the log
	done     chan error
}

var listening = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// startServer starts the binary on a free port and waits until it is ready.
func startServer(t *testing.T, dir, url string) *running {
	t.Helper()
	return startAt(t, dir, url, "127.0.0.1:0")
}

// startAt is startServer on a given address, such as that of a server killed before,
// and in an environment with more in it.
func startAt(t *testing.T, dir, url, addr string, env ...string) *running {
	t.Helper()
	s := &running{dir: dir, url: url, more: env, done: make(chan error, 1)}
	s.cmd = exec.Command(binary, "serve", "--addr", addr, "--data-dir", dir)
	s.cmd.Env = s.env()
	logs, err := os.Create(filepath.Join(t.TempDir(), "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr, s.logs = logs, logs.Name()
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop(t, logs.Name()) })
	s.base = s.address(t, bufio.NewScanner(out), logs.Name())
	go func() { s.done <- s.cmd.Wait() }()
	return s
}

func (s *running) env() []string {
	env := append(os.Environ(), "TRIBUTARY_DATA_DIR="+s.dir, "TRIBUTARY_COST_MAXIMUM=0") // one token asks for everything
	if s.url != "" {
		env = append(env, "TRIBUTARY_DATABASE_URL="+s.url)
	}
	return append(env, s.more...)
}

func (s *running) address(t *testing.T, lines *bufio.Scanner, logs string) string {
	t.Helper()
	for lines.Scan() {
		if found := listening.FindString(lines.Text()); found != "" {
			go func() {
				for lines.Scan() { //nolint:revive // the pipe must not fill
				}
			}()
			return found
		}
	}
	text, _ := os.ReadFile(logs)
	t.Fatalf("the server did not start:\n%s", text)
	return ""
}

// kill ends the server as a power cut does.
func (s *running) kill() {
	_ = s.cmd.Process.Kill()
	<-s.done
	s.done <- nil
}

func (s *running) stop(t *testing.T, logs string) {
	if t.Failed() {
		text, _ := os.ReadFile(logs)
		t.Logf("server log:\n%.8000s", text)
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Kill()
		t.Error("the server did not stop within 20 s of SIGTERM")
	}
}

// verify runs `tributary verify` on the stopped or running server's data.
func (s *running) verify(t *testing.T) {
	t.Helper()
	cmd := exec.Command(binary, "verify", "--data-dir", s.dir)
	cmd.Env = s.env()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
}

// log is what the server has written to standard error.
func (s *running) log(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(s.logs)
	if err != nil || len(text) == 0 {
		t.Fatalf("the server's log: %d bytes, %v", len(text), err)
	}
	return text
}
