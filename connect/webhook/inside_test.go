package webhook

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
)

var typeText = regexp.MustCompile(`"([a-z_]+\.[a-z_]+)"`)

// spoken are the types that the rooms emit, as they are written in the code.
func spoken(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, room := range []string{"roster", "track", "earn", "pay", "internal/store", "connect", "connect/webhook"} {
		paths, err := filepath.Glob("../../" + room + "/*.go")
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v", room, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "/catalogue.go") {
				continue
			}
			for _, line := range strings.Split(string(text), "\n") {
				if m := typeText.FindStringSubmatch(line); m != nil && emits.MatchString(line) {
					all[m[1]] = true
				}
			}
		}
	}
	return all
}

// emits are the forms of lines that name a type which is emitted.
var emits = regexp.MustCompile(`^\s*event[A-Z]\w* += "|const [eE]vent\w+ = "|Type: +"|[eE]mit\(|told\(tx, "|Event\("|affiliate\.Status\w+, affiliate\.Status\w+, "|enrollment\.Status\w+: +"`)

// What the rooms emit is in the catalogue, and what is in it is emitted by one.
func TestTheCatalogueIsWhatTheRoomsEmit(t *testing.T) {
	t.Parallel()
	emitted := spoken(t)
	emitted[typeDisabled] = true
	if len(emitted) < 50 {
		t.Fatalf("only %d types were found", len(emitted))
	}
	for _, one := range Types() {
		if !emitted[one.Name] {
			t.Errorf("nobody emits %s", one.Name)
		}
		delete(emitted, one.Name)
	}
	for name := range emitted {
		t.Errorf("%s is not in the catalogue", name)
	}
	if !slices.IsSortedFunc(catalogue, func(a, b Type) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the catalogue is not sorted")
	}
}

// 5 s + 5 min + 30 min + 2 + 5 + 10 + 14 + 20 + 24 + 24 h = 99 h 35 min 5 s; a fifth
// less of each is 79 h 40 min 4 s.
func TestA16_R3_TriesSpan75HoursWithJitter(t *testing.T) {
	t.Parallel()
	for permille, want := range map[int]time.Duration{
		1000: 99*time.Hour + 35*time.Minute + 5*time.Second,
		800:  79*time.Hour + 40*time.Minute + 4*time.Second,
		1200: 119*time.Hour + 30*time.Minute + 6*time.Second,
	} {
		var sum time.Duration
		n := 1
		for ; ; n++ {
			pause, more := pauseAfter(n, permille)
			if !more {
				break
			}
			sum += pause
		}
		if sum != want || n != 11 {
			t.Errorf("at %d: %d tries over %v, want %v", permille, n, sum, want)
		}
	}
	least, most := 1000, 1000
	for range 100_000 {
		j := jitter()
		least, most = min(least, j), max(most, j)
	}
	if least != 800 || most != 1200 {
		t.Errorf("jitter from %d to %d", least, most)
	}
}

func TestA16_RetryAfterIsReadInBothForms(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "soon": 0, "-5": 0, "0": 0, "120": 2 * time.Minute, "999999": 24 * time.Hour, "99999999999999999999": 0,
		"Mon, 02 Mar 2026 10:01:30 GMT": 90 * time.Second, "Mon, 02 Mar 2026 09:00:00 GMT": 0, "Tue, 02 Mar 2027 10:00:00 GMT": 24 * time.Hour,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// The id is that of event and endpoint, and sorts by the event's millisecond.
func TestN23_IDsAreOfEventAndEndpoint(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	event, later := id.New(id.Event, at), id.New(id.Event, at.Add(time.Millisecond))
	one, two := id.New(id.Endpoint, at), id.New(id.Endpoint, at)
	a := deliveryID(event, one)
	if a != deliveryID(event, one) || a == deliveryID(event, two) || a == deliveryID(later, one) || a > deliveryID(later, one) {
		t.Errorf("%s", a)
	}
	if made, err := id.Time(a); err != nil || !made.Equal(at) || !id.Is(a, id.Delivery) {
		t.Errorf("%s is of %v, %v", a, made, err)
	}
}

// What fails holds one place in the end, what works grows to its limit, and a
// merchant's endpoints together have theirs. Without the halving in end, the first
// goes on holding eight.
func TestR3_WindowsFollowHowWellEndpointsAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk(Limits{Endpoint: 16, Merchant: 20}.withDefaults())
	bad, good, third := &store.ClaimedEndpoint{ID: "bad", MerchantID: "m"}, &store.ClaimedEndpoint{ID: "good", MerchantID: "m"}, &store.ClaimedEndpoint{ID: "third", MerchantID: "m"}
	for range 5 {
		d.begin(bad)
		d.end(bad, false)
		d.begin(good)
		d.end(good, true)
	}
	if d.room(bad) != 1 || d.room(good) != 13 || d.room(third) != 8 {
		t.Errorf("rooms %d, %d, %d", d.room(bad), d.room(good), d.room(third))
	}
	d.begin(bad)
	for range 13 {
		d.begin(good)
	}
	if busy := d.busy(); len(busy) != 2 || d.room(third) != 6 || d.free() != 1024-14 {
		t.Errorf("busy %v, third %d, free %d", busy, d.room(third), d.free())
	}
}
