package webhook_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect/webhook"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/webhookdelivery"
	"github.com/tributary/tributary/ent/webhookendpoint"
	"github.com/tributary/tributary/internal/problem"
)

func answering(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

// An event reaches the endpoints that it is meant for, signed, once each. Without
// the look at types in wants, the second hears of the affiliate.
func TestA13_A14_A15_S30_EventsReachTheEndpointsTheyAreMeantFor(t *testing.T) {
	h := open(t)
	all, some := listen(t, nil), listen(t, nil)
	first := h.endpoint(webhook.EndpointInput{URL: all.URL, Name: "all"})
	h.endpoint(webhook.EndpointInput{URL: some.URL, Types: []string{"commission.approved"}})
	h.serve()
	h.happen("affiliate.approved", "aff_1")
	h.happen("commission.approved", "com_1")
	for i, want := range []string{"affiliate.approved", "commission.approved"} {
		g := all.next(t)
		var m webhook.Message
		if err := json.Unmarshal(g.body, &m); err != nil {
			t.Fatal(err)
		}
		if m.Data.Sequence != int64(i+1) { // two at once may overtake each other
			i = int(m.Data.Sequence) - 1
			want = []string{"affiliate.approved", "commission.approved"}[i]
		}
		if m.Type != want || m.Data.Facts["amount"] != "1250" || m.Data.Version != 1 || !m.Timestamp.Equal(h.clock.Now()) {
			t.Errorf("heard %s", g.body)
		}
		verify(t, first.Secret, g)
	}
	if g := some.next(t); !strings.Contains(string(g.body), "com_1") {
		t.Errorf("the second heard %s", g.body)
	}
	h.until("arrived", func(d *ent.WebhookDelivery) bool {
		return arrived(d) && d.EventType == "commission.approved" && d.LastStatus == 200
	})
	some.silent(t)
}

// A delivery that fails is tried again, under the same id and with the same bytes,
// after a pause; what was answered is written down. Without next_at in the claim it
// is tried at once.
func TestA16_A17_N23_FailuresAreTriedAgainUnderTheSameID(t *testing.T) {
	h := open(t)
	worked := make(chan bool, 1)
	e := listen(t, func(w http.ResponseWriter, _ *http.Request) {
		select {
		case <-worked:
		default:
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(strings.Repeat("x", 5000)))
		}
	})
	out := h.endpoint(webhook.EndpointInput{URL: e.URL})
	h.serve()
	h.happen("commission.approved", "com_1")
	one := e.next(t)
	d := h.until("failed once", tried(1))
	if d.LastStatus != 500 || d.NextAt == nil || d.NextAt.Sub(h.clock.Now()) < 4*time.Second || d.NextAt.Sub(h.clock.Now()) > 6*time.Second {
		t.Errorf("%+v", d)
	}
	row := h.store.Client().WebhookEndpoint.GetX(h.ctx, out.EndpointID)
	if row.FailingSince == nil {
		t.Error("nothing says that it fails")
	}
	worked <- true
	h.clock.Advance(7 * time.Second)
	two := e.next(t)
	if one.id != two.id || string(one.body) != string(two.body) || one.timestamp == two.timestamp {
		t.Errorf("%+v and %+v", one, two)
	}
	verify(t, out.Secret, two)
	d = h.until("arrived", arrived)
	log := d.QueryAttempts().AllX(h.ctx)
	if len(log) != 2 || log[0].Status+log[1].Status != 700 {
		t.Fatalf("%+v", log)
	}
	for _, a := range log {
		if text, err := h.Answer(a); err != nil || a.Status == 500 && text != strings.Repeat("x", 1024) {
			t.Errorf("answer of %d bytes, %v", len(text), err)
		}
	}
	if row = h.store.Client().WebhookEndpoint.GetX(h.ctx, out.EndpointID); row.FailingSince != nil {
		t.Error("it still fails")
	}
}

// 410 disables at once, and what comes after is written down as skipped.
func TestA16_GoneDisablesTheEndpoint(t *testing.T) {
	h := open(t)
	e := listen(t, answering(http.StatusGone))
	out := h.endpoint(webhook.EndpointInput{URL: e.URL, Types: []string{"commission.approved"}})
	h.serve()
	h.happen("commission.approved", "com_1")
	e.next(t)
	h.until("failed", func(d *ent.WebhookDelivery) bool { return d.Status == webhookdelivery.StatusFAILED })
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if row := h.store.Client().WebhookEndpoint.GetX(h.ctx, out.EndpointID); row.Status == webhookendpoint.StatusDISABLED {
			break
		}
	}
	h.happen("commission.approved", "com_2")
	h.until("skipped", func(d *ent.WebhookDelivery) bool { return d.Status == webhookdelivery.StatusSKIPPED })
	row := h.store.Client().WebhookEndpoint.GetX(h.ctx, out.EndpointID)
	if row.Reason == nil || *row.Reason != webhookendpoint.ReasonGONE {
		t.Errorf("%+v", row)
	}
	e.silent(t)
}

// Redirects are failures: what they lead to is not called.
func TestA16_RedirectsAreFailures(t *testing.T) {
	h := open(t)
	behind := listen(t, nil)
	e := listen(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, behind.URL, http.StatusTemporaryRedirect)
	})
	h.endpoint(webhook.EndpointInput{URL: e.URL})
	h.serve()
	h.happen("commission.approved", "com_1")
	if d := h.until("failed", tried(1)); d.LastStatus != 307 {
		t.Errorf("%+v", d)
	}
	behind.silent(t)
}

// Retry-After is heeded, by the delivery and by all others to the same endpoint.
// Without paused_until in the claim the second event is sent at once.
func TestA16_RetryAfterPausesTheEndpoint(t *testing.T) {
	h := open(t)
	e := listen(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "90")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	h.endpoint(webhook.EndpointInput{URL: e.URL})
	h.serve()
	h.happen("commission.approved", "com_1")
	d := h.until("failed", tried(1))
	if pause := d.NextAt.Sub(h.clock.Now()); pause != 90*time.Second {
		t.Errorf("next after %v", pause)
	}
	e.next(t)
	h.happen("commission.approved", "com_2")
	h.until("meant", func(d *ent.WebhookDelivery) bool { return d.SubjectID == "com_2" })
	time.Sleep(700 * time.Millisecond) // longer than the sender's longest pause
	e.silent(t)
	h.clock.Advance(91 * time.Second)
	e.next(t)
	e.next(t)
}

// Rotation: both secrets sign until the first one's time is over. Without the prior
// one in secrets, its holder's verification fails.
func TestA14_N22_RotationFailsNobody(t *testing.T) {
	h := open(t)
	e := listen(t, nil)
	out := h.endpoint(webhook.EndpointInput{URL: e.URL})
	h.serve()
	next, err := h.RotateSecret(h.ctx, webhook.RotateInput{ID: out.EndpointID})
	if err != nil || next.Secret == out.Secret {
		t.Fatal(err)
	}
	h.happen("commission.approved", "com_1")
	g := e.next(t)
	verify(t, out.Secret, g)
	verify(t, next.Secret, g)
	h.until("arrived", arrived)
	h.clock.Advance(25 * time.Hour)
	h.happen("commission.approved", "com_2")
	g = e.next(t)
	verify(t, next.Secret, g)
	if verified(out.Secret, g) == nil {
		t.Error("the old secret signs after its time")
	}
}

// Redelivery by id and by time, and a test, go the same way under their own ids.
func TestA17_N23_RedeliveryByIDAndByTime(t *testing.T) {
	h := open(t)
	e := listen(t, nil)
	out := h.endpoint(webhook.EndpointInput{URL: e.URL})
	off, on := false, true
	h.serve()
	h.happen("commission.approved", "com_1")
	first := e.next(t)
	d := h.until("arrived", arrived)
	if _, err := h.Redeliver(h.ctx, webhook.AgainInput{DeliveryID: d.ID}); err != nil {
		t.Fatal(err)
	}
	if again := e.next(t); again.id != first.id || string(again.body) != string(first.body) {
		t.Errorf("%+v, then %+v", first, again)
	}
	h.until("arrived twice", func(d *ent.WebhookDelivery) bool { return arrived(d) && d.Tries == 2 })
	if _, err := h.Update(h.ctx, webhook.UpdateInput{ID: out.EndpointID, Enabled: &off}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Redeliver(h.ctx, webhook.AgainInput{DeliveryID: d.ID}); problem.CodeOf(err) != problem.State {
		t.Errorf("redelivered to a disabled endpoint: %v", err)
	}
	from := h.clock.Now()
	h.clock.Advance(time.Minute)
	h.happen("commission.approved", "com_2", "com_3")
	h.until("skipped", func(d *ent.WebhookDelivery) bool {
		return d.SubjectID == "com_3" && d.Status == webhookdelivery.StatusSKIPPED
	})
	if _, err := h.Update(h.ctx, webhook.UpdateInput{ID: out.EndpointID, Enabled: &on}); err != nil {
		t.Fatal(err)
	}
	missed, err := h.Redeliver(h.ctx, webhook.AgainInput{EndpointID: out.EndpointID, From: from, To: h.clock.Now().Add(time.Second)})
	if err != nil || missed.Count != 2 || missed.More {
		t.Fatalf("%+v, %v", missed, err)
	}
	if a, b := e.next(t), e.next(t); a.id == b.id {
		t.Errorf("%s twice", a.id)
	}
	if _, err := h.Test(h.ctx, out.EndpointID); err != nil {
		t.Fatal(err)
	}
	if g := e.next(t); !strings.Contains(string(g.body), `"type":"webhook.test"`) {
		t.Errorf("%s", g.body)
	}
}

// What is older than thirty days goes with its tries, what is on its way stays.
func TestA17_DeliveriesAreKeptForThirtyDays(t *testing.T) {
	h := open(t)
	e := listen(t, nil)
	h.endpoint(webhook.EndpointInput{URL: e.URL})
	stop := h.serve()
	h.happen("commission.approved", "com_1", "com_2")
	h.until("arrived", func(d *ent.WebhookDelivery) bool { return arrived(d) && d.Sequence == 2 })
	h.until("arrived", func(d *ent.WebhookDelivery) bool { return arrived(d) && d.Sequence == 1 })
	stop()
	h.clock.Advance(29 * 24 * time.Hour)
	if n, err := h.store.ForgetDeliveries(h.ctx, 10); n != 0 || err != nil {
		t.Errorf("%d were forgotten early, %v", n, err)
	}
	one := h.store.Client().WebhookDelivery.Query().Where(webhookdelivery.Sequence(1)).OnlyX(h.ctx)
	if _, err := h.Redeliver(h.ctx, webhook.AgainInput{DeliveryID: one.ID}); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(2 * 24 * time.Hour)
	if n, err := h.store.ForgetDeliveries(h.ctx, 10); n != 1 || err != nil {
		t.Errorf("%d were forgotten, %v", n, err)
	}
	left := h.store.Client().WebhookDelivery.Query().OnlyX(h.ctx)
	if left.ID != one.ID || h.store.Client().WebhookAttempt.Query().CountX(h.ctx) != 1 {
		t.Errorf("%+v is left", left)
	}
}

func TestAddressesAndSecretsAreChecked(t *testing.T) {
	h := open(t)
	strict := webhook.New(webhook.Config{Store: h.store})
	for url, field := range map[string]string{
		"": "url", "ftp://example.com": "url", "http://example.com": "url", "https://user:pass@example.com": "url", "https://": "url", "https://example.com/#x": "url",
		"https://10.0.0.1/": "url", "https://vm/": "url", "https://0x7f.1/": "url", "https://2130706433/": "url", "https://ⓛocalhost/": "url", "https://0/": "url", "https://[::1]/": "url", "http://localhost:8080": "url", "https://localhost/": "url", "https://169.254.169.254/latest": "url",
		"https://[::ffff:10.0.0.1]/": "url", "https://" + strings.Repeat("a", 2100): "url",
	} {
		_, err := strict.Create(h.ctx, webhook.EndpointInput{URL: url})
		if p, ok := problem.As(err); !ok || len(p.Field) != 1 || p.Field[0] != field {
			t.Errorf("%q: %v", url, err)
		}
	}
	for field, in := range map[string]webhook.EndpointInput{
		"secret":      {URL: "https://example.com", Secret: "whsec_c2hvcnQ="},
		"types":       {URL: "https://example.com", Types: []string{"no.such"}},
		"programId":   {URL: "https://example.com", ProgramID: "prg_none"},
		"affiliateId": {URL: "https://example.com", AffiliateID: "aff_none"},
		"ordering":    {URL: "https://example.com", Ordering: "SOME"},
	} {
		_, err := strict.Create(h.ctx, in)
		if p, ok := problem.As(err); !ok || len(p.Field) != 1 || p.Field[0] != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if n := h.store.Client().WebhookEndpoint.Query().CountX(h.ctx); n != 0 {
		t.Errorf("%d endpoints were made", n)
	}
}
