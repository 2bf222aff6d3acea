package server_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect/salesforce/salesforcetest"
	"github.com/tributary/tributary/server"
)

// From nothing to the first order in Salesforce by mutations only, and back: what people
// have to do there is told, the order becomes an opportunity, and what is said of its
// buyer there is asked for and stands here.
func TestS47_SalesforceIsConnectedByMutationsOnly(t *testing.T) {
	t.Parallel()
	org := salesforcetest.Open(3)
	t.Cleanup(org.Close)
	s := open(t, func(c *server.Config) { c.SalesforceBase = org.Login.URL }).stage(t)
	org.Do(func() { org.Now = s.now })
	s.withNames(map[string]string{"yesterday": s.now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)})
	s.set("owner", "integrationConnect", `{"programId":"$program","provider":"SALESFORCE","name":"CRM","account":"https://Acme.my.salesforce.com/",
		"keys":[{"name":"consumerKey","value":"`+salesforcetest.ConsumerKey+`"},{"name":"consumerSecret","value":"`+salesforcetest.ConsumerSecret+`"}]}`, "integration { id }", "sales=integration.id")
	test := func(want string) {
		t.Helper()
		a := s.ask("owner", mutation("integrationTest", "label reachable integration { account problem }"), s.text(`{"in":{"id":"$sales"}}`))
		if fault := contains(a.data, parse(`{"integrationTest":`+want+`}`), ""); fault != "" {
			t.Errorf("%s %s", fault, a.text)
		}
	}
	test(`{"label":"Salesforce acme.my.salesforce.com","reachable":null,"integration":{"account":"acme.my.salesforce.com","problem":"deploy the package: 25 fields are missing or locked, first Contact.Tributary_Affiliate_Id__c"}}`)
	org.Deploy(os.DirFS("../connect/salesforce/metadata"))
	test(`{"label":"Salesforce acme.my.salesforce.com","reachable":true,"integration":{"problem":""}}`)
	s.set("owner", "conversionRecord", order("s-1", "50.00", "USD", `"couponCodes":["ANN10"],"customer":{"externalId":"c-1","email":"kim@buyer.example","name":"Kim Buyer"}`), "conversion { id customer { id } }", "sold=conversion.id", "buyer=conversion.customer.id")
	var contact salesforcetest.Object
	s.eventually("the order and its buyer are there", func() bool {
		deal := org.Records("Opportunity", "Tributary_Conversion_Id__c")[s.names["sold"]]
		contact = org.Records("Contact", "Tributary_Customer_Id__c")[s.names["buyer"]]
		return deal.Fields["Amount"] == "50.00" && contact.Fields["Tributary_Lifetime_Value__c"] == "50.00" && contact.Fields["Tributary_Source__c"] == "affiliate"
	})
	if contact.Fields["LastName"] != "Kim Buyer" || contact.Fields["Email"] != "kim@buyer.example" {
		t.Errorf("%+v", contact)
	}
	org.Edit(contact.ID, "Tributary_Segment__c", "vip")
	s.withNames(map[string]string{"soon": s.now().Add(4 * time.Minute).UTC().Format(time.RFC3339)})
	s.set("owner", "integrationReconcile", `{"id":"$sales","from":"$yesterday","to":"$soon"}`, "reconciliation { id }")
	s.eventually("what is said there stands here", func() bool {
		a := s.ask("owner", `{ customers(first: 5) { edges { node { id segment segmentBy } } } }`, "null")
		return contains(a.data, parse(s.text(`{"customers":{"edges":[{"node":{"id":"$buyer","segment":"vip","segmentBy":"$sales"}}]}}`)), "") == ""
	})
	a := s.ask("owner", mutation("integrationDisconnect", "integration { status access }"), s.text(`{"in":{"id":"$sales"}}`))
	if fault := contains(a.data, parse(`{"integrationDisconnect":{"integration":{"status":"DISCONNECTED","access":"NONE"}}}`), ""); fault != "" {
		t.Errorf("%s %s", fault, a.text)
	}
	a = s.ask("owner", `{ integrations(first: 5) { edges { node { provider problem } } } }`, "null")
	if strings.Contains(a.text, salesforcetest.ConsumerSecret) {
		t.Errorf("the secret is told: %s", a.text)
	}
}
