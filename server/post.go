package server

import (
	"net"
	"net/netip"
	"net/url"
	"path/filepath"

	"github.com/tributary/tributary/internal/mail"
)

// Post is how letters leave.
type Post struct {
	// SMTPURL names the mail server; empty writes letters into files, for
	// development.
	SMTPURL string `name:"smtp-url" env:"TRIBUTARY_SMTP_URL" placeholder:"URL" help:"Mail server: smtp://user:password@host:port (STARTTLS) or smtps://…; empty writes letters into the folder mail of the data folder."`
	// MailFrom is whom letters are from.
	MailFrom string `env:"TRIBUTARY_MAIL_FROM" placeholder:"ADDRESS" help:"E-mail address that letters come from."`
	// AppURL is a page of your own that reads codes out of its fragment:
	// #verify=CODE, #reset=CODE, #invitation=CODE.
	AppURL string `name:"app-url" env:"TRIBUTARY_APP_URL" placeholder:"URL" help:"Page that takes the codes of letters from its fragment; letters show bare codes without one."`
}

// MailFolder is where letters go without a mail server.
const MailFolder = "mail"

func (c Config) mailer() (mail.Sender, error) {
	return mail.New(mail.Config{URL: c.SMTPURL, From: c.MailFrom, Folder: filepath.Join(c.DataDir, MailFolder)})
}

// openSignUp decides what auto means: whoever can reach a server that listens
// and is known on this machine alone is its operator.
func (c Config) openSignUp() bool {
	switch c.OpenSignUp {
	case "yes":
		return true
	case "no":
		return false
	}
	return c.local()
}

// local reports whether the server listens, and is known, on this machine alone.
func (c Config) local() bool {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil || !ofThisMachine(host) {
		return false
	}
	if c.PublicURL == "" {
		return true
	}
	u, err := url.Parse(c.PublicURL)
	return err == nil && ofThisMachine(u.Hostname())
}

func ofThisMachine(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
