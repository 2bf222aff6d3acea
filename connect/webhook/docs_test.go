package webhook_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect/webhook"
)

// block is the code of a language in the page about webhooks.
func block(t *testing.T, language string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "\n```"+language+"\n")
	code, _, closed := strings.Cut(rest, "\n```\n")
	if !found || !closed {
		t.Fatalf("no code in %s", language)
	}
	return code + "\n"
}

// The receivers of the page hear a delivery and verify it, and refuse one of another
// secret and one of long ago.
func TestA14_ThePagesReceiversVerify(t *testing.T) {
	for language, command := range map[string][]string{"go": {"go", "build", "-o", "receiver", "receiver.go"}, "js": {"node", "--version"}} {
		t.Run(language, func(t *testing.T) {
			h := open(t)
			dir, name := t.TempDir(), map[string]string{"go": "receiver.go", "js": "receiver.mjs"}[language]
			if err := os.WriteFile(filepath.Join(dir, name), []byte(block(t, language)), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := exec.LookPath(command[0]); err != nil {
				t.Skipf("%s is not on this machine", command[0])
			}
			build := exec.Command(command[0], command[1:]...)
			build.Dir = dir
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			start := map[string][]string{"go": {filepath.Join(dir, "receiver")}, "js": {"node", "receiver.mjs"}}[language]
			port := freePort(t)
			out := h.endpoint(webhook.EndpointInput{URL: "http://127.0.0.1:" + port + "/hook"})
			said := receive(t, dir, start, port, out.Secret)
			post := func(secret string, at time.Time) int {
				body := []byte(`{"type":"x"}`)
				key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
				if err != nil {
					t.Fatal(err)
				}
				r, _ := http.NewRequest(http.MethodPost, "http://127.0.0.1:"+port+"/hook", strings.NewReader(string(body)))
				r.Header.Set(webhook.HeaderID, "whd_1")
				r.Header.Set(webhook.HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
				r.Header.Set(webhook.HeaderSignature, webhook.Sign([][]byte{key}, "whd_1", at, body))
				res, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				_ = res.Body.Close()
				return res.StatusCode
			}
			other := "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
			for _, one := range []struct {
				secret string
				at     time.Time
				want   int
			}{{other, time.Now(), 401}, {out.Secret, time.Now().Add(-6 * time.Minute), 401}, {out.Secret, time.Now().Add(6 * time.Minute), 401}, {out.Secret, time.Now(), 204}} {
				if got := post(one.secret, one.at); got != one.want {
					t.Errorf("%v: %d", one, got)
				}
			}
			<-said
			h.clock.Advance(time.Since(h.clock.Now())) // receivers look at the real clock
			if _, err := h.Test(h.ctx, out.EndpointID); err != nil {
				t.Fatal(err)
			}
			h.serve()
			select {
			case line := <-said:
				if line != "verified webhook.test" {
					t.Errorf("it said %q", line)
				}
			case <-time.After(patience):
				t.Fatal("it said nothing")
			}
		})
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

// receive runs a receiver until the test ends, waits until it listens, and gives
// what it prints.
func receive(t *testing.T, dir string, command []string, port, secret string) <-chan string {
	t.Helper()
	c := exec.Command(command[0], command[1:]...)
	c.Dir, c.Env = dir, append(os.Environ(), "PORT="+port, "SECRET="+secret)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	said := make(chan string, 10)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			said <- lines.Text()
		}
	}()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if l, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			_ = l.Close()
			return said
		}
	}
	t.Fatal("the receiver does not listen")
	return nil
}
