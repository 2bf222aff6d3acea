package mail

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode"
)

// ErrMessage says that a message cannot be written down: an address is no bare
// address, or the id could not stand in a header.
var ErrMessage = errors.New("mail: the message has no proper address or id")

// Message is one letter to one reader.
type Message struct {
	ID      string // unique to the letter and the same on every try; letters, digits, . _ -
	To      string // bare address
	Subject string
	Text    string
	HTML    string
	Date    time.Time
}

// bare reports whether s is an address and nothing else.
func bare(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && a.Name == "" && !strings.ContainsFunc(s, unsafe)
}

func unsafe(r rune) bool { return unicode.IsControl(r) || r == '<' || r == '>' || r == ' ' }

// domain is what comes behind the @ of a bare address.
func domain(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// Bytes writes the message down as it is sent from an address. Fails with
// [ErrMessage].
func (m Message) Bytes(from string) ([]byte, error) {
	if !bare(m.To) || !bare(from) || m.ID == "" || strings.Trim(m.ID, "abcdefghijklmnopqrstuvwxyz0123456789._-") != "" {
		return nil, ErrMessage
	}
	var out bytes.Buffer
	parts := multipart.NewWriter(&out)
	for _, h := range [][2]string{
		{"From", "<" + from + ">"}, {"To", "<" + m.To + ">"}, {"Subject", mime.QEncoding.Encode("utf-8", m.Subject)},
		{"Date", m.Date.UTC().Format(time.RFC1123Z)}, {"Message-ID", "<" + m.ID + "@" + domain(from) + ">"},
		{"MIME-Version", "1.0"}, {"Auto-Submitted", "auto-generated"},
		{"Content-Type", `multipart/alternative; boundary="` + parts.Boundary() + `"`},
	} {
		fmt.Fprintf(&out, "%s: %s\r\n", h[0], h[1])
	}
	out.WriteString("\r\n")
	err := errors.Join(part(parts, "text/plain", m.Text), part(parts, "text/html", m.HTML), parts.Close())
	return out.Bytes(), err
}

func part(w *multipart.Writer, kind, text string) error {
	p, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Type": {kind + "; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"},
	})
	if err != nil {
		return err
	}
	q := quotedprintable.NewWriter(p)
	_, err = q.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	return errors.Join(err, q.Close())
}
