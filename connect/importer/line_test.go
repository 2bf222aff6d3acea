package importer_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tributary/tributary/connect/importer"
)

// Every way to get a line wrong names its field and changes nothing. P stands for the
// program, M for ten dollars.
var badLines = []struct{ line, want string }{
	{`{`, "INVALID"},
	{`[]`, "INVALID"},
	{`"order"`, "INVALID"},
	{`{"type":"order"} {}`, "INVALID"},
	{`{"type":"order",}`, "INVALID"},
	{"{\"type\":\"\xff\"}", "INVALID"},
	{`{}`, "INVALID type"},
	{`{"type":"sale"}`, "INVALID type"},
	{`{"type":7}`, "INVALID type"},
	{`{"type":"order"}`, "INVALID programId INVALID externalId"},
	{`{"type":"order","programId":"P","externalId":null,"total":M}`, "INVALID externalId"},
	{`{"type":"order","programId":"P","externalId":"1"}`, "INVALID total"},
	{`{"type":"order","programId":"P","externalId":1,"total":M}`, "INVALID externalId"},
	{`{"type":"order","programId":"P","externalId":"1","total":M,"totl":M}`, "INVALID totl"},
	{`{"type":"order","programId":"P","externalId":"1","total":M,"idempotencyKey":"k"}`, "INVALID idempotencyKey"},
	{`{"type":"order","programId":"P","externalId":"1","externalId":"2","total":M}`, "INVALID externalId"},
	{`{"type":"order","programId":"P","externalId":"1","lines":[{"amount":M},{"amount":M,"sku":"a","sku":"a"}]}`, "INVALID lines.1.sku"},
	{`{"type":"order","programId":"P","externalId":"1","lines":[{"amount":M,"SKU":"a"}]}`, "INVALID lines.0.SKU"},
	{`{"type":"order","programId":"P","externalId":"1","lines":[{"sku":"a"}]}`, "INVALID lines.0.amount"},
	{`{"type":"order","programId":"P","externalId":"1","lines":[7]}`, "INVALID lines.0"},
	{`{"type":"order","programId":"P","externalId":"1","lines":{}}`, "INVALID lines"},
	{`{"type":"order","programId":"P","externalId":"1","lines":[{"amount":M,"quantity":1.5}]}`, "INVALID lines.0.quantity"},
	{`{"type":"order","programId":"P","externalId":"1","lines":[{"amount":{"amount":"1","currency":"USD"}},{"amount":{"amount":"1","currency":"EUR"}}]}`, "CURRENCY_MISMATCH lines.1.amount"},
	{`{"type":"order","programId":"P","externalId":"1","lines":[{"externalId":"a","amount":M},{"externalId":"a","amount":M}]}`, "TAKEN lines.1.externalId"},
	{`{"type":"order","programId":"P","externalId":"1","total":{"amount":"10.00"}}`, "INVALID total.currency"},
	{`{"type":"order","programId":"P","externalId":"1","total":{"currency":"USD"}}`, "INVALID total.amount"},
	{`{"type":"order","programId":"P","externalId":"1","total":{"amount":"10.00","currency":"USD","vat":1}}`, "INVALID total.vat"},
	{`{"type":"order","programId":"P","externalId":"1","total":{"amount":"10.00","currency":"XXQ"}}`, "CURRENCY_UNKNOWN total.currency"},
	{`{"type":"order","programId":"P","externalId":"1","total":{"amount":"10.005","currency":"USD"}}`, "AMOUNT_PRECISION total.amount"},
	{`{"type":"order","programId":"P","externalId":"1","total":{"amount":"10.5","currency":"JPY"}}`, "AMOUNT_PRECISION total.amount"},
	{`{"type":"order","programId":"P","externalId":"1","total":{"amount":49.90,"currency":"USD"}}`, "INVALID total.amount"},
	{`{"type":"order","programId":"P","externalId":"1","total":{"amount":-0.0,"currency":"USD"}}`, "INVALID total.amount"},
	{`{"type":"order","programId":"P","externalId":"1","lines":[{"amount":M,"tax":{"amount":1,"currency":"USD"}}]}`, "INVALID lines.0.tax.amount"},
	{`{"type":"refund","programId":"P","orderExternalId":"1","externalId":"r","amount":{"amount":5,"currency":"USD"}}`, "INVALID amount.amount"},
	{`{"type":"order","programId":"P","externalId":"1","total":{"amount":"1e3","currency":"USD"}}`, "INVALID total.amount"},
	{`{"type":"order","programId":"P","externalId":"1","total":{"amount":"99999999999999999999","currency":"USD"}}`, "AMOUNT_RANGE total.amount"},
	{`{"type":"order","programId":"P","externalId":"1","total":{"amount":"-1.00","currency":"USD"}}`, "AMOUNT_RANGE total"},
	{`{"type":"order","programId":"P","externalId":"1","total":M,"kind":"GIFT"}`, "INVALID kind"},
	{`{"type":"order","programId":"P","externalId":"1","total":M,"status":"CANCELLED"}`, "INVALID status"},
	{`{"type":"order","programId":"P","externalId":"1","total":M,"occurredAt":"yesterday"}`, "INVALID occurredAt"},
	{`{"type":"order","programId":"P","externalId":"1","total":M,"occurredAt":"2024-01-01T00:00:00Z"}`, "INVALID occurredAt"},
	{`{"type":"order","programId":"P","externalId":"1","total":M,"version":"new"}`, "INVALID version"},
	{`{"type":"order","programId":"P","externalId":"1","total":M,"couponCodes":["A",7]}`, "INVALID couponCodes.1"},
	{`{"type":"order","programId":"P","externalId":"1","total":M,"subIds":{"a":7}}`, "INVALID subIds.a"},
	{`{"type":"order","programId":"P","externalId":"1","total":M,"customer":{"phone":"1"}}`, "INVALID customer.phone"},
	{`{"type":"order","programId":"P","externalId":"1","total":M,"orderNumber":" 1"}`, "INVALID orderNumber"},
	{`{"type":"order","programId":"P","externalId":"1","total":M,"orderScope":" 1"}`, "INVALID orderScope"},
	{`{"type":"order","programId":"prg_other","externalId":"1","total":M}`, "NOT_FOUND programId"},
	{`{"type":"order","programId":"P","externalId":"1","lines":[[[[[[[1]]]]]]]}`, "INVALID lines.0.0.0.0.0"},
	{`{"type":"refund","programId":"P","orderExternalId":"1","externalId":"r"}`, "NOT_FOUND orderExternalId"},
	{`{"type":"refund","programId":"P","orderExternalId":"1","externalId":"r","total":M}`, "INVALID total"},
	{`{"type":"refund","programId":"P","orderExternalId":"\u0000","externalId":"r","amount":M}`, "INVALID orderExternalId"},
	{`{"type":"order","programId":"P","externalId":"1","lines":[{"sku":"a\u0000","amount":M}]}`, "INVALID lines.0.sku"},
	{`{"type":"cancel","programId":"P","externalId":"1"}`, "NOT_FOUND externalId"},
	{`{"type":"cancel","programId":"P","externalId":"1","reason":"x"}`, "INVALID reason"},
}

func (d *desk) fill(line string) string {
	line = strings.ReplaceAll(line, `"P"`, fmt.Sprintf("%q", d.program))
	return strings.ReplaceAll(line, `:M`, `:{"amount":"10.00","currency":"USD"}`)
}

func TestQ22_ABadLineNamesItsFieldAndStopsNothing(t *testing.T) {
	t.Parallel()
	d := open(t)
	var file, want []string
	for i, b := range badLines {
		file = append(file, d.fill(b.line))
		want = append(want, fmt.Sprint(i+1, " refused ", b.want))
	}
	file = append(file, d.order("last"))
	want = append(want, fmt.Sprint(len(badLines)+1, " created"))
	got, _ := d.send("", file...)
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Errorf("%s\nanswered %q, want %q", file[i], got[i], want[i])
		}
	}
	if n := len(d.sales()); n != 1 {
		t.Errorf("%d orders", n)
	}
}

func TestEveryFieldOfAnOrderArrives(t *testing.T) {
	t.Parallel()
	d := open(t)
	got, _ := d.send("", strings.ReplaceAll(d.fill(everyField), "\n", ""))
	d.expect(got, "1 created")
	c := d.sales()[0]
	line := c.Edges.Lines[0]
	told := fmt.Sprint(c.ExternalID, c.OrderNumber, c.Kind, c.Status, c.OccurredAt.Unix(), c.Currency, c.TotalMinor, c.TaxMinor, c.ShippingMinor, c.DiscountMinor,
		c.BaseMinor, c.CouponCodes, c.SubIds, c.Source, c.OrderScope, c.SourceVersion, c.CustomerID != nil,
		line.ExternalID, line.ProductID, line.Sku, line.Title, line.Quantity, line.GiftCard, line.AmountMinor, line.TaxMinor)
	want := fmt.Sprint("1", "#1", "SALE", "PENDING", 1772359200, "KWD", 25000, 1005, 2000, 500,
		0, []string{"SAVE"}, map[string]string{"sub1": "blog"}, "till", "north", 9007199254740993, true,
		"1", "p", "s", "Mug", 3, true, 21995, 1005)
	if told != want {
		t.Errorf("stored %s, want %s", told, want)
	}
}

// everyField is an order on one line. A gift card earns nothing: its base is zero.
// 2026-03-01T12:00:00+02:00 is 10:00 UTC, 1 772 359 200 s after 1970.
const everyField = `{"type":"order","programId":"P","externalId":"1","orderNumber":"#1","kind":"SALE","status":"PENDING",
"occurredAt":"2026-03-01T12:00:00+02:00","total":{"amount":"25.00","currency":"KWD"},"tax":{"amount":"1.005","currency":"KWD"},
"shipping":{"amount":"2","currency":"KWD"},"discount":{"amount":"0.500","currency":"KWD"},
"lines":[{"productId":"p","sku":"s","title":"Mug","quantity":3,"giftCard":true,"amount":{"amount":"21.995","currency":"KWD"},"tax":{"amount":"1.005","currency":"KWD"},"discount":null}],
"customer":{"externalId":"c","email":"ann@example.com","name":"Ann"},"couponCodes":["SAVE"],"subIds":{"sub1":"blog"},
"source":"till","orderScope":"north","version":"9007199254740993","clickToken":"none"}`

func TestASignupWithoutAnAmountIsCountedInTheProgramsCurrency(t *testing.T) {
	t.Parallel()
	d := open(t)
	got, _ := d.send("", d.fill(`{"type":"order","programId":"P","externalId":"1","kind":"SIGNUP"}`), `{"type":"order","programId":"prg_no","externalId":"1","kind":"LEAD"}`)
	d.expect(got, "1 created", "2 refused NOT_FOUND programId")
	if c := d.sales()[0]; c.Currency != "USD" || c.TotalMinor != 0 || c.Kind != "SIGNUP" {
		t.Errorf("stored %+v", c)
	}
}

func TestALongLineIsRefusedAlone(t *testing.T) {
	t.Parallel()
	d := open(t)
	pad := func(n int) string { return d.order("1") + strings.Repeat(" ", n-len(d.order("1"))) }
	got, _ := d.send("", pad(256<<10+1), pad(256<<10), strings.Repeat("x", 1<<20))
	d.expect(got, "1 refused TOO_LARGE", "2 created", "3 refused TOO_LARGE")
}

// endless is a body whose length is not said.
type endless struct{ io.Reader }

func TestABodyAbove64MiBIsRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	lines := bytes.Repeat(append(bytes.Repeat([]byte(" "), 1<<20-1), '\n'), 65)
	if c := d.post("", bytes.NewReader(lines)); c.code != http.StatusRequestEntityTooLarge {
		t.Errorf("answered %d", c.code)
	}
	c := d.post("", endless{bytes.NewReader(lines)})
	for range 64 {
		var a importer.Answer
		c.next(&a)
	}
	if s := c.sum(); s.Done || s.Next != 65 || s.Problems[0].Code != "TOO_LARGE" {
		t.Errorf("summary %+v", s)
	}
}

func TestWhenTheDatabaseIsAwayTheImportSaysWhereToGoOn(t *testing.T) {
	t.Parallel()
	d := open(t)
	first := d.order("1")
	d.must(d.store.Close())
	got, sum := d.send("", first)
	if len(got) != 0 || sum.Done || sum.Next != 1 || sum.Problems[0].Code != "UNAVAILABLE" || strings.Contains(sum.Problems[0].Message, "sql") {
		t.Errorf("answered %v, %+v", got, sum)
	}
}
