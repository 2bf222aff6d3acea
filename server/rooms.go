package server

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/importer"
	"github.com/tributary/tributary/connect/webhook"
	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/internal/bus"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/pay"
	"github.com/tributary/tributary/pay/rail"
	"github.com/tributary/tributary/pay/rail/csvfile"
	"github.com/tributary/tributary/pay/rail/manual"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/report/export"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/roster/notice"
	"github.com/tributary/tributary/sandbox"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/trust/audit"
	"github.com/tributary/tributary/trust/auth"
)

// rooms are the house, from the bottom up.
type rooms struct {
	roster   *roster.Service
	auth     *auth.Service
	audit    *audit.Service
	ledger   *ledger.Service
	track    *track.Service
	earn     *earn.Service
	pay      *pay.Service
	report   *report.Service
	connect  *connect.Service
	webhook  *webhook.Service
	importer *importer.Service
	sandbox  *sandbox.Service
	export   *export.Service
	notice   *notice.Service
}

// furnish builds each room on those below it.
func furnish(c Config, s *store.Store, b *bus.Bus, visitors client) (r rooms, err error) {
	r.roster = roster.New(roster.Config{Store: s})
	r.audit = audit.New(audit.Config{Store: s})
	desk, err := queue.NewDesk(s)
	if err != nil {
		return r, err
	}
	sender, err := c.mailer()
	if err != nil {
		return r, err
	}
	r.auth = auth.New(auth.Config{Store: s, Issuer: strings.TrimSuffix(c.PublicURL, "/"), Desk: desk, Mail: sender, Page: c.AppURL, Closed: !c.openSignUp(), Strangers: c.openSignUp() && !c.local()})
	r.notice = notice.New(notice.Config{Store: s, Roster: r.roster, Desk: desk, Mail: sender, Page: c.AppURL})
	r.ledger = ledger.New(ledger.Config{Store: s})
	r.track, err = track.New(track.Config{Store: s, Bus: b, DataDir: c.DataDir, ClientAddr: visitors.address})
	if err != nil {
		return r, fmt.Errorf("track: %w", err)
	}
	r.earn = earn.New(earn.Config{Store: s, Track: r.track, Ledger: r.ledger, Desk: desk})
	r.pay = pay.New(pay.Config{Store: s, Ledger: r.ledger, Rails: []rail.Rail{manual.New(), csvfile.New()}})
	r.report = report.New(report.Config{Store: s})
	r.export = export.New(export.Config{Store: s, Desk: desk, Rights: r.auth.Principal})
	r.connect = connect.New(connect.Config{Store: s, Roster: r.roster, Earn: r.earn, Providers: c.providers(), Client: c.caller(), Public: c.PublicURL})
	r.webhook = webhook.New(webhook.Config{Store: s, Desk: desk, Mail: sender, Loopback: c.WebhookLoopback})
	r.importer = importer.New(importer.Config{Store: s, Earn: r.earn})
	r.sandbox = sandbox.New(sandbox.Config{Store: s, Roster: r.roster, Due: []sandbox.Due{r.earn.PayClicksOf, r.earn.ApproveDueOf}})
	return r, nil
}

// openBus opens the click stream in the data folder, or joins a cluster.
func openBus(ctx context.Context, c Config) (*bus.Bus, error) {
	cfg := bus.Config{URL: c.NATSURL, Log: c.Log, Clock: c.Clock}
	if c.NATSURL == "" {
		cfg.Dir = filepath.Join(c.DataDir, StreamFolder)
	}
	return bus.Open(ctx, cfg)
}
