package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"time"
)

// SMTP hands letters to a mail server, one connection each.
type SMTP struct {
	Host, Port     string
	User, Password string // none when User is empty
	From           string
	Wrapped        bool // TLS from the first byte; else STARTTLS
	Plain          bool // the server is on this machine: STARTTLS is used when offered, and not asked for
	Trust          *tls.Config
}

const patience = 30 * time.Second

// Send delivers one message. Fails with [ErrRefused] when the server says never.
func (s SMTP) Send(ctx context.Context, m Message) error {
	text, err := m.Bytes(s.From)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return failed("connect", err)
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(end) // a live connection always takes one
	}
	c, err := smtp.NewClient(conn, s.Host)
	if err != nil {
		return failed("greet", err)
	}
	if err := s.introduce(c); err != nil {
		return err
	}
	return s.deliver(c, m.To, text)
}

func (s SMTP) dial(ctx context.Context) (net.Conn, error) {
	at := net.JoinHostPort(s.Host, s.Port)
	if s.Wrapped {
		return (&tls.Dialer{Config: s.tls()}).DialContext(ctx, "tcp", at)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", at)
}

func (s SMTP) tls() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.Trust != nil {
		c = s.Trust.Clone()
	}
	c.ServerName = s.Host
	return c
}

// introduce secures the connection and signs in. A server without TLS that is
// not on this machine gets no letter: whoever listens would read the codes.
func (s SMTP) introduce(c *smtp.Client) error {
	if offered, _ := c.Extension("STARTTLS"); offered && !s.Wrapped {
		if err := c.StartTLS(s.tls()); err != nil {
			return failed("STARTTLS", err)
		}
	} else if !s.Wrapped && !s.Plain {
		return errors.New("mail: the mail server offers no TLS")
	}
	if s.User == "" {
		return nil
	}
	if err := c.Auth(smtp.PlainAuth("", s.User, s.Password, s.Host)); err != nil {
		return errors.New("mail: the mail server does not take the name and the password")
	}
	return nil
}

func (s SMTP) deliver(c *smtp.Client, to string, text []byte) error {
	if err := c.Mail(s.From); err != nil {
		return answered("MAIL", err)
	}
	if err := c.Rcpt(to); err != nil {
		return answered("RCPT", err)
	}
	w, err := c.Data()
	if err != nil {
		return answered("DATA", err)
	}
	if _, err := w.Write(text); err != nil {
		return failed("DATA", err)
	}
	if err := w.Close(); err != nil {
		return answered("DATA", err)
	}
	_ = c.Quit() // the letter is delivered; how the server says good-bye changes nothing
	return nil
}

// answered keeps the number of a refusal and drops its text, which servers fill
// with the reader's address.
func answered(to string, err error) error {
	var said *textproto.Error
	switch {
	case !errors.As(err, &said):
		return failed(to, err)
	case said.Code >= 500:
		return fmt.Errorf("%w: the mail server answered %d to %s", ErrRefused, said.Code, to)
	}
	return fmt.Errorf("mail: the mail server answered %d to %s", said.Code, to)
}
