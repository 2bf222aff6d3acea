package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

// ledgerOf is a reader of so many rows, forty to a page, each a thousand bytes and more.
type ledgerOf struct {
	rows  int
	fails func(cursor string) error // what happens at a page
}

func (l ledgerOf) Columns(string) ([]Column, error) {
	return []Column{{Path: []string{"n"}}, {Path: []string{"of", "text"}, Text: true}, {Path: []string{"amount"}}}, nil
}

func (l ledgerOf) Read(_ context.Context, _, cursor, _ string) (p Page, err error) {
	if l.fails != nil {
		err = l.fails(cursor)
	}
	from, _ := strconv.Atoi(cursor)
	for n := from; n < min(from+40, l.rows); n++ {
		p.Rows = append(p.Rows, json.RawMessage(fmt.Sprintf(`{"n": %d, "of": {"text": "=%s"}, "amount": "-%d.00"}`, n, strings.Repeat("x", 1000), n)))
	}
	p.Next, p.Done = strconv.Itoa(from+40), from+40 >= l.rows
	return p, err
}

// hall is a room of one merchant, whose manager asks.
type hall struct {
	*Service
	t     *testing.T
	ctx   context.Context // of the manager
	sys   context.Context
	clock *storetest.Clock
	gone  bool // the manager has left
}

func open(t *testing.T, r Reader) *hall {
	t.Helper()
	clock := storetest.NewClock()
	db := storetest.OpenAt(t, clock)
	sys, merchant := storetest.Merchant(t, db)
	who := trust.Viewer{MerchantID: merchant, PrincipalID: id.New(id.User, clock.Now()), Kind: trust.KindUser, Role: trust.Manager}
	h := &hall{t: t, ctx: trust.With(t.Context(), who), sys: sys, clock: clock}
	h.Service = New(Config{Store: db, Rights: func(context.Context, string, string, []trust.Scope) (trust.Viewer, error) {
		if h.gone {
			return trust.Viewer{}, problem.New(problem.NotFound, "not a member")
		}
		return who, nil
	}})
	h.ReadBy(r)
	return h
}

func (h *hall) asked() string {
	h.t.Helper()
	return storetest.Must[CreateOutcome](h.t)(h.Create(h.ctx, CreateInput{Query: "{ rows }", Format: CSV})).ExportID
}

func (h *hall) row(exportID string) *ent.Export {
	h.t.Helper()
	return storetest.Must[*ent.Export](h.t)(h.Get(h.ctx, exportID))
}

// text fetches a file as who has its address does.
func (h *hall) text(exportID string, headers ...string) string {
	h.t.Helper()
	req := httptest.NewRequestWithContext(h.t.Context(), "GET", h.Link(h.row(exportID)), nil)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	mux, w := http.NewServeMux(), httptest.NewRecorder()
	mux.Handle("GET "+Path, h.Download())
	mux.ServeHTTP(w, req)
	if w.Code != http.StatusOK && w.Code != http.StatusPartialContent {
		return strconv.Itoa(w.Code)
	}
	raw, err := io.ReadAll(w.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(raw)
}

// Whoever takes an export up goes on where it stopped: broken off at any page, the file is
// the same to the byte. With the cursor kept in another commit than the part rows are there
// twice, or not at all.
func TestH05_AFileIsTheSameHoweverOftenItIsBrokenOff(t *testing.T) {
	t.Parallel()
	whole := open(t, ledgerOf{rows: 1000})
	first := whole.asked()
	if err := whole.WorkOn(whole.sys, first); err != nil {
		t.Fatal(err)
	}
	want := whole.text(first)
	if row := whole.row(first); row.Rows != 1000 || row.Parts < 5 || row.Bytes != int64(len(want)) || strings.Count(want, "\r\n") != 1001 {
		t.Fatalf("%d rows in %d parts, %d bytes, %d lines", row.Rows, row.Parts, row.Bytes, strings.Count(want, "\r\n"))
	}
	if !strings.HasPrefix(want, "n,of.text,amount\r\n0,'=xxx") || !strings.Contains(want, "x,-999.00\r\n") {
		t.Errorf("the file begins %.60q", want)
	}
	tries := map[string]bool{}
	broken := open(t, ledgerOf{rows: 1000, fails: func(cursor string) error {
		if cursor == "" || tries[cursor] {
			return nil
		}
		tries[cursor] = true
		return io.ErrUnexpectedEOF // the database hangs up
	}})
	again, tried := broken.asked(), 0
	for ; broken.row(again).FinishedAt == nil; tried++ {
		if err := broken.WorkOn(broken.sys, again); err != nil && !store.Infrastructure(err) || tried > 100 {
			t.Fatal(err)
		}
	}
	if got := broken.text(again); got != want || tried < 10 {
		t.Errorf("after %d tries %d bytes, want %d", tried, len(got), len(want))
	}
	if got := broken.text(again, "Range", "bytes=200000-300000"); got != want[200000:300001] {
		t.Error("a part of it is another")
	}
}

// Several who work on one export at once write one file.
func TestH05_TakenUpByManyAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t, ledgerOf{rows: 800})
	exportID := h.asked()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := h.WorkOn(h.sys, exportID); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if text, row := h.text(exportID), h.row(exportID); row.Rows != 800 || strings.Count(text, "\r\n") != 801 || int64(len(text)) != row.Bytes {
		t.Errorf("%d rows, %d lines", row.Rows, strings.Count(text, "\r\n"))
	}
}

// Who was slow, and finds that another has taken the work up and ended it, writes no more.
// Without the look at who holds it the export fails after it was done.
func TestH05_WhoeverWasSlowWritesNoMore(t *testing.T) {
	t.Parallel()
	reached, goOn := make(chan struct{}), make(chan struct{})
	var waits atomic.Bool
	h := open(t, ledgerOf{rows: 800, fails: func(cursor string) error {
		if cursor == "400" {
			if waits.CompareAndSwap(false, true) {
				close(reached)
				<-goOn
			}
		}
		return nil
	}})
	exportID, slow := h.asked(), make(chan error, 1)
	go func() { slow <- h.WorkOn(h.sys, exportID) }()
	<-reached
	if err := h.WorkOn(h.sys, exportID); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	if err := <-slow; err != nil {
		t.Error(err)
	}
	if row := h.row(exportID); row.Status != "DONE" || row.Rows != 800 || strings.Count(h.text(exportID), "\r\n") != 801 {
		t.Errorf("%s: %d rows", row.Status, row.Rows)
	}
}

// A server that is killed leaves an export that nobody works on; the schedule finds it.
// A file is deleted when its time is over, and its address ends long before.
func TestH05_LeftExportsAreTakenUpAndOldOnesDeleted(t *testing.T) {
	t.Parallel()
	h := open(t, ledgerOf{rows: 500})
	exportID := h.asked()
	if n := storetest.Must[int](t)(h.Resume(t.Context(), 10)); n != 0 {
		t.Errorf("%d taken up at once", n)
	}
	h.clock.Advance(31 * time.Second)
	if n := storetest.Must[int](t)(h.Resume(t.Context(), 10)); n != 1 {
		t.Errorf("%d taken up", n)
	}
	if err := h.WorkOn(h.sys, exportID); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(keptFor - time.Second)
	if n := storetest.Must[int](t)(h.Store.ForgetExports(t.Context())); n != 0 {
		t.Errorf("%d deleted too early", n)
	}
	h.clock.Advance(2 * time.Second)
	for n, rounds := 1, 0; n > 0; rounds++ {
		n = storetest.Must[int](t)(h.Store.ForgetExports(t.Context()))
	}
	if _, err := h.Get(h.ctx, exportID); problem.CodeOf(err) != problem.NotFound {
		t.Errorf("it is there still: %v", err)
	}
	if n := h.Store.Client().ExportPart.Query().CountX(h.sys); n != 0 {
		t.Errorf("%d parts are left", n)
	}
}

// Five files at once; one whose maker has left fails, and says so.
func TestH05_BoundsAndRights(t *testing.T) {
	t.Parallel()
	h := open(t, ledgerOf{rows: 90})
	first := h.asked()
	for range 4 {
		h.asked()
	}
	if _, err := h.Create(h.ctx, CreateInput{Query: "{ rows }", Format: CSV}); problem.CodeOf(err) != problem.Conflict {
		t.Errorf("a sixth: %v", err)
	}
	for _, in := range []CreateInput{{Query: "q", Format: "XLS"}, {Query: "q", Format: CSV, Name: strings.Repeat("x", 121)}, {Query: strings.Repeat("q", 9000), Format: CSV}} {
		if _, err := h.Create(h.ctx, in); !problem.CodeOf(err).User() {
			t.Errorf("%.20v: %v", in, err)
		}
	}
	h.gone = true
	if err := h.WorkOn(h.sys, first); err != nil {
		t.Fatal(err)
	}
	if row := h.row(first); row.Status != "FAILED" || !strings.Contains(row.Reason, "no more") || h.Link(row) != "" {
		t.Errorf("%s: %s", row.Status, row.Reason)
	}
	h.gone = false
	if n := storetest.Must[CreateOutcome](t)(h.Create(h.ctx, CreateInput{Query: "{ rows }", Format: CSV})); n.ExportID == "" {
		t.Error("there is room again")
	}
}

// An address is for one file until its time is over.
func TestH05_AddressesEnd(t *testing.T) {
	t.Parallel()
	h := open(t, ledgerOf{rows: 3})
	exportID := h.asked()
	if err := h.WorkOn(h.sys, exportID); err != nil {
		t.Fatal(err)
	}
	link := h.Link(h.row(exportID))
	status := func(path string) int {
		mux, w := http.NewServeMux(), httptest.NewRecorder()
		mux.Handle("GET "+Path, h.Download())
		mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		return w.Code
	}
	if got := status(link); got != http.StatusOK {
		t.Errorf("at once: %d", got)
	}
	h.clock.Advance(linkLasts + time.Second)
	if got := status(link); got != http.StatusNotFound {
		t.Errorf("after its time: %d", got)
	}
}
