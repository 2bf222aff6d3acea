package salesforce_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/connect/salesforce"
	"github.com/tributary/tributary/connect/salesforce/salesforcetest"
	"github.com/tributary/tributary/internal/egress"
)

// What stands in the way of whatever is sent, each as Salesforce says it, and what the
// client makes of it: no record is at fault.
func TestS15_RefusalsOfSalesforceAreSurvived(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  func(*salesforcetest.Org)
		says error
	}{
		"the secret is not good any more": {func(o *salesforcetest.Org) { o.LoginDown, o.LoginSays = 400, "invalid_client" }, connect.ErrWithdrawn},
		"nobody to run as":                {func(o *salesforcetest.Org) { o.LoginDown, o.LoginSays = 400, "invalid_grant" }, connect.ErrWithdrawn},
		"the login has trouble":           {func(o *salesforcetest.Org) { o.LoginDown, o.LoginSays = 400, "unknown_error" }, connect.Answered(503)},
		"the login is down":               {func(o *salesforcetest.Org) { o.LoginDown = 502 }, connect.Answered(502)},
		"down":                            {func(o *salesforcetest.Org) { o.Down = 503 }, connect.Answered(503)},
		"the API is off":                  {func(o *salesforcetest.Org) { o.Down = 403 }, connect.ErrWithdrawn},
		"sessions are not taken":          {func(o *salesforcetest.Org) { o.Down = 401 }, connect.ErrWithdrawn},
		"moved":                           {func(o *salesforcetest.Org) { o.Down = 302 }, connect.Answered(302)},
		"broken on the way":               {func(o *salesforcetest.Org) { o.FailIn = 1 }, connect.Answered(502)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := prepared(t)
			d.org.Expire()
			d.org.Do(func() { c.set(d.org) })
			if got, err := d.push(connect.KindCustomer, buyer(1)); !errors.Is(err, c.says) || got[0].Known {
				t.Errorf("%v: %+v", err, got)
			}
			d.org.Do(func() { d.org.LoginDown, d.org.Down, d.org.FailIn = 0, 0, 0 })
			if got, err := d.push(connect.KindCustomer, buyer(1)); err != nil || got[0].RemoteID == "" || d.org.Count("Contact") != 1 {
				t.Errorf("afterwards: %v, %+v, %d contacts", err, got, d.org.Count("Contact"))
			}
		})
	}
}

// What refuses one record, each as Salesforce says it; its neighbours are written.
func TestS15_RefusalsOfARecordAreItsOwn(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*desk, connect.Outgoing){
		"INVALID_EMAIL_ADDRESS Email":                            func(_ *desk, o connect.Outgoing) { o.Values["Email"] = "nobody" },
		"STRING_TOO_LONG LastName":                               func(_ *desk, o connect.Outgoing) { o.Values["LastName"] = strings.Repeat("x", 81) },
		"REQUIRED_FIELD_MISSING LastName":                        func(_ *desk, o connect.Outgoing) { o.Values["LastName"] = "" },
		"NUMBER_OUTSIDE_VALID_RANGE Tributary_Lifetime_Value__c": func(_ *desk, o connect.Outgoing) { o.Values["Tributary_Lifetime_Value__c"] = "123456789012345.00" },
		"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST Their_Pick__c":  func(_ *desk, o connect.Outgoing) { o.Values["Their_Pick__c"] = "C" },
		"INVALID_FIELD_FOR_INSERT_UPDATE Name":                   func(_ *desk, o connect.Outgoing) { o.Values["Name"] = "computed" },
		"DUPLICATE_VALUE Their_Number__c":                        func(_ *desk, o connect.Outgoing) { o.Values["Their_Number__c"] = "taken" },
		"DUPLICATES_DETECTED":                                    func(d *desk, o connect.Outgoing) { d.org.Duplicates, o.Values["Email"] = "BLOCK", "b0@example.com" },
		"UNABLE_TO_LOCK_ROW":                                     func(d *desk, o connect.Outgoing) { d.org.Locks[o.Key] = 99 },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			d := prepared(t)
			d.org.Field("Contact", "Their_Pick__c", salesforcetest.Field{Type: "picklist", Picks: []string{"A", "B"}})
			d.org.Field("Contact", "Their_Number__c", salesforcetest.Field{Type: "string", Length: 40, ExternalID: true})
			d.org.Put("Contact", map[string]string{"LastName": "Other", "Their_Number__c": "TAKEN"})
			if _, err := d.push(connect.KindCustomer, buyer(0)); err != nil {
				t.Fatal(err)
			}
			batch := []connect.Outgoing{buyer(1), buyer(2), buyer(3)}
			d.org.Do(func() { spoil(d, batch[1]) })
			got, err := d.push(connect.KindCustomer, batch...)
			if err != nil || got[0].RemoteID == "" || got[1].Refused != want || got[1].RemoteID != "" || got[2].RemoteID == "" {
				t.Errorf("%v: %+v", err, got)
			}
			if !slices.ContainsFunc(d.org.Refused, func(s string) bool { return strings.Contains(s, strings.Fields(want)[0]) }) {
				t.Errorf("the org has refused %v", d.org.Refused)
			}
		})
	}
}

// Who has a record for a moment holds it up for no longer than that.
func TestS15_ALockedRecordIsWrittenAgainAtOnce(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	d.org.Do(func() { d.org.Locks["cus_002"] = 2 })
	got, err := d.push(connect.KindCustomer, buyers(5)...)
	if err != nil || slices.ContainsFunc(got, func(w connect.Written) bool { return w.RemoteID == "" }) || !slices.Equal(d.org.BatchSizes, []int{5, 1, 1}) {
		t.Errorf("%v: %+v, collections of %v", err, got, d.org.BatchSizes)
	}
}

// A duplicate that people are only warned of is theirs to merge; it holds up no buyer.
func TestS15_ARuleThatWarnsRefusesNothing(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	d.org.Put("Contact", map[string]string{"LastName": "Other", "Email": "b1@example.com", "Tributary_Customer_Id__c": "cus_of_another"})
	d.org.Do(func() { d.org.Duplicates = "ALERT" })
	if got, err := d.push(connect.KindCustomer, buyer(1)); err != nil || got[0].RemoteID == "" || d.org.Count("Contact") != 2 {
		t.Errorf("%v: %+v", err, got)
	}
}

// A session ends when Salesforce likes: the call is made again with a new one.
func TestS15_ASessionThatHasEndedIsReplacedOnce(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	d.org.Expire()
	if got, err := d.push(connect.KindCustomer, buyer(1)); err != nil || got[0].RemoteID == "" || d.org.Logins != 2 {
		t.Errorf("%v: %+v after %d logins", err, got, d.org.Logins)
	}
	other := d.c
	other.Keys = maps.Clone(other.Keys)
	other.Keys["consumerSecret"] = "another"
	if _, err := d.Push(t.Context(), d.call, salesforcetest.Account, other, connect.KindCustomer, []connect.Outgoing{buyer(1)}); !errors.Is(err, connect.ErrWithdrawn) {
		t.Errorf("another secret is given the session in hand: %v", err)
	}
	if err := d.Revoke(t.Context(), d.call, salesforcetest.Account, d.c); err != nil {
		t.Fatal(err)
	}
	logins := d.org.Logins
	if _, err := d.push(connect.KindCustomer, buyer(1)); err != nil || d.org.Logins != logins+1 {
		t.Errorf("a session that was given back is used: %v", err)
	}
}

// A session goes to the instance that the login names, if it is one of Salesforce's.
func TestS15_ASessionGoesToSalesforceOnly(t *testing.T) {
	t.Parallel()
	for _, instance := range []string{"https://evil.example", "http://acme.my.salesforce.com", "https://acme.my.salesforce.com.evil.example", "https://user@acme.my.salesforce.com", "https://acme.my.salesforce.com/path", "https://acme.my.salesforce.com:8443", "::", ""} {
		d := bare(t)
		d.org.Do(func() { d.org.Instance = instance })
		real := salesforce.New()
		asked := 0
		call := func(ctx context.Context, r *http.Request) (egress.Answer, error) {
			if asked++; asked > 1 {
				t.Errorf("%s is called", r.URL)
			}
			r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(d.org.Login.URL, "http://")
			return d.call(ctx, r)
		}
		if instance == "" { // the org's own address, which is not Salesforce's either
			d.org.Do(func() { d.org.Instance = d.org.URL })
		}
		if _, err := real.Push(t.Context(), call, salesforcetest.Account, d.c, connect.KindDeal, []connect.Outgoing{{Key: "cnv_1", Values: mapping.Record{}}}); err == nil || asked != 1 {
			t.Errorf("%q: %v after %d calls", instance, err, asked)
		}
	}
}

// A field that was taken away is nobody's fault: nothing is refused, and the org is
// looked at anew.
func TestS15_AFieldThatIsGoneRefusesNoRecord(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Tributary_Segment__c", "Tributary_Customer_Id__c"} {
		d := prepared(t)
		one := buyer(1)
		one.Values["Tributary_Segment__c"] = "vip"
		delete(one.Values, "Email")
		d.org.Drop("Contact", name)
		if got, err := d.push(connect.KindCustomer, one, buyer(2)); !errors.Is(err, connect.Answered(400)) || got[0].Known || got[1].Known {
			t.Errorf("%v: %+v", err, got)
		}
		err := d.Prepare(t.Context(), d.call, salesforcetest.Account, d.c)
		if lacks, is := errors.AsType[connect.Unprepared](err); !is || !strings.Contains(string(lacks), "Contact."+name) {
			t.Errorf("%v", err)
		}
	}
}

// Fields that the package would make and people have not, or that the app's user may not
// write, are named; nothing is made.
func TestS15_WhatTheOrgLacksIsNamed(t *testing.T) {
	t.Parallel()
	d := bare(t)
	lacks := func() string {
		got, err := d.Probe(t.Context(), d.call, salesforcetest.Account, d.c)
		if got.Label != "Salesforce acme.my.salesforce.com" {
			t.Errorf("it is called %q", got.Label)
		}
		if err == nil {
			return ""
		}
		return err.Error()
	}
	if got := lacks(); !strings.HasPrefix(got, "deploy the package: 25 fields") || len(got) > 120 {
		t.Errorf("an org without the package: %q", got)
	}
	if n := d.org.Deploy(os.DirFS("metadata")); n != 25 {
		t.Errorf("%d fields", n)
	}
	if got := lacks(); got != "" {
		t.Errorf("an org with the package: %q", got)
	}
	d.org.Field("Opportunity", "Tributary_Conversion_Id__c", salesforcetest.Field{Type: "string", Length: 64})
	if got := lacks(); !strings.HasSuffix(got, "1 fields are missing or locked, first Opportunity.Tributary_Conversion_Id__c") {
		t.Errorf("a key that is not unique: %q", got)
	}
}

// The org that is played refuses what Salesforce refuses: a client that wrote so would be
// found out.
func TestS15_ThePlayedOrgRefusesWhatSalesforceDoes(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	rec := func(pairs ...any) map[string]any {
		one := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			one[pairs[i].(string)] = pairs[i+1]
		}
		return one
	}
	const key = "Tributary_Customer_Id__c"
	many := make([]map[string]any, 201)
	for i := range many {
		many[i] = rec(key, "a")
	}
	contacts := "/composite/sobjects/Contact/"
	for _, c := range []struct {
		method, path, token string
		body                []byte
		status              int
		why                 string
	}{
		{"PATCH", contacts + key, "wrong", salesforcetest.Body("Contact", rec(key, "a")), 401, "INVALID_SESSION_ID"},
		{"PATCH", contacts + key, "", salesforcetest.Body("Contact", many...), 400, "EXCEEDED_ID_LIMIT"},
		{"PATCH", contacts + key, "", salesforcetest.Body("Contact"), 400, "REQUIRED_FIELD_MISSING"},
		{"PATCH", contacts + key, "", salesforcetest.Body("Opportunity", rec(key, "a")), 400, "INVALID_TYPE"},
		{"PATCH", contacts + key, "", salesforcetest.Body("Contact", rec(key, "a", "Nobodys__c", 1)), 400, "No such column 'Nobodys__c'"},
		{"PATCH", contacts + key, "", salesforcetest.Body("Contact", rec(key, "a", "Id", "003")), 400, "cannot specify Id"},
		{"PATCH", contacts + key, "", salesforcetest.Body("Contact", rec(key, "a", "Tributary_Orders__c", "1")), 400, "JSON_PARSER_ERROR"},
		{"PATCH", contacts + key, "", salesforcetest.Body("Contact", rec(key, "a", "LastName", 1)), 400, "JSON_PARSER_ERROR"},
		{"PATCH", contacts + key, "", []byte("{"), 400, "JSON_PARSER_ERROR"},
		{"PATCH", contacts + "Email", "", salesforcetest.Body("Contact", rec("Email", "a@b.example")), 404, "external ID field does not exist"},
		{"PATCH", contacts + key, "", salesforcetest.Body("Contact", rec("LastName", "x")), 200, "MISSING_ARGUMENT"},
		{"PATCH", contacts + key, "", salesforcetest.Body("Contact", rec(key, "a", "LastName", "x"), rec(key, "A", "LastName", "x")), 200, "Duplicate external id specified"},
		{"PATCH", "/composite/sobjects", "", salesforcetest.Body("Contact", rec("Id", "003000000000000AAA")), 200, "INVALID_CROSS_REFERENCE_KEY"},
		{"GET", "/query?q=SELECT+Nobodys__c+FROM+Contact", "", nil, 400, "INVALID_FIELD"},
		{"GET", "/query?q=DELETE+FROM+Contact", "", nil, 400, "MALFORMED_QUERY"},
		{"GET", "/query/01g-none", "", nil, 400, "INVALID_QUERY_LOCATOR"},
		{"GET", "/sobjects/Nobody/describe", "", nil, 404, "NOT_FOUND"},
		{"GET", "/nothing", "", nil, 404, "NOT_FOUND"},
	} {
		d.org.Do(func() { d.org.Refused = nil })
		r, _ := http.NewRequestWithContext(t.Context(), c.method, d.org.URL+"/services/data/v68.0"+c.path, bytes.NewReader(c.body))
		if c.token == "" {
			c.token = d.org.Session()
		}
		r.Header.Set("Authorization", "Bearer "+c.token)
		answer, err := d.call(t.Context(), r)
		if err != nil || answer.Status != c.status || !strings.Contains(strings.Join(d.org.Refused, "\n"), c.why) {
			t.Errorf("%s %s %.80s: %v, %d, %v; want %d %s", c.method, c.path, c.body, err, answer.Status, d.org.Refused, c.status, c.why)
		}
	}
	if n := d.org.Count("Contact"); n != 0 {
		t.Errorf("%d contacts", n)
	}
}

// What Salesforce says of the org's calls, and how long it is left alone when there are
// none left: longer each time, because nothing says when there are.
func TestS67_WhatSalesforceSaysOfItsLimitsIsUnderstood(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	for said, want := range map[string]connect.Pace{
		"api-usage=18/5000": {Limit: 5000, Remaining: 4982, Every: 15 * time.Minute},
		"api-usage=25/15000; per-app-api-usage=17/250(appName=sample)": {Limit: 15000, Remaining: 14975, Every: 15 * time.Minute},
		"api-usage=15001/15000":         {Limit: 15000, Every: 15 * time.Minute},
		"per-app-api-usage=17/250(a=b)": {},
		"api-usage=x/y":                 {},
		"":                              {},
	} {
		if got := d.Pace(200, http.Header{"Sforce-Limit-Info": {said}}); got != want {
			t.Errorf("%q: %+v", said, got)
		}
	}
	d.org.Allow(1)
	deal := connect.Outgoing{Key: "cnv_1", Values: mapping.Record{"Name": "Order", "StageName": "Closed Won", "CloseDate": "2026-03-01"}}
	wait := func() time.Duration {
		got, err := d.push(connect.KindDeal, deal)
		late, is := errors.AsType[connect.Throttled](err)
		if err != nil && !is || is && got[0].Known {
			t.Fatalf("%v: %+v", err, got)
		}
		return late.Wait
	}
	for i, want := range []time.Duration{0, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, time.Hour} {
		if got := wait(); got != want {
			t.Errorf("%d: left alone for %s, want %s", i, got, want)
		}
	}
	d.org.Allow(1)
	if first, then := wait(), wait(); first != 0 || then != time.Minute {
		t.Errorf("after a success: %s, %s", first, then)
	}
	d.org.Do(func() { d.org.Concurrent = true })
	if first, then := wait(), wait(); first != 10*time.Second || then != 10*time.Second {
		t.Errorf("too many at once: %s, %s", first, then)
	}
}

func TestS27_TheOrgIsAskedForTheFieldsOfAMap(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	d.org.Field("Contact", "Their_Pick__c", salesforcetest.Field{Type: "picklist", Length: 255, Picks: []string{"A", "B"}})
	d.org.Field("Contact", "Their_Count__c", salesforcetest.Field{Type: "double"})
	d.org.Field("Contact", "Their_Value__c", salesforcetest.Field{Type: "currency", Scale: 2})
	got, err := d.Fields(t.Context(), d.call, salesforcetest.Account, d.c, connect.KindCustomer, []string{"Their_Pick__c", "Their_Count__c", "Their_Value__c", "Nobodys__c", "../x", "Name", "Email"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]mapping.Kind{"Their_Pick__c": mapping.Text, "Their_Count__c": mapping.Integer, "Their_Value__c": mapping.Decimal, "Name": mapping.Text, "Email": mapping.Text, "Nobodys__c": "", "../x": ""} {
		if got[name].Kind != want {
			t.Errorf("%s is %+v", name, got[name])
		}
	}
	if !slices.Equal(got["Their_Pick__c"].Values, []string{"A", "B"}) || !got["Name"].Locked || got["Their_Value__c"].Locked || !got["Tributary_Customer_Id__c"].Locked {
		t.Errorf("%+v", got)
	}
	for _, k := range d.Kinds() {
		doc, slots := d.Defaults(k)
		for _, f := range doc.Fields {
			if _, there := slots[f.Target]; !there {
				t.Errorf("%s: %s is no field", k, f.Target)
			}
		}
	}
}
