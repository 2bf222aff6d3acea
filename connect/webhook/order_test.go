package webhook_test

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/connect/webhook"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/webhookdelivery"
	"github.com/tributary/tributary/ent/webhookendpoint"
	"github.com/tributary/tributary/internal/mail"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
)

// subjectsOf sends 40 events of two subjects to an endpoint that fails the first of
// each subject once, and gives what it accepted, in order.
func subjectsOf(t *testing.T, ordering string) []string {
	h := open(t)
	var mu sync.Mutex
	failed, accepted := map[string]bool{}, []string(nil)
	e := listen(t, nil)
	e.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		_, _ = b.ReadFrom(r.Body)
		_, rest, _ := strings.Cut(b.String(), `"subjectId":"`)
		subject, _, _ := strings.Cut(rest, `"`)
		_, rest, _ = strings.Cut(b.String(), `"sequence":`)
		number, _, _ := strings.Cut(rest, `,`)
		mu.Lock()
		defer mu.Unlock()
		if !failed[subject] {
			failed[subject] = true
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		accepted = append(accepted, subject+" "+number)
	})
	h.endpoint(webhook.EndpointInput{URL: e.URL, Ordering: ordering})
	var subjects []string
	for range 20 {
		subjects = append(subjects, "com_a", "com_b")
	}
	h.happen("commission.approved", subjects...)
	h.serve()
	h.until("failed", tried(1))
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if h.waiting() { // until a pause is over; leases are longer than both together
			h.clock.Advance(7 * time.Second)
		}
		mu.Lock()
		n := len(accepted)
		mu.Unlock()
		if n == 40 {
			break
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(accepted) != 40 {
		t.Fatalf("%d were accepted: %v", len(accepted), accepted)
	}
	return accepted
}

// rising reports whether the numbers of each subject, or of all, rise.
func rising(accepted []string, subject string) bool {
	last := 0
	for _, one := range accepted {
		name, number, _ := strings.Cut(one, " ")
		n, _ := strconv.Atoi(number)
		if strings.HasPrefix(name, subject) {
			if n <= last {
				return false
			}
			last = n
		}
	}
	return true
}

// What one endpoint asked for in order comes in order, although its first message
// failed. With the empty text in inTurn the others overtake it.
func TestN23_Q77_OrderByEntityIsHeldThroughFailures(t *testing.T) {
	got := subjectsOf(t, "ENTITY")
	if !rising(got, "com_a") || !rising(got, "com_b") {
		t.Errorf("%v", got)
	}
}

func TestN23_Q77_OrderByEndpointIsHeldThroughFailures(t *testing.T) {
	if got := subjectsOf(t, "ENDPOINT"); !rising(got, "com") {
		t.Errorf("%v", got)
	}
}

func TestN23_WithoutOrderOthersOvertakeWhatFailed(t *testing.T) {
	if got := subjectsOf(t, "NONE"); rising(got, "com_a") && rising(got, "com_b") {
		t.Errorf("%v", got)
	}
}

// Five days of failure disable an endpoint: an event tells of it, and a letter its
// owners. Without the look at FailingSince it goes on for ever.
func TestA16_N22_FiveDaysOfFailureDisable(t *testing.T) {
	letters := t.TempDir()
	h := open(t, func(c *webhook.Config) { c.Mail = mail.Folder{Path: letters, From: "us@example.com"} })
	sick, well := listen(t, answering(http.StatusBadGateway)), listen(t, nil)
	out := h.endpoint(webhook.EndpointInput{URL: sick.URL, Types: []string{"commission.approved"}})
	h.endpoint(webhook.EndpointInput{URL: well.URL, Types: []string{"webhook_endpoint.disabled"}})
	owner(t, h)
	q, err := queue.New(queue.Config{Store: h.store, Tasks: h.Tasks()})
	if err != nil {
		t.Fatal(err)
	}
	run(t, q.Run)
	h.serve()
	row := func() *ent.WebhookEndpoint { return h.store.Client().WebhookEndpoint.GetX(h.ctx, out.EndpointID) }
	for day := range 6 {
		h.happen("commission.approved", "com_"+strconv.Itoa(day))
		h.until("failed", func(d *ent.WebhookDelivery) bool {
			return d.SubjectID == "com_"+strconv.Itoa(day) && (d.LastError != "" || d.Status == webhookdelivery.StatusSKIPPED)
		})
		if day < 5 && row().Status != webhookendpoint.StatusENABLED {
			t.Fatalf("disabled after %d days", day)
		}
		h.clock.Advance(24*time.Hour + time.Minute)
	}
	g := well.next(t)
	if !strings.Contains(string(g.body), `"reason":"FAILING"`) || !strings.Contains(string(g.body), out.EndpointID) {
		t.Errorf("%s", g.body)
	}
	if r := row(); r.Status != webhookendpoint.StatusDISABLED || *r.Reason != webhookendpoint.ReasonFAILING {
		t.Errorf("%+v", r)
	}
	if text := letter(t, letters); !strings.Contains(text, "127.0.0.1:") || !strings.Contains(text, "To: <ann@example.com>") {
		t.Errorf("%s", text)
	}
}

// A server that is lost with deliveries under way sends nothing twice at once, and
// everything in the end: another takes them up when their lease is over.
func TestR3_N23_WhatALostServerHadClaimedIsSent(t *testing.T) {
	h := open(t)
	e := listen(t, nil)
	h.endpoint(webhook.EndpointInput{URL: e.URL})
	h.happen("commission.approved", "com_1", "com_2", "com_3")
	if h.store.Postgres() {
		run(t, h.store.Sequence)
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if n, err := h.store.Catch(h.ctx, h.Follower()); err != nil || n == 4 || n == 3 {
			break
		}
	}
	lost, err := h.store.DoorClaimWebhooks(h.ctx, store.Claim{
		Most: 2, Lease: 45 * time.Second, Begin: func() {}, Took: func(*store.ClaimedEndpoint, int) {}, Room: func(*store.ClaimedEndpoint) int { return 2 },
	})
	if err != nil || len(lost) != 2 {
		t.Fatalf("%d claimed, %v", len(lost), err)
	}
	h.serve()
	e.next(t) // the third
	h.until("arrived", arrived)
	e.silent(t)
	h.clock.Advance(46 * time.Second)
	heard := map[string]bool{e.next(t).id: true, e.next(t).id: true}
	if !heard[lost[0].ID] || !heard[lost[1].ID] {
		t.Errorf("heard %v", heard)
	}
	h.until("all arrived", func(*ent.WebhookDelivery) bool {
		return h.store.Client().WebhookDelivery.Query().Where(webhookdelivery.StatusEQ(webhookdelivery.StatusDELIVERED)).CountX(h.ctx) == 3
	})
}
