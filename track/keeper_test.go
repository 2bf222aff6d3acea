package track

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/host"
	"github.com/tributary/tributary/ent/program"
)

func TestLinkWorksTheMomentLinkCreateReturns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, slug := range []string{"one", "two", "three"} {
		if code := b.open("/r/" + slug).StatusCode; code != 404 {
			t.Fatalf("before: %d", code)
		}
		b.addLink(slug)
		if code := b.open("/r/" + slug).StatusCode; code != 302 {
			t.Fatalf("after: %d", code)
		}
	}
}

// TestNewLinkIsFoundByAMissThatBeganBefore: the look-up has read the rows
// without the link, and ends after linkCreate has returned.
func TestNewLinkIsFoundByAMissThatBeganBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	k := key{"", "spring"}
	f := b.misses.join(k, b.clock.Now(), func(*flight) {})
	b.addLink("spring")
	b.misses.land(k, f, b.clock.Now(), func() *link { return b.index.find(k) })
	if f.link == nil || len(b.misses.unknown) > 0 {
		t.Fatal("who waited is told that there is no such link")
	}
}

// TestLinkIsOpenedAllTheWhileItIsCreated is the same with many visitors.
func TestLinkIsOpenedAllTheWhileItIsCreated(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, slug := range []string{"aaa", "bbb", "ccc"} {
		stop := make(chan struct{})
		var visitors sync.WaitGroup
		for range 4 {
			visitors.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						b.open("/r/" + slug)
					}
				}
			})
		}
		b.addLink(slug)
		code := b.open("/r/" + slug).StatusCode
		close(stop)
		visitors.Wait()
		if code != 302 {
			t.Fatalf("%s: %d", slug, code)
		}
	}
}

// follows runs what a server runs for its index until the test ends.
func (b *bundle) follows(s *Service) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, run := range []func(context.Context) error{s.store.Sequence, s.store.Tail, s.KeepIndex} {
		running.Go(func() { _ = run(ctx) })
	}
	b.t.Cleanup(func() { cancel(); running.Wait() })
}

// await waits for a change that another goroutine brings.
func (b *bundle) await(what string, reached func() bool) {
	b.t.Helper()
	for limit := time.Now().Add(patience); !reached(); {
		if time.Now().After(limit) {
			b.t.Fatalf("never: %s", what)
		}
		pause(b.t.Context(), 2*time.Millisecond)
	}
}

// TestAnotherServersChangesArrive changes rows as another server does: this
// one's index hears of them by the journal alone.
func TestAnotherServersChangesArrive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	l := b.addLink("early")
	here := newService(t, Config{Store: b.store})
	b.follows(here)
	reason := func(slug, want string) func() bool {
		return func() bool {
			l := here.index.find(key{"", slug})
			return l != nil && l.reason == want
		}
	}
	b.await("the first reading", reason("early", ""))
	b.addLink("late")
	b.await("a new link", reason("late", ""))
	b.addHost("go.example", host.PurposeTRACKING)
	b.await("a new host", func() bool { return here.Serves("go.example") })
	_, err := b.LinkArchive(b.ctx, l.ID, nil)
	b.must(err)
	b.await("an archived link", reason("early", "LINK_ARCHIVED"))
	b.setAffiliate(b.affiliate, affiliate.StatusSUSPENDED)
	b.await("a suspended affiliate", reason("late", "AFFILIATE_SUSPENDED"))
	b.setAffiliate(b.affiliate, affiliate.StatusACTIVE)
	b.await("a reinstated affiliate", reason("late", ""))
	b.endEnrollment(b.affiliate)
	b.await("an ended enrollment", reason("late", "NOT_ENROLLED"))
	b.setProgram(program.StatusPAUSED)
	b.await("a paused program", reason("late", "PROGRAM_PAUSED"))
	b.removeShop()
	_, err = b.PolicyActivate(b.ctx, PolicyActivateInput{ProgramID: b.program, WindowDays: 9})
	b.must(err)
	b.await("a policy", func() bool { return here.index.find(key{"", "late"}).row.Window == 9*day })
	b.await("a removed host", func() bool { return here.index.find(key{"", "late"}).hostGone })
}

// TestNoVisitorIsSentAwayByAServerThatHasJustStarted: it has read neither links nor
// hosts, and many open a link at once. With the list of hosts read after the link is
// put into the index, those who come between go to the fallback without a token.
func TestNoVisitorIsSentAwayByAServerThatHasJustStarted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	for range 20 {
		here := newService(t, Config{Store: b.store})
		var visitors sync.WaitGroup
		for range 16 {
			visitors.Go(func() {
				for range 20 {
					w := httptest.NewRecorder()
					here.Redirect().ServeHTTP(w, httptest.NewRequestWithContext(b.ctx, "GET", "/r/spring", nil))
					if to := w.Header().Get("Location"); w.Code == 302 && !strings.Contains(to, "trb_click=") {
						t.Errorf("sent to %s", to)
					}
				}
			})
		}
		visitors.Wait()
	}
}

// TestAnOlderReadingDoesNotReplaceANewerOne: readings overtake one another.
func TestAnOlderReadingDoesNotReplaceANewerOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	l := b.addLink("spring")
	before, err := b.store.DoorLinksOf(b.ctx, b.merchant, l.ID, 0, 1)
	b.must(err)
	_, err = b.LinkArchive(b.ctx, l.ID, nil)
	b.must(err)
	b.index.put(b.index.ready(before))
	if got := b.index.find(key{"", "spring"}).reason; got != "LINK_ARCHIVED" {
		t.Fatalf("reason %q", got)
	}
}

func TestLinksWorkFromTheSnapshotWithoutADatabase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := b.addLinkWith(LinkCreateInput{Slug: "spring", HostID: b.addHost("go.example", host.PurposeTRACKING), SubIDs: map[string]string{"s1": "x"}})
	b.addLink("summer")
	b.saveSnapshot()
	b.must(b.store.Close())
	started := newService(t, Config{Store: b.store, DataDir: b.dataDir})
	b.Service = started
	for _, target := range []string{"http://go.example/spring", "/r/summer"} {
		if r := b.open(target); r.StatusCode != 302 {
			t.Errorf("%s: %d", target, r.StatusCode)
		}
	}
	row := started.index.find(key{"go.example", out.Slug}).row
	if row.ID != out.ID || row.SubIDs["s1"] != "x" || row.MerchantID != b.merchant || row.AffiliateID != b.affiliate {
		t.Errorf("%+v", row)
	}
}

// TestAnyReadingIsBetterThanASnapshot: the link was archived after it was written.
func TestAnyReadingIsBetterThanASnapshot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	l := b.addLink("spring")
	b.saveSnapshot()
	_, err := b.LinkArchive(b.ctx, l.ID, nil)
	b.must(err)
	started := newService(t, Config{Store: b.store, DataDir: b.dataDir})
	before := started.index.find(key{"", "spring"}).reason
	b.must(started.refreshAll(b.ctx))
	if after := started.index.find(key{"", "spring"}).reason; before != "" || after != "LINK_ARCHIVED" {
		t.Fatalf("%q, then %q", before, after)
	}
}

func TestDamagedSnapshotIsLeftAside(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	b.saveSnapshot()
	path := filepath.Join(b.dataDir, snapshotName)
	good, err := os.ReadFile(path)
	b.must(err)
	for at := range good { // every single byte counts
		bad := append([]byte(nil), good...)
		bad[at] ^= 0x20
		b.must(os.WriteFile(path, bad, 0o600))
		if _, _, err := readSnapshot(path); err == nil {
			t.Fatalf("byte %d of %d does not matter", at, len(good))
		}
	}
	b.must(os.WriteFile(path, good[:len(good)/2], 0o600))
	if got := newService(t, Config{Store: b.store, DataDir: b.dataDir}).Stats().Links; got != 0 {
		t.Fatalf("%d links of half a file", got)
	}
}

func TestSnapshotIsWrittenOnlyWhenSomethingChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	b.saveSnapshot()
	path := filepath.Join(b.dataDir, snapshotName)
	b.must(os.Remove(path))
	b.saveSnapshot()
	if _, err := os.Stat(path); err == nil {
		t.Fatal("written without a change")
	}
	b.addLink("summer")
	b.saveSnapshot()
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
}
