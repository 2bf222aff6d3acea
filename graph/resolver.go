package graph

import (
	"log/slog"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/webhook"
	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/pay"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/report/export"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/sandbox"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/trust/audit"
	"github.com/tributary/tributary/trust/auth"
)

// Resolver holds the rooms that fields ask.
type Resolver struct {
	Store     *store.Store
	Roster    *roster.Service
	Auth      *auth.Service
	Audit     *audit.Service
	Track     *track.Service
	Earn      *earn.Service
	Ledger    *ledger.Service
	Pay       *pay.Service
	Reports   *report.Service
	Exports   *export.Service
	Connect   *connect.Service
	Webhook   *webhook.Service
	Sandbox   *sandbox.Service
	PublicURL string // address under which visitors and shops reach the server
	Log       *slog.Logger
}
