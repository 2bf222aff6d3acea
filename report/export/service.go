package export

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// Formats of a file.
const (
	CSV   = "CSV"   // a head line, then a line for each row; RFC 4180
	JSONL = "JSONL" // an object for each row
)

// Bounds of an export.
const (
	maxQuery   = 8 << 10 // bytes of the text of a query
	maxName    = 120     // bytes
	atOnce     = 5       // under way at one merchant
	keptFor    = 7 * 24 * time.Hour
	partBytes  = 128 << 10        // after which what was read is written
	stepFor    = 2 * time.Second  // or after this long
	tryLimit   = 30 * time.Minute // of one try; it is taken up again after that
	stale      = 30 * time.Second // after which nobody works on it
	rightsFor  = 30 * time.Second // for which its maker's rights are believed
	linkLasts  = 15 * time.Minute
	exportJob  = "export"
	linkReason = "export.link"
)

// Column is one value of a row.
type Column struct {
	Path []string // names of the fields that lead to it
	Text bool     // written by people: a spreadsheet must not take it for a formula
}

// Name is the head of the column.
func (c Column) Name() string { return join(c.Path) }

// Page is a piece of a list.
type Page struct {
	Rows []json.RawMessage // objects, by the names of the query's fields
	Next string            // where the next page begins
	Done bool              // there is none
}

// Reader reads what queries ask for. The package graph has it.
type Reader interface {
	// Columns gives what a query's rows hold. Error: Invalid for a text that is no query
	// for one list or report.
	Columns(text string) ([]Column, error)
	// Read gives the page that begins at a cursor, "" being the first, as the viewer in ctx
	// may see it, without rows that are younger than the id until.
	Read(ctx context.Context, text, cursor, until string) (Page, error)
}

// Rights says who a principal is at a merchant now; at most scopes, where it is a token.
type Rights func(ctx context.Context, merchantID, principalID string, scopes []trust.Scope) (trust.Viewer, error)

// Config is what the room works with.
type Config struct {
	Store  *store.Store
	Desk   *queue.Desk
	Rights Rights
}

// Service is the room.
type Service struct {
	Config
	read Reader
}

// New makes the room. Before it works it must be given a reader.
func New(c Config) *Service { return &Service{Config: c} }

// ReadBy says who reads queries.
func (s *Service) ReadBy(r Reader) { s.read = r }

// Tasks is what the room does after commits.
func (s *Service) Tasks() []queue.Task {
	return []queue.Task{{Kind: exportJob, Limit: tryLimit, Do: func(ctx context.Context, j queue.Job) error {
		return s.WorkOn(trust.With(ctx, trust.System(j.Merchant)), j.Subject)
	}}}
}

// Mine lists the viewer's newest exports, fifty at most.
func (s *Service) Mine(ctx context.Context) ([]*ent.Export, error) {
	return s.of(ctx, "")
}

// Get gives one of the viewer's own exports. Error: NotFound.
func (s *Service) Get(ctx context.Context, id string) (*ent.Export, error) {
	rows, err := s.of(ctx, id)
	if err == nil && len(rows) == 0 {
		err = noExport
	}
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}
