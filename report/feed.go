package report

import (
	"context"
	"slices"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// Event is something that happened, as a viewer's feed tells it.
type Event struct {
	ID          string // the same in every feed
	Cursor      string // where it stands; sealed
	Type        string
	Version     int
	At          time.Time // when the command ran
	SubjectID   string
	ProgramID   *string
	AffiliateID *string
	Facts       map[string]string
}

// EventFeed is a page of the feed.
type EventFeed struct {
	Events  []Event
	Cursor  string // where to go on, whether or not there were events
	HasMore bool   // more can be read now
}

const (
	maxPage  = 100
	pageSize = 50   // when not said
	scanStep = 500  // events read at once
	scanMost = 5000 // events one page looks at: most may be other people's
	maxTypes = 50
)

// EventFeed reads up to first events after a cursor, from the beginning of what
// is kept without one; types narrows, first 0 means 50. It looks at a bounded
// stretch of the journal, so a page may be short or empty and still have more.
// Errors: Invalid at after, first or types; CursorExpired.
func (s *Service) EventFeed(ctx context.Context, after string, first int, types []string) (EventFeed, error) {
	if first < 0 || first > maxPage {
		return EventFeed{}, problem.At(problem.Invalid, "first", "must be 1 to %d", maxPage)
	}
	if first == 0 {
		first = pageSize
	}
	c, seq, err := s.open(ctx, after, types)
	if err != nil {
		return EventFeed{}, err
	}
	page, err := s.page(ctx, c, &seq, first)
	page.Cursor = s.seal(c.viewer.MerchantID, seq)
	return page, err
}

// page gathers what the reader wants from a place on, and moves the place past
// the last event looked at.
func (s *Service) page(ctx context.Context, c choice, seq *int64, first int) (EventFeed, error) {
	page, step := EventFeed{Events: []Event{}}, c.step(first)
	for range scanMost / scanStep {
		batch, err := s.store.Events(ctx, c.viewer.MerchantID, *seq, step)
		if err != nil {
			return page, err
		}
		for _, e := range batch {
			if page.HasMore = len(page.Events) == first; page.HasMore {
				return page, nil
			}
			if *seq = e.Seq; c.wants(&e) {
				page.Events = append(page.Events, s.told(e))
			}
		}
		if len(batch) < step {
			return page, nil
		}
	}
	page.HasMore = true
	return page, nil
}

// choice is which events a reader gets.
type choice struct {
	viewer trust.Viewer
	types  []string
}

// open checks who reads what from where.
func (s *Service) open(ctx context.Context, after string, types []string) (choice, int64, error) {
	v, err := viewer(ctx)
	if err != nil {
		return choice{}, 0, err
	}
	if len(types) > maxTypes {
		return choice{}, 0, problem.At(problem.Invalid, "types", "must be at most %d", maxTypes)
	}
	seq, err := s.place(ctx, v.MerchantID, after)
	return choice{v, types}, seq, err
}

// Now is the cursor of the merchant's last event: a feed that goes on from it
// tells only of what comes. Errors: Unauthenticated.
func (s *Service) Now(ctx context.Context) (string, error) {
	v, err := viewer(ctx)
	if err != nil {
		return "", err
	}
	head, err := s.store.HeadOf(ctx, v.MerchantID)
	return s.seal(v.MerchantID, head), err
}

// wants reports whether the reader may see the event and asked for its type.
func (c *choice) wants(e *store.Event) bool {
	return c.viewer.Sees(e.AffiliateID) && (len(c.types) == 0 || slices.Contains(c.types, e.Type))
}

// step is how many events are worth reading at once for a page.
func (c choice) step(first int) int {
	if c.viewer.AffiliateID == "" && len(c.types) == 0 {
		return first + 1 // all are wanted, and one more says whether there are more
	}
	return scanStep
}

// told is the event as a feed tells it.
func (s *Service) told(e store.Event) Event {
	return Event{
		ID: e.ID, Cursor: s.seal(e.MerchantID, e.Seq), Type: e.Type, Version: e.Version, At: e.At, SubjectID: e.Subject,
		ProgramID: orNil(e.ProgramID), AffiliateID: orNil(e.AffiliateID), Facts: e.Facts,
	}
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
