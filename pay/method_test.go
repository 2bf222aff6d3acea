package pay_test

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/payoutmethod"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/pay"
)

const iban = "DE89370400440532013000"

func method(affiliateID string, details map[string]string) pay.PayoutMethodSetInput {
	return pay.PayoutMethodSetInput{AffiliateID: affiliateID, Rail: "CSV", Details: details}
}

func TestPayoutMethodIsSealedAndShowsOnlyItsEnd(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a := d.affiliate()
	out := storetest.Must[pay.PayoutMethodSetOutcome](d.t)(d.PayoutMethodSet(d.ctx, method(a, map[string]string{"iban": iban, "holder": "Ada Lovelace"})))
	row := d.store.Client().PayoutMethod.GetX(d.ctx, out.MethodID)
	if row.Hint != "…3000" {
		t.Errorf("hint %q", row.Hint)
	}
	if bytes.Contains(row.DetailsSealed, []byte("3704")) || bytes.Contains(row.DetailsSealed, []byte("Ada")) {
		t.Error("the details can be read")
	}
	for _, e := range d.journal() {
		if text := string(e.Facts.Encode()); strings.Contains(text, "3000") || strings.Contains(text, "Ada") {
			t.Errorf("event %s tells details", e.Type)
		}
	}
	for _, audit := range d.store.Client().AuditRecord.Query().AllX(d.ctx) {
		if strings.Contains(audit.String(), "3000") {
			t.Error("the audit tells details")
		}
	}
}

func TestOneMethodIsActive(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a := d.affiliate()
	first := storetest.Must[pay.PayoutMethodSetOutcome](d.t)(d.PayoutMethodSet(d.as(a), method("", map[string]string{"iban": iban})))
	second := storetest.Must[pay.PayoutMethodSetOutcome](d.t)(d.PayoutMethodSet(d.as(a), method(a, map[string]string{"email": "ada@example.org"})))
	status := map[string]payoutmethod.Status{}
	for _, m := range d.store.Client().PayoutMethod.Query().AllX(d.ctx) {
		status[m.ID] = m.Status
	}
	want := map[string]payoutmethod.Status{first.MethodID: payoutmethod.StatusREMOVED, second.MethodID: payoutmethod.StatusACTIVE}
	if !maps.Equal(status, want) {
		t.Errorf("methods: %v", status)
	}
}

func TestHintNeverGivesAShortAccountAway(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	for account, hint := range map[string]string{"1234567": "", "12345678": "…5678", "é2345678": "…5678"} {
		out := storetest.Must[pay.PayoutMethodSetOutcome](d.t)(d.PayoutMethodSet(d.ctx, method(d.affiliate(), map[string]string{"account": account})))
		if got := d.store.Client().PayoutMethod.GetX(d.ctx, out.MethodID).Hint; got != hint {
			t.Errorf("hint of %s is %q, want %q", account, got, hint)
		}
	}
}

func TestPayoutMethodSetRefusesBadInput(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a, b := d.affiliate(), d.affiliate()
	many := map[string]string{}
	for c := 'a'; c < 'a'+21; c++ {
		many[string(c)] = "x"
	}
	for _, c := range []struct {
		in    pay.PayoutMethodSetInput
		code  problem.Code
		field string
	}{
		{pay.PayoutMethodSetInput{AffiliateID: a, Rail: "PIGEON", Details: map[string]string{"iban": iban}}, problem.Invalid, "rail"},
		{method(a, nil), problem.Invalid, "details"},
		{method(a, many), problem.Invalid, "details"},
		{method(a, map[string]string{"IBAN": iban}), problem.Invalid, "details"},
		{method(a, map[string]string{"iban": ""}), problem.Invalid, "details.iban"},
		{method(a, map[string]string{"iban": strings.Repeat("1", 201)}), problem.Invalid, "details.iban"},
		{method(a, map[string]string{"iban": "DE89\n3704"}), problem.Invalid, "details.iban"},
		{method(a, map[string]string{"iban": "=cmd()"}), problem.Invalid, "details.iban"},
		{method(a, map[string]string{"iban": iban, "bic": "x"}), problem.Invalid, "details.bic"},
		{method(a, map[string]string{"iban": iban, "swift_code": "DEUTDEFF"}), problem.Invalid, "details.swift_code"},
		{method(a, map[string]string{"holder": "Ada"}), problem.Invalid, "details.iban"}, // names no account
		{method("", map[string]string{"iban": iban}), problem.Invalid, "affiliateId"},
		{method("aff_none", map[string]string{"iban": iban}), problem.NotFound, "affiliateId"},
	} {
		_, err := d.PayoutMethodSet(d.ctx, c.in)
		d.refuses(err, c.code, c.field)
	}
	_, err := d.PayoutMethodSet(d.as(a), method(b, map[string]string{"iban": iban})) // another affiliate's
	d.refuses(err, problem.NotFound, "affiliateId")
	if n := d.store.Client().PayoutMethod.Query().CountX(d.ctx); n != 0 {
		t.Errorf("%d methods", n)
	}
}

func TestBatchListOpensDetailsAndNeutralisesFormulas(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a, b := d.affiliate(), d.affiliate()
	d.rename(a, `=HYPERLINK("http://evil.example")`)
	d.owe(a, 1050, "USD")
	d.owe(b, 99, "USD")
	storetest.Must[pay.PayoutMethodSetOutcome](d.t)(d.PayoutMethodSet(d.ctx, method(a, map[string]string{"iban": iban})))
	batch := d.batch("2026-03")
	// A method set later is for later payouts.
	storetest.Must[pay.PayoutMethodSetOutcome](d.t)(d.PayoutMethodSet(d.ctx, method(a, map[string]string{"iban": "GB29 NWBK 6016 1331 9268 19"})))
	_, err := d.BatchCSV(d.ctx, batch)
	d.refuses(err, problem.State, "id")
	d.approve(batch)
	text := storetest.Must[string](d.t)(d.BatchCSV(d.ctx, batch))
	want := "\"'=HYPERLINK(\"\"http://evil.example\"\")\",10.50 USD,…3000," + iban + "\r\nAffiliate 2,0.99 USD,,\r\n"
	if text != want {
		t.Errorf("got\n%q, want\n%q", text, want)
	}
	_, ids := d.payouts(batch)
	storetest.Must[pay.PayoutOutcome](d.t)(d.PayoutFail(d.ctx, pay.PayoutFailInput{ID: ids[a], Reason: "the account is closed"}))
	if text := storetest.Must[string](d.t)(d.BatchCSV(d.ctx, batch)); text != "Affiliate 2,0.99 USD,,\r\n" {
		t.Errorf("what has failed is listed to be sent: %q", text)
	}
	storetest.Must[pay.BatchOutcome](d.t)(d.BatchCancel(d.ctx, pay.BatchCancelInput{ID: batch, Reason: "r"}))
	_, err = d.BatchCSV(d.ctx, batch)
	d.refuses(err, problem.State, "id")
}

func TestDetailsOpenInTheirOwnRowOnly(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a, b := d.affiliate(), d.affiliate()
	storetest.Must[pay.PayoutMethodSetOutcome](d.t)(d.PayoutMethodSet(d.ctx, method(a, map[string]string{"iban": iban})))
	storetest.Must[pay.PayoutMethodSetOutcome](d.t)(d.PayoutMethodSet(d.ctx, method(b, map[string]string{"iban": "GB29 NWBK 6016 1331 9268 19"})))
	d.owe(a, 1000, "USD")
	d.owe(b, 1000, "USD")
	batch := d.batch("2026-03")
	rows := d.store.Client().PayoutMethod.Query().Order(ent.Asc(payoutmethod.FieldID)).AllX(d.ctx)
	d.approve(batch)
	d.moveDetails(rows[0].DetailsSealed, rows[1].ID) // somebody with the database swaps accounts
	if text, err := d.BatchCSV(d.ctx, batch); err == nil {
		t.Errorf("details of another row were opened: %s", text)
	}
}
