package mail

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// read takes a message apart as a reader's program does.
func read(t *testing.T, raw []byte) (h mail.Header, parts map[string]string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts = map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return m.Header, parts
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		parts[strings.Split(p.Header.Get("Content-Type"), ";")[0]] = strings.ReplaceAll(string(body), "\r\n", "\n")
	}
}

var full = Words{Name: "Ada", Merchant: "Acme", Code: "abc123", Link: "https://app.example/#c=1", Hours: 24, Amount: "13.49 USD", Note: "wire 42"}

func TestLettersReadWellInBothForms(t *testing.T) {
	t.Parallel()
	for _, l := range Letters() {
		m, err := Write(l, full)
		if err != nil {
			t.Fatal(err)
		}
		m.ID, m.To, m.Date = "l-1", "ada@example.com", noon
		raw, err := m.Bytes("shop@acme.example")
		if err != nil {
			t.Fatal(err)
		}
		h, parts := read(t, raw)
		if h.Get("Subject") == "" || h.Get("Message-Id") != "<l-1@acme.example>" || h.Get("To") != "<ada@example.com>" {
			t.Errorf("%s: %v", l, h)
		}
		if parts["text/plain"] != m.Text || parts["text/html"] != m.HTML || strings.Contains(m.Text, "{{") || strings.Contains(m.Text, "<no value>") {
			t.Errorf("%s: %q", l, parts)
		}
		if strings.Contains(m.Text, "abc123") != strings.Contains(m.HTML, ">abc123</code>") {
			t.Errorf("%s: the code is in one form only", l)
		}
	}
}

// What people type begins no header, no paragraph and no tag. Without the check
// of addresses, the encoding of the subject or flat one of these gets through.
func TestR2_NothingTypedIsTakenForAHeaderOrATag(t *testing.T) {
	t.Parallel()
	evil := "Acme\r\nBcc: eve@example.com\r\n\r\n    other-code\n\n<script>alert(1)</script>"
	m, err := Write(Invitation, Words{Name: evil, Merchant: evil, Code: "c", Hours: 1})
	if err != nil {
		t.Fatal(err)
	}
	m.ID, m.To, m.Date = "l-1", "ada@example.com", noon
	for _, subject := range []string{m.Subject, evil, "Žluťoučký\r\nBcc: eve@example.com"} {
		m.Subject = subject
		raw, err := m.Bytes("shop@acme.example")
		if err != nil {
			t.Fatal(err)
		}
		h, parts := read(t, raw)
		if len(h) != 8 || h.Get("Bcc") != "" {
			t.Errorf("headers %v", h)
		}
		if strings.Contains(parts["text/html"], "<script>") || strings.Contains(parts["text/html"], ">other-code</code>") {
			t.Errorf("html %s", parts["text/html"])
		}
	}
	for _, to := range []string{"", "ada", "ada@example.com\r\nBcc: eve@example.com", "Ada <ada@example.com>", "ada@example.com, eve@example.com", "ada@example.com>\r\nRCPT TO:<eve@example.com"} {
		m.To = to
		if raw, err := m.Bytes("shop@acme.example"); err == nil {
			t.Errorf("%q was written to: %s", to, raw)
		}
	}
	m.To, m.ID = "ada@example.com", "x>\r\nBcc: e"
	if _, err := m.Bytes("shop@acme.example"); err == nil {
		t.Error("an id with a line break was taken")
	}
}
