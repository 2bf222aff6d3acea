package track

import (
	"context"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/ent"
	entclick "github.com/tributary/tributary/ent/click"
	"github.com/tributary/tributary/internal/bus"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

// capture gives what a visit would put into the stream.
func (b *bundle) capture(slug string, edit ...func(*http.Request)) (record []byte, c click) {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://platform.example/r/"+slug, nil)
	b.must(err)
	r.Header.Set("User-Agent", chrome)
	for _, e := range edit {
		e(r)
	}
	c = b.judge(r, b.index.find(key{"", slug}), b.clock.Now()).click
	return c.appendTo(nil), c
}

func (b *bundle) deliver(records ...[]byte) error {
	return b.writeBatch(trust.With(b.t.Context(), trust.System("")), []bus.Message{{Records: records}})
}

func (b *bundle) clicks() []*ent.Click {
	b.t.Helper()
	rows, err := b.store.Client().Click.Query().Order(ent.Asc(entclick.FieldID)).All(b.ctx)
	b.must(err)
	return rows
}

// counted lists the facts of clicks.recorded, without their instants.
func (b *bundle) counted() (out []canon.Facts) {
	b.t.Helper()
	for _, e := range b.eventRows() {
		if e.Type != "clicks.recorded" {
			continue
		}
		facts, err := canon.DecodeFacts(e.Facts)
		b.must(err)
		delete(facts, "first")
		delete(facts, "last")
		out = append(out, facts)
	}
	return out
}

func TestClickBecomesARow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	l := b.addLinkWith(LinkCreateInput{Slug: "spring", SubIDs: map[string]string{"s1": "link", "s2": "link"}})
	record, c := b.capture("spring", header("Referer", "https://blog.example/a?b"), func(r *http.Request) { r.URL.RawQuery = "s1=address" })
	b.must(b.deliver(record))
	rows := b.clicks()
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	row := rows[0]
	if row.ID != c.id.String() || row.LinkID != l.ID || row.ProgramID != b.program || row.AffiliateID != b.affiliate || row.MerchantID != b.merchant {
		t.Errorf("whose: %+v", row)
	}
	if row.Kind != entclick.KindHUMAN || !row.Payable || row.Reason != "" || !row.Consent || row.Agent != "Chrome" || row.Referrer != "blog.example/a" || len(row.NetworkHash) != 8 {
		t.Errorf("what: %+v", row)
	}
	if !row.ClickedAt.Equal(b.clock.Now()) || !maps.Equal(row.SubIds, map[string]string{"s1": "address", "s2": "link"}) {
		t.Errorf("when %s, labels %v", row.ClickedAt, row.SubIds)
	}
}

func TestQ52_KindsOfClicksAreStored(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	type want struct {
		kind    entclick.Kind
		payable bool
		reason  string
		consent bool
	}
	expected := map[string]want{}
	for _, c := range []struct {
		edit func(*http.Request)
		want want
	}{
		{header("Accept", "*/*"), want{entclick.KindHUMAN, true, "", true}},
		{header("Accept", "again"), want{entclick.KindDUPLICATE, false, "DUPLICATE", true}},
		{header("Sec-GPC", "1"), want{entclick.KindHUMAN, true, "", false}},
		{header("User-Agent", "Googlebot/2.1 (+http://www.google.com/bot.html)"), want{entclick.KindBOT, false, "KNOWN_AGENT", true}},
		{header("Sec-Purpose", "prefetch"), want{entclick.KindPREFETCH, false, "PREFETCH_HEADER", true}},
		{func(r *http.Request) { r.Method = http.MethodHead }, want{entclick.KindBOT, false, "HEAD_REQUEST", true}},
	} {
		record, kept := b.capture("spring", c.edit)
		b.must(b.deliver(record))
		expected[kept.id.String()] = c.want
	}
	for _, row := range b.clicks() {
		if got := (want{row.Kind, row.Payable, row.Reason, row.Consent}); got != expected[row.ID] {
			t.Errorf("%+v, want %+v", got, expected[row.ID])
		}
		if !row.Consent && (len(row.NetworkHash) > 0 || row.Referrer != "") {
			t.Errorf("kept without consent: %+v", row)
		}
	}
	if len(b.clicks()) != 6 {
		t.Fatalf("%d rows", len(b.clicks()))
	}
}

// TestBatchTwiceIsRowsOnce delivers a batch again, as a crash between commit and
// acknowledgement does, and then again with one more click.
func TestBatchTwiceIsRowsOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	human, _ := b.capture("spring")
	robot, _ := b.capture("spring", header("User-Agent", "Googlebot/2.1"))
	b.must(b.deliver(human, robot))
	b.must(b.deliver(human, robot))
	more, _ := b.capture("spring", header("User-Agent", "curl/8.0"))
	b.must(b.deliver(robot, more, human))
	if n := len(b.clicks()); n != 3 {
		t.Fatalf("%d rows", n)
	}
	want := []canon.Facts{{"clicks": "2", "unpayable": "1"}, {"clicks": "1", "unpayable": "1"}}
	got := b.counted()
	if len(got) != 2 || !maps.Equal(got[0], want[0]) || !maps.Equal(got[1], want[1]) || b.Stats().Stored != 3 {
		t.Fatalf("events %v, want %v", got, want)
	}
}

// TestBatchOfTwoMerchants stores both and tells each its own.
func TestBatchOfTwoMerchants(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	other := *b
	other.ctx, other.merchant = storetest.Merchant(t, b.store)
	other.program = other.addProgram()
	other.affiliate = other.addAffiliate("x@partner.example", "")
	other.enroll(other.affiliate)
	_, err := other.HostAdd(other.ctx, HostAddInput{ProgramID: other.program, Name: "shop.example", Purpose: "DESTINATION"})
	b.must(err)
	other.addLink("autumn")
	one, _ := b.capture("spring")
	two, _ := b.capture("autumn")
	b.must(b.deliver(one, two))
	for name, m := range map[string]*bundle{"one": b, "other": &other} {
		rows, events := m.clicks(), m.counted()
		if len(rows) != 1 || rows[0].MerchantID != m.merchant || len(events) != 1 || events[0]["clicks"] != "1" {
			t.Errorf("%s: %v, %v", name, rows, events)
		}
	}
}

// TestEventsDoNotStraddleAQuarter: no event of clicks lies on two days, whatever
// zone the program is in.
func TestEventsDoNotStraddleAQuarter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	b.clock.Advance(15*time.Minute - time.Millisecond)
	before, _ := b.capture("spring")
	b.clock.Advance(time.Millisecond)
	after, _ := b.capture("spring", header("User-Agent", chrome+" other"))
	b.must(b.deliver(before, after))
	if got := b.counted(); len(got) != 2 {
		t.Fatalf("events %v", got)
	}
}

// TestPoisonIsParkedAndCostsNoOtherClick makes the database refuse one click of
// nine, among records that cannot be read and one of a link that is not there.
func TestPoisonIsParkedAndCostsNoOtherClick(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	refuse := `CREATE TRIGGER refuse BEFORE INSERT ON clicks WHEN NEW.referrer = 'poison.example' BEGIN SELECT RAISE(ABORT, 'refused'); END`
	if b.store.Postgres() {
		refuse = `ALTER TABLE clicks ADD CONSTRAINT refuse CHECK (referrer <> 'poison.example')`
	}
	_, err := b.store.DB().ExecContext(b.ctx, refuse)
	b.must(err)
	var batch [][]byte
	for i := range 9 {
		from := "https://good.example"
		if i == 5 {
			from = "https://poison.example"
		}
		record, _ := b.capture("spring", header("Referer", from), header("User-Agent", chrome+strings.Repeat("x", i)))
		batch = append(batch, record)
	}
	nowhere := click{link: 999, id: newClickID(b.clock.Now(), true)}
	batch = append(batch, []byte("no click"), nowhere.appendTo(nil))
	b.must(b.deliver(batch...))
	if rows := b.clicks(); len(rows) != 8 {
		t.Errorf("%d rows", len(rows))
	}
	raw, err := os.ReadFile(filepath.Join(b.dataDir, "parked", "clicks.ndjson"))
	b.must(err)
	if lines := strings.Count(string(raw), "\n"); lines != 3 || b.Stats().Parked != 3 || !strings.Contains(string(raw), "there is no link 999") {
		t.Errorf("%d lines: %s", lines, raw)
	}
}

// TestNothingIsParkedWhileTheDatabaseIsAway: the batch fails and comes again.
func TestNothingIsParkedWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	record, _ := b.capture("spring")
	b.must(b.store.Close())
	if err := b.deliver(record); err == nil || b.Stats().Parked != 0 {
		t.Fatalf("%v, %d parked", err, b.Stats().Parked)
	}
}

// TestClicksWalkThroughTheStream opens links by HTTP and finds each as a row.
func TestClicksWalkThroughTheStream(t *testing.T) {
	t.Parallel()
	b := setup(t).withBus()
	b.addLink("spring")
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = b.WriteClicks(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	tokens := map[string]bool{}
	for range 40 {
		_, tok := b.tokenIn(b.open("/r/spring").Header.Get("Location"))
		tokens[tok.ClickID()] = true
	}
	b.await("40 rows", func() bool { return len(b.clicks()) == 40 && b.Stats().Stored == 40 }) // which is counted after the commit
	if got := b.Stats(); len(tokens) != 1 || got.Redirects != 40 || got.Unrecorded != 0 || got.Stored != 40 {
		t.Fatalf("%d tokens, %+v", len(tokens), got) // one visitor: 39 duplicates carry the first one's token
	}
}
