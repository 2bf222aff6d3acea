package salesforce_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/connect/salesforce"
	"github.com/tributary/tributary/connect/salesforce/salesforcetest"
	"github.com/tributary/tributary/internal/egress"
)

// desk is a client beside the org that it calls.
type desk struct {
	*testing.T
	salesforce.Provider
	org  *salesforcetest.Org
	call connect.Call
	c    connect.Credentials
}

func appKeys() map[string]string {
	return map[string]string{"consumerKey": salesforcetest.ConsumerKey, "consumerSecret": salesforcetest.ConsumerSecret}
}

// bare is an org without fields of ours.
func bare(t *testing.T) *desk {
	t.Helper()
	o := salesforcetest.Open(7)
	t.Cleanup(o.Close)
	client := egress.New(egress.Options{Guard: egress.Guard{Loopback: true}, Answer: 4 << 20})
	t.Cleanup(client.Close)
	return &desk{t, salesforce.At(o.Login.URL), o, client.Do, connect.Credentials{Keys: appKeys()}}
}

// prepared is an org whose people have deployed the package.
func prepared(t *testing.T) *desk {
	t.Helper()
	d := bare(t)
	d.org.Deploy(os.DirFS("metadata"))
	if err := d.Prepare(t.Context(), d.call, salesforcetest.Account, d.c); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) push(k connect.Kind, batch ...connect.Outgoing) ([]connect.Written, error) {
	return d.Push(d.Context(), d.call, salesforcetest.Account, d.c, k, batch)
}

func (d *desk) customers() map[string]salesforcetest.Object {
	return d.org.Records("Contact", "Tributary_Customer_Id__c")
}

func buyer(n int) connect.Outgoing {
	return connect.Outgoing{Key: fmt.Sprintf("cus_%03d", n), Values: mapping.Record{
		"Email": fmt.Sprintf("b%d@example.com", n), "LastName": fmt.Sprintf("Buyer %d", n), "Tributary_Orders__c": int64(n),
	}}
}

func buyers(n int) (all []connect.Outgoing) {
	for i := range n {
		all = append(all, buyer(i))
	}
	return all
}

func TestS15_ARecordWrittenTwiceIsOneContact(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	first, err := d.push(connect.KindCustomer, buyers(450)...)
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.push(connect.KindCustomer, buyers(450)...)
	if err != nil || !slices.Equal(first, again) || d.org.Count("Contact") != 450 {
		t.Errorf("%v: %d contacts", err, d.org.Count("Contact"))
	}
	there := d.customers()
	for i, w := range first {
		if got := there[buyer(i).Key]; got.ID != w.RemoteID || got.Fields["Tributary_Orders__c"] != fmt.Sprint(i) || got.Writes != 2 {
			t.Fatalf("%d: %+v, %+v", i, w, got)
		}
	}
	if !slices.Equal(d.org.BatchSizes, []int{200, 200, 50, 200, 200, 50}) || d.org.Logins != 1 {
		t.Errorf("collections of %v, %d logins", d.org.BatchSizes, d.org.Logins)
	}
}

// An answer of 200 hides what was refused: it is read record by record.
func TestS15_OneBadRecordOfACollectionIsRefusedAlone(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	batch := buyers(20)
	batch[4].Values["Email"] = "no address"
	batch[9].Values["Tributary_Source__c"] = string(make([]byte, 65))
	got, err := d.push(connect.KindCustomer, batch...)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range got {
		if want := map[int]string{4: "INVALID_EMAIL_ADDRESS Email", 9: "STRING_TOO_LONG Tributary_Source__c"}[i]; !w.Known || w.Refused != want || (w.RemoteID == "") != (want != "") {
			t.Errorf("%d: %+v", i, w)
		}
	}
	if d.org.Count("Contact") != 18 || d.org.Batches != 1 {
		t.Errorf("%d contacts after %d calls", d.org.Count("Contact"), d.org.Batches)
	}
}

// A value of another type refuses a whole collection, which is split until it is that of
// one record.
func TestS15_ACollectionThatIsRefusedWholeIsSplit(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	batch := buyers(100)
	batch[37].Values["Tributary_First_Order_At__c"] = "yesterday"
	got, err := d.push(connect.KindCustomer, batch...)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range got {
		if want := map[bool]string{true: "JSON_PARSER_ERROR"}[i == 37]; !w.Known || w.Refused != want {
			t.Errorf("%d: %+v", i, w)
		}
	}
	if d.org.Count("Contact") != 99 {
		t.Errorf("%d contacts", d.org.Count("Contact"))
	}
}

// Amounts are numbers on the wire, with the digits that they have here.
func TestS15_AmountsArriveDigitByDigit(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	d.org.Field("Opportunity", "Their_Margin__c", salesforcetest.Field{Type: "currency", Scale: 2})
	d.org.Field("Opportunity", "Their_Number__c", salesforcetest.Field{Type: "string", Length: 40})
	for _, amount := range []string{"0.00", "-0.01", "90071992547409.93", "12.3456", "1000"} {
		deal := connect.Outgoing{Key: "cnv_1", Values: mapping.Record{
			"Name": "Order 1", "StageName": "Closed Won", "CloseDate": "2026-03-01", "Amount": amount, "Tributary_Refunded__c": amount,
			"Their_Margin__c": amount, "Their_Number__c": amount, "Tributary_Order__c": amount,
		}}
		if got, err := d.push(connect.KindDeal, deal); err != nil || got[0].Refused != "" {
			t.Fatalf("%s: %v, %+v", amount, err, got)
		}
		there := d.org.Records("Opportunity", "Tributary_Conversion_Id__c")["cnv_1"]
		for _, name := range []string{"Amount", "Tributary_Refunded__c", "Their_Margin__c", "Their_Number__c", "Tributary_Order__c"} {
			if there.Fields[name] != amount {
				t.Errorf("%s is %s, want %s", name, there.Fields[name], amount)
			}
		}
	}
}

func TestS23_AnEmptyValueClearsWhatWasThereBefore(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	d.org.Field("Contact", "Their_Tick__c", salesforcetest.Field{Type: "boolean"})
	one := buyer(1)
	for _, v := range []string{"aff_1", ""} {
		one.Values["Tributary_Referred_By__c"], one.Values["Their_Tick__c"] = v, ""
		one.Values["Tributary_Last_Order_At__c"] = ""
		if v != "" {
			one.Values["Tributary_Last_Order_At__c"], one.Values["Their_Tick__c"] = time.Date(2026, 3, 1, 15, 4, 5, 6_000_000, time.FixedZone("", 3600)), true
		}
		if got, err := d.push(connect.KindCustomer, one); err != nil || got[0].Refused != "" {
			t.Fatal(err, got)
		}
		at, tick := map[bool]string{true: "2026-03-01T14:04:05.006Z"}[v != ""], fmt.Sprint(v != "")
		if got := d.customers()["cus_001"].Fields; got["Tributary_Referred_By__c"] != v || got["Tributary_Last_Order_At__c"] != at || got["Their_Tick__c"] != tick {
			t.Errorf("got %q", got)
		}
	}
}

// The merchant's own contact, known by its address alone, is taken over, the oldest of
// several; an address is a text and never part of the question.
func TestS15_TheMerchantsContactIsTakenOver(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	d.org.Do(func() { d.org.Now, d.org.Page = func() time.Time { at = at.Add(time.Second); return at }, 1 })
	old := d.org.Put("Contact", map[string]string{"Email": "B37@Example.com", "LastName": "Kept", "FirstName": "Kim"})
	d.org.Put("Contact", map[string]string{"Email": "b37@example.com", "LastName": "Younger"})
	quoted := d.org.Put("Contact", map[string]string{"Email": "o'brien\\@example.com", "LastName": "O'Brien"})
	others := d.org.Put("Contact", map[string]string{"Email": "b38@example.com", "LastName": "Another's", "Tributary_Customer_Id__c": "cus_of_another"})
	batch := buyers(100)
	delete(batch[37].Values, "LastName")
	batch[5].Values["Email"] = "o'brien\\@example.com"
	batch[6].Values["Email"] = "x') OR Id != ('@example.com"
	got, err := d.push(connect.KindCustomer, batch...)
	if err != nil || got[37].RemoteID != old || got[5].RemoteID != quoted || got[38].RemoteID == others || got[6].Refused != "INVALID_EMAIL_ADDRESS Email" {
		t.Fatalf("%v: %+v, %+v, %+v", err, got[37], got[5], got[6])
	}
	there := d.customers()
	if now := there["cus_037"]; now.Fields["LastName"] != "Kept" || now.Fields["FirstName"] != "Kim" || now.Fields["Tributary_Orders__c"] != "37" {
		t.Errorf("taken over: %+v", now)
	}
	if there["cus_of_another"].ID != others || there["cus_of_another"].Fields["LastName"] != "Another's" {
		t.Errorf("another's contact is taken: %+v", there["cus_of_another"])
	}
	if d.org.Pages == 0 {
		t.Error("no answer had a second page")
	}
	// What was written before is not looked for again, and the same person as an
	// affiliate is the same contact.
	questions := d.org.Queries
	batch[37].RemoteID = old
	if _, err = d.push(connect.KindCustomer, batch[37]); err != nil || d.org.Queries != questions {
		t.Errorf("%v: %d questions", err, d.org.Queries-questions)
	}
	same, err := d.push(connect.KindAffiliate, connect.Outgoing{Key: "aff_1", Values: mapping.Record{"Email": "b37@example.com"}})
	if err != nil || same[0].RemoteID != old {
		t.Errorf("%v: %+v", err, same)
	}
}

// Salesforce wants a name of a contact. One that is not known takes the address, and
// changes no name that is there.
func TestS15_ANamelessBuyerGetsAContactAndKeepsTheNamePeopleGive(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	one, two := buyer(1), buyer(2)
	delete(one.Values, "LastName")
	delete(two.Values, "LastName")
	delete(two.Values, "Email")
	got, err := d.push(connect.KindCustomer, one, two, buyer(3))
	if err != nil || got[0].Refused+got[1].Refused+got[2].Refused != "" {
		t.Fatalf("%v: %+v", err, got)
	}
	there := d.customers()
	if there["cus_001"].Fields["LastName"] != "b1@example.com" || there["cus_002"].Fields["LastName"] != "cus_002" || there["cus_003"].Fields["LastName"] != "Buyer 3" {
		t.Errorf("%+v", there)
	}
	d.org.Edit(got[0].RemoteID, "LastName", "Kim")
	one = buyer(1)
	delete(one.Values, "LastName")
	if _, err := d.push(connect.KindCustomer, one); err != nil || d.customers()["cus_001"].Fields["LastName"] != "Kim" {
		t.Errorf("%v: %+v", err, d.customers()["cus_001"])
	}
}

func TestS15_AnOpportunityLooksUpItsCustomerOnce(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	people, err := d.push(connect.KindCustomer, buyer(1))
	if err != nil {
		t.Fatal(err)
	}
	deals, err := d.push(connect.KindDeal, connect.Outgoing{Key: "cnv_1", Values: mapping.Record{"Name": "Order 1", "StageName": "Closed Won", "CloseDate": "2026-03-01"}})
	if err != nil || deals[0].Refused != "" {
		t.Fatal(err, deals)
	}
	for range 2 {
		if err := d.Link(t.Context(), d.call, salesforcetest.Account, d.c, deals[0], connect.KindDeal, people[0], connect.KindCustomer); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.org.Records("Opportunity", "Tributary_Conversion_Id__c")["cnv_1"].Fields["Tributary_Customer__c"]; got != people[0].RemoteID {
		t.Errorf("it looks up %q", got)
	}
	gone := connect.Written{Known: true, RemoteID: "006000000999999AAA"}
	for _, from := range []connect.Written{gone, {RemoteID: "../Contact/x"}} {
		if err := d.Link(t.Context(), d.call, salesforcetest.Account, d.c, from, connect.KindDeal, people[0], connect.KindCustomer); !errors.Is(err, connect.Answered(404)) {
			t.Errorf("an opportunity that is gone: %v", err)
		}
	}
}
