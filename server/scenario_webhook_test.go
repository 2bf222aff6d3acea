package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// hooked gives a merchant an endpoint, and a delivery that has arrived there: nothing
// of it is tried again while others look.
func (s *stage) hooked() {
	s.Helper()
	listens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	s.Cleanup(listens.Close)
	s.set("owner", "webhookEndpointCreate", `{"url":"`+listens.URL+`","types":["webhook_endpoint.disabled"],"programId":"$program","affiliateId":"$ann"}`, "endpoint { id }", "endpoint=endpoint.id")
	s.set("owner", "webhookEndpointTest", `{"id":"$endpoint"}`, "delivery { id }", "delivery=delivery.id")
	s.eventually("the delivery arrived", func() bool {
		a := s.ask("owner", s.text(`{ node(id: "$delivery") { ... on WebhookDelivery { status } } }`), "null")
		return dig(a.data, "node", "status") == "DELIVERED"
	})
}

// Automation tools subscribe and unsubscribe with a token, on the same rows; who may
// not is refused, and what people have made is not theirs to end. Without may, the
// analyst subscribes.
func TestI07_S30_ToolsSubscribeByThemselves(t *testing.T) {
	t.Parallel()
	s := open(t).stage(t)
	heard := make(chan string, 100)
	tool := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		heard <- string(raw)
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusGone)
		}
	}))
	t.Cleanup(tool.Close)
	rest := func(status int, as, method, path, body string) map[string]any {
		t.Helper()
		res := s.http(method, path, body, "Authorization", "Bearer "+s.token(as), "Content-Type", "application/json")
		defer res.Body.Close()
		raw, _ := io.ReadAll(res.Body)
		var out map[string]any
		_ = json.Unmarshal(raw, &out)
		if res.StatusCode != status {
			t.Errorf("%s %s as %s: %d %s", method, path, as, res.StatusCode, raw)
		}
		if out == nil {
			out = map[string]any{"": string(raw)}
		}
		return out
	}
	if me := rest(200, "owner", "GET", "/me", ""); me["mode"] != "LIVE" || me["merchant"] == "" {
		t.Errorf("%v", me)
	}
	rest(401, "nobody", "GET", "/me", "")
	rest(401, "nobody", "POST", "/webhook-subscriptions", `{}`)
	rest(403, "ann", "POST", "/webhook-subscriptions", `{"targetUrl":"`+tool.URL+`"}`)
	rest(400, "owner", "POST", "/webhook-subscriptions", `targetUrl=`)
	rest(400, "owner", "POST", "/webhook-subscriptions", `{"targetUrl":"`+tool.URL+`","event":"no.such"}`)
	rest(400, "owner", "POST", "/webhook-subscriptions", `{"targetUrl":"https://10.0.0.1/"}`)
	sample := rest(200, "owner", "GET", "/webhook-subscriptions/samples?event=dispute.opened", "")[""]
	if text, _ := sample.(string); !strings.HasPrefix(text, `[{"id":"whd_`) || !strings.Contains(text, `"type":"dispute.opened"`) {
		t.Errorf("%v", sample)
	}
	id, _ := rest(201, "owner", "POST", "/webhook-subscriptions", `{"targetUrl":"`+tool.URL+`","event":"affiliate.updated"}`)["id"].(string)
	gone, _ := rest(201, "owner", "POST", "/webhook-subscriptions", `{"hookUrl":"`+tool.URL+`/gone","event":"affiliate.updated"}`)["id"].(string)
	s.set("owner", "affiliateGroupCreate", `{"name":"Gold"}`, "affiliateGroup { id }", "gold=affiliateGroup.id")
	s.set("owner", "affiliateUpdate", `{"id":"$ann","groupId":"$gold"}`, "affiliate { id }")
	for range 2 {
		select {
		case text := <-heard:
			if !strings.Contains(text, `"type":"affiliate.updated"`) || !strings.Contains(text, s.names["ann"]) {
				t.Errorf("%s", text)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was heard")
		}
	}
	s.eventually("the tool's address is unsubscribed", func() bool {
		a := s.ask("owner", `{ node(id: "`+gone+`") { ... on WebhookEndpoint { status url } } }`, "null")
		return dig(a.data, "node", "status") == "DELETED"
	})
	rest(204, "owner", "DELETE", "/webhook-subscriptions/"+id, "")
	rest(204, "owner", "DELETE", "/webhook-subscriptions/"+id, "")
	s.set("owner", "webhookEndpointCreate", `{"url":"https://hooks.example/x"}`, "endpoint { id }", "made=endpoint.id")
	rest(404, "owner", "DELETE", "/webhook-subscriptions/"+s.names["made"], "")
}
