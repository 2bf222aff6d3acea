package hubspot_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/hubspot"
	"github.com/tributary/tributary/connect/hubspot/hubspottest"
	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/internal/egress"
)

// desk is a client beside the account that it calls.
type desk struct {
	*testing.T
	hubspot.Provider
	portal *hubspottest.Portal
	call   connect.Call
	c      connect.Credentials
}

func open(t *testing.T) *desk {
	t.Helper()
	p := hubspottest.Open(7)
	t.Cleanup(p.Close)
	client := egress.New(egress.Options{Guard: egress.Guard{Loopback: true}, Answer: 4 << 20})
	t.Cleanup(client.Close)
	return &desk{t, hubspot.At(p.URL), p, client.Do, connect.Credentials{Keys: map[string]string{"accessToken": hubspottest.AccessToken}}}
}

// prepared has made the properties of ours.
func prepared(t *testing.T) *desk {
	t.Helper()
	d := open(t)
	if err := d.Prepare(t.Context(), d.call, hubspottest.Account, d.c); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) push(k connect.Kind, batch ...connect.Outgoing) ([]connect.Written, error) {
	return d.Push(d.Context(), d.call, hubspottest.Account, d.c, k, batch)
}

func buyer(n int) connect.Outgoing {
	return connect.Outgoing{Key: fmt.Sprintf("cus_%03d", n), Values: mapping.Record{"email": fmt.Sprintf("b%d@example.com", n), "tributary_orders": int64(n)}}
}

func buyers(n int) (all []connect.Outgoing) {
	for i := range n {
		all = append(all, buyer(i))
	}
	return all
}

func TestS15_ARecordWrittenTwiceIsOne(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	d.portal.Do(func() { d.portal.Reorder = true })
	first, err := d.push(connect.KindCustomer, buyers(250)...)
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.push(connect.KindCustomer, buyers(250)...)
	if err != nil || !slices.Equal(first, again) || d.portal.Count("contacts") != 250 {
		t.Errorf("%v: %d contacts", err, d.portal.Count("contacts"))
	}
	for i, w := range first { // each answer stands at its record's place
		if got := d.portal.Records("contacts", "tributary_customer_id")[buyer(i).Key]; got.ID != w.RemoteID || got.Properties["tributary_orders"] != fmt.Sprint(i) {
			t.Fatalf("%d: %+v, %+v", i, w, got)
		}
	}
	if !slices.Equal(d.portal.BatchSizes, []int{100, 100, 50, 100, 100, 50}) {
		t.Errorf("batches of %v", d.portal.BatchSizes)
	}
}

// One conflict refuses a whole batch of HubSpot's; it is split, and the record that
// has the address already is taken over.
func TestS15_AConflictIsSplitAndTheOldContactTakenOver(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	old := d.portal.Put("contacts", map[string]string{"email": "b37@example.com", "lastname": "Kept"})
	got, err := d.push(connect.KindCustomer, buyers(100)...)
	if err != nil || got[37].RemoteID != old || d.portal.Count("contacts") != 100 {
		t.Fatalf("%v: %+v", err, got[37])
	}
	if now := d.portal.Records("contacts", "tributary_customer_id")["cus_037"]; now.Properties["lastname"] != "Kept" || now.Properties["tributary_orders"] != "37" {
		t.Errorf("taken over: %+v", now)
	}
	if len(d.portal.BatchSizes) > 16 { // 1 + 2 for each of 7 halvings + 1
		t.Errorf("%d calls: %v", len(d.portal.BatchSizes), d.portal.BatchSizes)
	}
	// The same person as an affiliate is the same contact.
	other, err := d.push(connect.KindAffiliate, connect.Outgoing{Key: "aff_1", Values: mapping.Record{"email": "b37@example.com"}})
	if err != nil || other[0].RemoteID != old {
		t.Errorf("%v: %+v", err, other)
	}
}

func TestS15_OneBadRecordOfABatchIsRefusedAlone(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	batch := buyers(20)
	batch[4].Values["email"] = "no address"
	got, err := d.push(connect.KindCustomer, batch...)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range got {
		if want := map[bool]string{true: "INVALID_EMAIL"}[i == 4]; !w.Known || w.Refused != want || (w.RemoteID == "") != (i == 4) {
			t.Errorf("%d: %+v", i, w)
		}
	}
}

func TestS23_AnEmptyValueClearsWhatWasThere(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	one := connect.Outgoing{Key: "cus_1", Values: mapping.Record{"tributary_referred_by": "aff_1"}}
	for _, v := range []string{"aff_1", ""} {
		one.Values["tributary_referred_by"] = v
		if _, err := d.push(connect.KindCustomer, one); err != nil {
			t.Fatal(err)
		}
		if got := d.portal.Records("contacts", "tributary_customer_id")["cus_1"].Properties["tributary_referred_by"]; got != v {
			t.Errorf("got %q, want %q", got, v)
		}
	}
}

func TestS67_WhatHubSpotSaysOfItsLimitsIsUnderstood(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	h := http.Header{}
	for name, v := range map[string]string{"Interval-Milliseconds": "10000", "Max": "190", "Remaining": "7"} {
		h.Set("X-HubSpot-RateLimit-"+name, v)
	}
	if got := d.Pace(200, h); got != (connect.Pace{Limit: 190, Remaining: 7, Every: 10 * time.Second}) {
		t.Errorf("%+v", got)
	}
	d.portal.Limit(1, time.Hour)
	_, first := d.push(connect.KindCustomer, buyer(1))
	_, err := d.push(connect.KindCustomer, buyer(1))
	if late, is := errors.AsType[connect.Throttled](err); first != nil || !is || late.Wait != time.Hour {
		t.Errorf("%v, %v", first, err)
	}
}

// What HubSpot refuses, each as it was seen, and what the client makes of it.
func TestS15_RefusalsAreSurvived(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  func(*hubspottest.Portal)
		says error
	}{
		"no token any more":  {func(p *hubspottest.Portal) { p.Withdraw() }, connect.ErrWithdrawn},
		"down":               {func(p *hubspottest.Portal) { p.Do(func() { p.Down = 503 }) }, connect.Answered(503)},
		"scopes are missing": {func(p *hubspottest.Portal) { p.Do(func() { p.Down = 403 }) }, connect.ErrWithdrawn},
		"broken on the way":  {func(p *hubspottest.Portal) { p.Do(func() { p.FailIn = 1 }) }, connect.Answered(502)},
		"moved":              {func(p *hubspottest.Portal) { p.Do(func() { p.Down = 302 }) }, connect.Answered(302)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := prepared(t)
			c.set(d.portal)
			if got, err := d.push(connect.KindCustomer, buyer(1)); !errors.Is(err, c.says) || got[0].Known {
				t.Errorf("%v: %+v", err, got)
			}
		})
	}
	d := prepared(t)
	lost := buyer(1)
	lost.Values["their_own"] = "x"
	if _, err := d.push(connect.KindCustomer, lost, buyer(2)); !errors.Is(err, connect.Answered(400)) || d.portal.Batches != 1 {
		t.Errorf("a property that is gone: %v after %d calls", err, d.portal.Batches)
	}
	twice := buyer(3)
	if got, err := d.push(connect.KindCustomer, twice, twice); err != nil || got[0] != got[1] || d.portal.Count("contacts") != 1 {
		t.Errorf("a record twice in one batch: %v, %+v", err, got)
	}
	if err := d.Link(t.Context(), d.call, "", d.c, connect.Written{RemoteID: "1"}, connect.KindDeal, connect.Written{RemoteID: "2"}, connect.KindCustomer); !errors.Is(err, connect.Answered(404)) {
		t.Errorf("records that are gone: %v", err)
	}
	bad := buyer(4)
	bad.Values["tributary_orders"] = "many"
	if got, err := d.push(connect.KindCustomer, bad); err != nil || got[0].Refused != "INVALID_TRIBUTARY_ORDERS" {
		t.Errorf("no number: %v, %+v", err, got)
	}
	for _, seen := range d.portal.Refused {
		t.Log(seen)
	}
	if !slices.ContainsFunc(d.portal.Refused, func(s string) bool { return strings.Contains(s, "their_own") }) {
		t.Error("the account has refused nothing")
	}
}

// The account that is played refuses what HubSpot refuses: a client that wrote so
// would be found out.
func TestS15_ThePlayedAccountRefusesWhatHubSpotDoes(t *testing.T) {
	t.Parallel()
	for body, why := range map[string]string{
		`{"inputs":[{"idProperty":"firstname","id":"a","properties":{}}]}`:                                               "is not unique",
		`{"inputs":[{"id":"a","properties":{}}]}`:                                                                        "is not unique",
		`{"inputs":[{"idProperty":"tributary_customer_id","id":"a","properties":{"tributary_orders":1}}]}`:               "is not text",
		`{"inputs":[{"idProperty":"tributary_customer_id","id":"a","properties":{"nobodys":"1"}}]}`:                      "no property nobodys",
		`{"inputs":[{"idProperty":"tributary_customer_id","id":"a","properties":{},"other":1}]}`:                         "unknown field",
		`{"inputs":[` + strings.Repeat(`{"idProperty":"tributary_customer_id","id":"a","properties":{}},`, 100) + `{}]}`: "a batch of 101",
	} {
		d := prepared(t)
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, d.portal.URL+"/crm/objects/2026-03/contacts/batch/upsert", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+hubspottest.AccessToken)
		answer, err := d.call(t.Context(), r)
		if err != nil || answer.Status != 400 || !strings.Contains(strings.Join(d.portal.Refused, "\n"), why) {
			t.Errorf("%.80s: %v, %d, %v", body, err, answer.Status, d.portal.Refused)
		}
	}
}

func TestS27_TheAccountIsAskedForTheFieldsOfAMap(t *testing.T) {
	t.Parallel()
	d := open(t)
	got, err := d.Fields(t.Context(), d.call, "", d.c, connect.KindCustomer, []string{"lead_source", "nobodys", "../deals", "email"})
	if err != nil || got["lead_source"].Kind != mapping.Text || !got["tributary_customer_id"].Locked {
		t.Errorf("%v: %+v", err, got["lead_source"])
	}
	for _, none := range []string{"nobodys", "../deals"} {
		if _, there := got[none]; there {
			t.Errorf("there is %s", none)
		}
	}
	for _, k := range d.Kinds() {
		doc, slots := d.Defaults(k)
		if len(doc.Fields) == 0 || len(slots) < len(doc.Fields) {
			t.Errorf("%s: %d fields, %v", k, len(doc.Fields), slices.Sorted(maps.Keys(slots)))
		}
	}
}
