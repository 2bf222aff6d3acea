package report

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// Config is what the room stands on.
type Config struct {
	Store *store.Store
	Keep  time.Duration // how long the feed can be read back; 90 days when zero
}

// keepDays is how long the feed is kept unless told otherwise.
const keepDays = 90

// Service is the room.
type Service struct {
	store *store.Store
	keep  time.Duration
	hub   *hub[scope, LiveStats]

	leaders *hub[leaders, Leaderboard]
	funnels *hub[board, Funnel]
	healths *hub[board, ProgramHealth]
	started time.Time
}

// New makes the room. It starts nothing: live stats run while somebody watches.
func New(c Config) *Service {
	if c.Keep == 0 {
		c.Keep = keepDays * 24 * time.Hour
	}
	s := &Service{store: c.Store, keep: c.Keep}
	s.hub = newHub(c.Store, livePause, s.snapshot)
	s.leaders = newHub(c.Store, boardPause, s.lead)
	s.funnels = newHub(c.Store, boardPause, s.pour)
	s.healths = newHub(c.Store, boardPause, s.examine)
	s.healths.every = healthEvery
	s.started = c.Store.Now()
	return s
}

// Filter narrows numbers. Both fields may be empty.
type Filter struct {
	ProgramID   string // only of this program
	AffiliateID string // only of this affiliate; an affiliate gets its own whatever it says
}

// scope is a filter that its viewer may use.
type scope struct{ merchant, program, affiliate string }

// scoped checks a filter. Errors: Unauthenticated; NotFound at programId or
// affiliateId, for what is not there and for what is not the viewer's alike.
func (s *Service) scoped(ctx context.Context, f Filter) (scope, error) {
	v, err := viewer(ctx)
	if err != nil {
		return scope{}, err
	}
	if f.AffiliateID == "" {
		f.AffiliateID = v.AffiliateID
	}
	if f.AffiliateID != "" {
		there, err := s.store.Client().Affiliate.Query().Where(affiliate.ID(f.AffiliateID)).Exist(ctx)
		if err != nil || !there {
			return scope{}, notFound(err, "affiliateId", "affiliate")
		}
	}
	if f.ProgramID != "" {
		there, err := s.store.Client().Program.Query().Where(program.ID(f.ProgramID)).Exist(ctx)
		if err != nil || !there {
			return scope{}, notFound(err, "programId", "program")
		}
	}
	return scope{v.MerchantID, f.ProgramID, f.AffiliateID}, nil
}

func viewer(ctx context.Context) (trust.Viewer, error) {
	v, known := trust.From(ctx)
	if !known || v.MerchantID == "" || v.Role == trust.Affiliate && v.AffiliateID == "" {
		return v, problem.New(problem.Unauthenticated, "sign in or send a token").Because(trust.ErrUnauthenticated)
	}
	return v, nil
}

func notFound(err error, field, what string) error {
	if err != nil {
		return err
	}
	return problem.At(problem.NotFound, field, "the %s was not found", what)
}

// covers reports whether an event may change the scope's numbers.
func (s scope) covers(e store.Event) bool {
	return (s.program == "" || e.ProgramID == s.program) &&
		(s.affiliate == "" || e.AffiliateID == s.affiliate)
}

// where spells the scope as a condition on tallies t; $1 is the merchant, and
// further values are added to args.
func (s scope) where(args *[]any) string {
	text := "t.merchant_id = $1"
	if s.program != "" {
		text += " AND t.program_id = " + bind(args, s.program)
	}
	if s.affiliate != "" {
		text += " AND t.affiliate_id = " + bind(args, s.affiliate)
	}
	return text
}
