package server_test

import (
	"strings"
	"testing"
)

// What a CRM says of a buyer is what a rule may look at in the orders that follow: an
// order keeps what was known when it became its buyer's, so that neither an edit nor a
// later word of the CRM pays it by another rule.
func TestC08_S25_TermsLookAtWhatTheCRMSays(t *testing.T) {
	t.Parallel()
	s := open(t).stage(t)
	l := s.loop()
	s.set("owner", "commissionPlanActivate", `{"planId":"$plan","rules":[
		{"level":"PROGRAM","kind":"PERCENT","percent":"20","when":{"fields":[{"of":"PROFILE","name":"segment","kind":"TEXT","compare":"IS","values":["vip"]}]}},
		{"level":"PROGRAM","kind":"PERCENT","percent":"10"}]}`, "plan { id }")
	const kim = `"couponCodes":["ANN10"],"customer":{"email":"kim@buyer.example"}`
	sells := func(id, amount, more, profile string, earned ...string) {
		t.Helper()
		a := s.ask("owner", mutation("conversionRecord", "conversion { profile { name kind value } commissions { amount { amount } } }"), s.text(`{"in":`+order(id, amount, "USD", more)+`}`))
		if fault := contains(a.data, parse(`{"conversionRecord":{"conversion":{"profile":[`+profile+`],"commissions":[{"amount":{"amount":"`+strings.Join(earned, `"}},{"amount":{"amount":"`)+`"}}]}}}`), ""); fault != "" {
			t.Errorf("order %s: %s %s", id, fault, a.text)
		}
	}
	sells("first", "50.00", kim, "", "5.00") // 10 % of 50.00: nothing was said of Kim
	l.crm.Edit(l.contact("kim@buyer.example").ID, "tributary_segment", "vip")
	l.eventually("what the CRM says stands here", func() bool {
		a := s.ask("owner", `{ customers(first: 5) { edges { node { segment } } } }`, "null")
		return contains(a.data, parse(`{"customers":{"edges":[{"node":{"segment":"vip"}}]}}`), "") == ""
	})
	const vip = `{"name":"segment","kind":"TEXT","value":"vip"}`
	sells("second", "50.00", kim, vip, "10.00") // 20 % of 50.00
	sells("third", "30.00", `"couponCodes":["ANN10"]`, "", "3.00")
	sells("third", "30.00", kim, vip, "3.00") // it was rated before its buyer was known: what was decided stays
	a := s.ask("owner", `{ customers(first: 5) { edges { node { id } } } }`, "null")
	id := dig(a.data, "customers", "edges").([]any)[0].(map[string]any)["node"].(map[string]any)["id"].(string)
	s.set("owner", "customerSet", `{"id":"`+id+`","segment":"none","lifecycleStage":"lead"}`, "customerId")
	sells("second", "60.00", kim+`,"version":"2"`, vip, "10.00", "2.00") // 20 % of 60.00: as it was when it came
	sells("fourth", "50.00", kim, `{"name":"lifecycle_stage","kind":"TEXT","value":"lead"},{"name":"segment","kind":"TEXT","value":"none"}`, "5.00")
}
