package mail

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// postOffice is a mail server on the loopback that says what it is told to.
type postOffice struct {
	net.Listener
	tls    *tls.Config       // offers STARTTLS when there is one
	answer map[string]string // what it says to a verb, instead of yes
	mu     sync.Mutex
	heard  []string
	letter string
}

func openOffice(t *testing.T, o *postOffice) *postOffice {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.Listener = l
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			o.serve(conn)
		}
	}()
	return o
}

func (o *postOffice) serve(conn net.Conn) {
	defer func() { conn.Close() }()
	r := bufio.NewReader(conn)
	say := func(s string) { fmt.Fprintf(conn, "%s\r\n", s) }
	say("220 here")
	secure := false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		verb, _, _ := strings.Cut(line, " ")
		o.note(line)
		switch said := o.answer[verb]; {
		case said != "":
			say(said)
		case verb == "EHLO" && o.tls != nil && !secure:
			say("250-here\r\n250-AUTH PLAIN\r\n250 STARTTLS")
		case verb == "EHLO":
			say("250-here\r\n250 AUTH PLAIN")
		case verb == "STARTTLS":
			say("220 go")
			conn = tls.Server(conn, o.tls)
			r, secure = bufio.NewReader(conn), true
		case verb == "DATA":
			say("354 go")
			o.take(r)
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		case verb == "AUTH":
			say("235 hello")
		default:
			say("250 yes")
		}
	}
}

func (o *postOffice) note(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.heard = append(o.heard, line)
}

func (o *postOffice) take(r *bufio.Reader) {
	for {
		line, err := r.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return
		}
		o.mu.Lock()
		o.letter += line
		o.mu.Unlock()
	}
}

func (o *postOffice) record() (heard, letter string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.heard, "\n"), o.letter
}

func (o *postOffice) sender(t *testing.T, scheme, user string) SMTP {
	t.Helper()
	u, err := url.Parse(scheme + "://" + user + o.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return newSMTP(u, "shop@acme.example")
}

func letter(t *testing.T) Message {
	t.Helper()
	m, err := Write(Verify, full)
	if err != nil {
		t.Fatal(err)
	}
	m.ID, m.To, m.Date = "otc_1", "ada@example.com", noon
	return m
}

func TestLetterIsDeliveredBySMTP(t *testing.T) {
	t.Parallel()
	o := openOffice(t, &postOffice{})
	if err := o.sender(t, "smtp", "user:secret@").Send(t.Context(), letter(t)); err != nil {
		t.Fatal(err)
	}
	heard, got := o.record()
	for _, want := range []string{"AUTH PLAIN", "MAIL FROM:<shop@acme.example>", "RCPT TO:<ada@example.com>", "QUIT"} {
		if !strings.Contains(heard, want) {
			t.Errorf("not heard %q:\n%s", want, heard)
		}
	}
	if _, parts := read(t, []byte(got)); parts["text/plain"] != letter(t).Text {
		t.Errorf("delivered %q", got)
	}
}

// certified is a server's TLS for 127.0.0.1 and who trusts it.
func certified(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// A server that is not on this machine gets nothing without TLS, and nothing
// with a certificate nobody vouches for. Without the check in introduce the
// first of them gets the letter.
func TestS71_LettersLeaveTheMachineUnderTLSOnly(t *testing.T) {
	t.Parallel()
	open := openOffice(t, &postOffice{})
	s := open.sender(t, "smtp", "")
	s.Plain = false // as if it were elsewhere
	if err := s.Send(t.Context(), letter(t)); err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("sent in the clear: %v", err)
	}
	if heard, _ := open.record(); strings.Contains(heard, "MAIL") {
		t.Errorf("heard %s", heard)
	}
	server, client := certified(t)
	secured := openOffice(t, &postOffice{tls: server})
	s = secured.sender(t, "smtp", "user:secret@")
	s.Plain = false
	if err := s.Send(t.Context(), letter(t)); err == nil {
		t.Error("an unknown certificate was taken")
	}
	s.Trust = client
	if err := s.Send(t.Context(), letter(t)); err != nil {
		t.Error(err)
	}
	if heard, got := secured.record(); !strings.Contains(heard, "STARTTLS") || got == "" {
		t.Errorf("heard %s", heard)
	}
}

// What servers say of a reader's address stays out of errors, which end in logs
// and in the rows of jobs.
func TestRefusalsNameNoAddress(t *testing.T) {
	t.Parallel()
	for said, never := range map[string]bool{"550 no ada@example.com here": true, "451 ada@example.com is busy": false} {
		o := openOffice(t, &postOffice{answer: map[string]string{"RCPT": said}})
		err := o.sender(t, "smtp", "").Send(t.Context(), letter(t))
		if err == nil || errors.Is(err, ErrRefused) != never || strings.Contains(err.Error(), "ada") || !strings.Contains(err.Error(), said[:3]) {
			t.Errorf("%s: %v", said, err)
		}
	}
}

func TestLettersGoIntoAFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mail")
	s, err := New(Config{Folder: dir})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Send(t.Context(), letter(t)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := os.ReadDir(dir)
	if err != nil || len(all) != 1 || all[0].Name() != "otc_1.eml" {
		t.Fatalf("%v, %v", all, err)
	}
	info, err := all[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestSenderIsChosenByItsURL(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{
		{URL: "smtp://mail.example"}, {URL: "http://mail.example", From: "a@b.example"}, {URL: "smtp://", From: "a@b.example"},
		{URL: "smtp://u:hidden@mail.example/x", From: "a@b.example"}, {From: "x"},
	} {
		if s, err := New(c); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%+v gives %v, %v", c, s, err)
		}
	}
	s, err := New(Config{URL: "smtps://u:p@mail.example", From: "a@b.example"})
	if got, _ := s.(SMTP); err != nil || got.Port != "465" || !got.Wrapped || got.Plain || got.User != "u" || got.Password != "p" {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = New(Config{URL: "smtp://127.0.0.1:2525", From: "a@b.example"})
	if got, _ := s.(SMTP); err != nil || got.Port != "2525" || got.Wrapped || !got.Plain {
		t.Errorf("%+v, %v", s, err)
	}
}
