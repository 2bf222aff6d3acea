package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
)

// ErrRefused says that the mail server will never take this message; any other
// failure may pass.
var ErrRefused = errors.New("mail: refused")

// Sender takes a message away. An error names no address.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Config says how letters leave.
type Config struct {
	URL    string // smtp://user:password@host:port or smtps://…; empty writes files
	From   string // bare address; tributary@localhost when empty and nothing is really sent
	Folder string // where .eml files go without a URL
}

// New chooses the sender. It fails when the URL or the address cannot be used;
// the failure does not repeat the URL, which may hold a password.
func New(c Config) (Sender, error) {
	if c.URL == "" {
		if c.From == "" {
			c.From = "tributary@localhost"
		}
		if !bare(c.From) {
			return nil, errors.New("mail: the sender is not an e-mail address")
		}
		return Folder{Path: c.Folder, From: c.From}, nil
	}
	if !bare(c.From) {
		return nil, errors.New("mail: a mail server needs the sender's e-mail address")
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return nil, errors.New("mail: the mail server is not written as smtp://user:password@host:port or smtps://…")
	}
	return newSMTP(u, c.From), nil
}

func newSMTP(u *url.URL, from string) SMTP {
	port := u.Port()
	if port == "" {
		port = map[string]string{"smtp": "587", "smtps": "465"}[u.Scheme]
	}
	password, _ := u.User.Password()
	return SMTP{
		Host: u.Hostname(), Port: port, User: u.User.Username(), Password: password, From: from,
		Wrapped: u.Scheme == "smtps", Plain: loopback(u.Hostname()),
	}
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// failed hides what may hold an address: of a network failure only its kind is
// told.
func failed(doing string, err error) error {
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return fmt.Errorf("mail: %s: the mail server did not answer in time", doing)
	}
	return fmt.Errorf("mail: %s: the mail server cannot be talked to", doing)
}
