package track

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tributary/tributary/internal/bus"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// WriteClicks stores the stream's clicks as rows until ctx ends. A click becomes
// one row however often it is delivered. What can never be stored is parked with
// its reason; while the database is away nothing is, and the stream holds it.
// Without a bus there is nothing to do.
func (s *Service) WriteClicks(ctx context.Context) error {
	if s.bus == nil {
		return nil
	}
	ctx, end := context.WithCancel(ctx)
	var orders sync.WaitGroup
	orders.Go(func() { s.lookAgain(ctx) })
	defer orders.Wait()
	defer end()
	return s.bus.Consume(trust.With(ctx, trust.System("")), s.writeBatch)
}

// A transaction costs much the same for one click as for a hundred, and while it
// is synced the disk keeps the stream, and with it visitors, waiting. So while
// fewer messages than backlog wait, the next ones gather for a moment. One of
// rowsAtOnce is short enough for an order to wait behind.
const (
	backlog     = bus.DefaultBatch
	gatherPause = 100 * time.Millisecond
	rowsAtOnce  = 1024
)

// clickRow is a click with whose it is.
type clickRow struct {
	click
	owner  store.LinkRow
	subIDs []byte // JSON, nil when there are none
	raw    []byte // the record, to be parked
}

func (s *Service) writeBatch(ctx context.Context, batch []bus.Message) error {
	var rows []clickRow
	for _, m := range batch {
		if m.Fault != nil {
			if err := s.park(m.Raw, m.Fault); err != nil {
				return err
			}
		}
		for _, raw := range m.Records {
			row, err := s.resolve(ctx, raw)
			if err != nil && !hopeless(err) {
				return err
			}
			if err == nil {
				rows = append(rows, row)
			} else if err := s.park(raw, err); err != nil {
				return err
			}
		}
	}
	// In the order of their ids the rows go to the end of each index, one page
	// after the other, and not to places all over it.
	slices.SortFunc(rows, func(a, b clickRow) int { return bytes.Compare(a.id[:], b.id[:]) })
	for part := range slices.Chunk(rows, evenly(len(rows), rowsAtOnce)) {
		if err := s.storeClicks(ctx, part); err != nil {
			return err
		}
	}
	if len(batch) < backlog {
		pause(ctx, gatherPause)
	}
	return nil
}

// evenly is the size of the fewest parts of n that hold at most most each and
// differ little.
func evenly(n, most int) int {
	parts := max(1, (n+most-1)/most)
	return max(1, (n+parts-1)/parts)
}

// hopeless reports whether a record would fail for ever: it cannot be read, its
// link is not there, or the database refuses its values.
func hopeless(err error) bool {
	return problem.CodeOf(err) == problem.Invalid || store.Unstorable(err)
}

// resolve reads a record and finds whose link it names. Links are stored before
// anyone can click them and are never deleted, so one that is not there now will
// never be.
func (s *Service) resolve(ctx context.Context, raw []byte) (row clickRow, err error) {
	unreadable := problem.New(problem.Invalid, "the record cannot be read")
	if row.click, err = readClick(raw); err != nil {
		return row, unreadable.Because(err)
	}
	labels, err := readLabels(row.labels)
	if err != nil {
		return row, unreadable.Because(err)
	}
	if len(labels) > 0 {
		if row.subIDs, err = json.Marshal(labels); err != nil {
			return row, unreadable.Because(err)
		}
	}
	row.raw = raw
	l, err := s.linkByNumber(ctx, row.link)
	if problem.CodeOf(err) == problem.NotFound {
		return row, problem.New(problem.Invalid, "there is no link %d", row.link).Because(err)
	}
	if err == nil {
		row.owner = l.row
	}
	return row, err
}

func (s *Service) linkByNumber(ctx context.Context, number uint64) (*link, error) {
	if l := s.index.byNumber(number); l != nil {
		return l, nil
	}
	row, err := s.store.DoorLinkByNumber(ctx, number)
	if err != nil {
		return nil, err
	}
	if err := s.takeIn(ctx, *row); err != nil {
		return nil, err
	}
	return s.index.byNumber(number), nil
}

// storeClicks writes rows in one transaction. Rows that the database refuses are
// closed in on by halving, so that one bad click costs no other.
func (s *Service) storeClicks(ctx context.Context, rows []clickRow) error {
	if len(rows) == 0 {
		return nil
	}
	err := s.insertClicks(ctx, rows)
	switch {
	case err == nil || !hopeless(err):
		return err
	case len(rows) == 1:
		return s.park(rows[0].raw, err)
	}
	half := len(rows) / 2
	if err := s.storeClicks(ctx, rows[:half]); err != nil {
		return err
	}
	return s.storeClicks(ctx, rows[half:])
}

// insertClicks is one command for clicks of many merchants; each event is its
// own merchant's.
func (s *Service) insertClicks(ctx context.Context, rows []clickRow) error {
	stored, err := store.Run(ctx, s.store, store.Command{Name: "clicksWrite", Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		fresh, err := putClicks(ctx, tx, s.store.Postgres(), rows)
		if err != nil {
			return 0, err
		}
		return len(fresh), announce(tx, fresh)
	})
	if err != nil {
		return fmt.Errorf("clicks were not stored: %w", err)
	}
	s.counts.stored.Add(uint64(stored))
	return s.lateLabels(ctx, rows)
}

// batch is what one event counts: clicks of one affiliate in one program within
// one quarter of an hour, so that no event lies on two days in any time zone.
type batch struct {
	merchant, program, affiliate string
	quarter                      int64
}

type tally struct {
	clicks, unpayable int
	first, last       time.Time
}

func (t *tally) add(row clickRow) {
	at := row.id.clickedAt()
	if t.clicks == 0 || at.Before(t.first) {
		t.first = at
	}
	if at.After(t.last) {
		t.last = at
	}
	t.clicks++
	if !row.id.payable() {
		t.unpayable++
	}
}
