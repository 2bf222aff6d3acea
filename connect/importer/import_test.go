package importer_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tributary/tributary/connect/importer"
	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/trust"
)

// desk is a server that takes imports of one merchant's owner.
type desk struct {
	t       testing.TB
	ctx     context.Context
	store   *store.Store
	server  *httptest.Server
	program string
}

func open(t testing.TB) *desk {
	t.Helper()
	s := storetest.OpenAt(t, storetest.NewClock())
	d := &desk{t: t, store: s}
	d.ctx, _ = storetest.Merchant(t, s)
	tracks, err := track.New(track.Config{Store: s})
	d.must(err)
	p, err := roster.New(roster.Config{Store: s}).ProgramCreate(d.ctx, roster.ProgramCreateInput{
		Name: "Shoes", Currency: "USD", TimeZone: "UTC", FallbackURL: "https://shop.example/",
	})
	d.must(err)
	d.program = p.ProgramID
	d.server = serve(t, s, tracks, func(ctx context.Context) context.Context {
		v, _ := trust.From(d.ctx)
		return trust.With(ctx, v)
	})
	return d
}

// serve starts a server whose requests come from whoever as says.
func serve(t testing.TB, s *store.Store, tracks *track.Service, as func(context.Context) context.Context) *httptest.Server {
	imports := importer.New(importer.Config{Store: s, Earn: earn.New(earn.Config{
		Store: s, Track: tracks, Ledger: ledger.New(ledger.Config{Store: s}),
	})}).Import()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		imports.ServeHTTP(w, r.WithContext(as(r.Context())))
	}))
	t.Cleanup(server.Close)
	return server
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// conversation is an import under way.
type conversation struct {
	t     testing.TB
	code  int
	lines *bufio.Scanner
	body  io.ReadCloser
}

// post sends a body and gives the answers to read.
func (d *desk) post(query string, body io.Reader) *conversation {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.server.URL+"/import"+query, body)
	d.must(err)
	res, err := d.server.Client().Do(req)
	d.must(err)
	d.t.Cleanup(func() { _ = res.Body.Close() })
	return &conversation{t: d.t, code: res.StatusCode, lines: bufio.NewScanner(res.Body), body: res.Body}
}

// next reads one answer into v.
func (c *conversation) next(v any) {
	c.t.Helper()
	if !c.lines.Scan() {
		c.t.Fatalf("no more answers: %v", c.lines.Err())
	}
	if err := json.Unmarshal(c.lines.Bytes(), v); err != nil {
		c.t.Fatal(err)
	}
}

// told writes an answer down without its ids.
func told(a importer.Answer) string {
	text := fmt.Sprint(a.Line, " ", a.Status)
	for _, p := range a.Problems {
		text += " " + strings.TrimSpace(p.Code+" "+p.Field)
	}
	return text
}

// refusal is the code and the field of what was refused before the first line.
func (c *conversation) refusal() string {
	c.t.Helper()
	var whole struct {
		Errors []struct {
			Extensions struct {
				Code  string
				Field []string
			}
		}
	}
	c.next(&whole)
	if len(whole.Errors) != 1 {
		c.t.Fatalf("%+v is no refusal", whole)
	}
	return whole.Errors[0].Extensions.Code + " " + strings.Join(whole.Errors[0].Extensions.Field, ".")
}

// sum reads the summary and expects it to be the last answer.
func (c *conversation) sum() importer.Summary {
	c.t.Helper()
	var s importer.Summary
	c.next(&s)
	if c.lines.Scan() {
		c.t.Errorf("an answer after the summary: %s", c.lines.Text())
	}
	return s
}

// send imports lines and gives all answers, and the summary.
func (d *desk) send(query string, lines ...string) ([]string, importer.Summary) {
	d.t.Helper()
	c := d.post(query, strings.NewReader(strings.Join(lines, "\n")))
	var all []string
	for c.lines.Scan() {
		if strings.HasPrefix(c.lines.Text(), `{"done"`) {
			var s importer.Summary
			d.must(json.Unmarshal(c.lines.Bytes(), &s))
			return all, s
		}
		var a importer.Answer
		d.must(json.Unmarshal(c.lines.Bytes(), &a))
		all = append(all, told(a))
	}
	d.t.Fatalf("no summary after %v: %v", all, c.lines.Err())
	return nil, importer.Summary{}
}

func (d *desk) expect(got []string, want ...string) {
	d.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		d.t.Errorf("answered\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// sales lists the conversions by external id.
func (d *desk) sales() []*ent.Conversion {
	d.t.Helper()
	rows, err := d.store.Client().Conversion.Query().Order(ent.Asc("external_id")).WithLines().WithRefunds().All(d.ctx)
	d.must(err)
	return rows
}

// order is a line about an order of two lines, 12.50 and 7.49.
func (d *desk) order(externalID string) string {
	return fmt.Sprintf(`{"type":"order","programId":%q,"externalId":%q,"lines":[{"externalId":"a","amount":{"amount":"12.50","currency":"USD"}},{"externalId":"b","quantity":2,"amount":{"amount":"7.49","currency":"USD"}}]}`, d.program, externalID)
}

func (d *desk) refund(orderID, refundID, amount string) string {
	return fmt.Sprintf(`{"type":"refund","programId":%q,"orderExternalId":%q,"externalId":%q,"lines":[{"lineExternalId":"a","amount":{"amount":%q,"currency":"USD"}}]}`, d.program, orderID, refundID, amount)
}

func (d *desk) cancel(orderID string) string {
	return fmt.Sprintf(`{"type":"cancel","programId":%q,"externalId":%q}`, d.program, orderID)
}

func TestQ05_Q47_AFileMayBeSentAgain(t *testing.T) {
	t.Parallel()
	d := open(t)
	file := []string{d.order("1"), d.refund("1", "r1", "2.50"), "", d.order("2"), d.cancel("2"), d.refund("3", "r1", "1.00")}
	for _, status := range []string{"created", "known"} {
		got, sum := d.send("", file...)
		d.expect(got, "1 "+status, "2 "+status, "4 "+status, "5 "+status, "6 refused NOT_FOUND orderExternalId")
		want := importer.Summary{Done: true, Next: 7, Lines: 5, Refused: 1, Created: 4}
		if status == "known" {
			want.Created, want.Known = 0, 4
		}
		if fmt.Sprint(sum) != fmt.Sprint(want) {
			t.Errorf("summary %+v, want %+v", sum, want)
		}
		d.books()
	}
}

// books checks both orders: 12.50 + 7.49 = 19.99 sold, 2.50 of the first given back,
// all of the second.
func (d *desk) books() {
	d.t.Helper()
	var got []string
	for _, c := range d.sales() {
		got = append(got, fmt.Sprint(c.ExternalID, " ", c.Source, " ", c.Status, " ", c.BaseMinor, "-", c.RefundedMinor, " ", len(c.Edges.Lines), "/", len(c.Edges.Refunds)))
	}
	if want := "[1 import PARTIALLY_REFUNDED 1999-250 2/1 2 import CANCELLED 1999-1999 2/1]"; fmt.Sprint(got) != want {
		d.t.Errorf("books %v, want %s", got, want)
	}
}

func TestAnAnswerComesBeforeTheNextLineIsSent(t *testing.T) {
	t.Parallel()
	d := open(t)
	body, lines := io.Pipe()
	begun := make(chan struct{})
	go func() {
		_, _ = io.WriteString(lines, d.order("1")+"\n")
		<-begun
		_, _ = io.WriteString(lines, d.order("2"))
		_ = lines.Close()
	}()
	c := d.post("", body)
	for n, want := range []string{"1 created", "2 created"} {
		var a importer.Answer
		c.next(&a)
		if told(a) != want || a.ConversionID == "" {
			t.Errorf("answered %+v, want %s", a, want)
		}
		if n == 0 {
			close(begun)
		}
	}
	if s := c.sum(); !s.Done || s.Next != 3 {
		t.Errorf("summary %+v", s)
	}
}

// The client is cut in the middle of a line. What was answered is there; half a line
// is none; the rest is sent from where it says.
func TestAnImportGoesOnWhereItWasCut(t *testing.T) {
	t.Parallel()
	d := open(t)
	file := make([]string, 30)
	for i := range file {
		file[i] = d.order(fmt.Sprintf("%02d", i+1))
	}
	body, lines := io.Pipe()
	cut := make(chan struct{})
	go func() {
		_, _ = io.WriteString(lines, strings.Join(file[:12], "\n")+"\n"+file[12][:40])
		<-cut
		_ = lines.CloseWithError(io.ErrUnexpectedEOF)
	}()
	c := d.post("", body)
	for range 12 {
		var a importer.Answer
		c.next(&a)
	}
	close(cut)
	_, _ = io.Copy(io.Discard, c.body)
	if n := len(d.sales()); n != 12 {
		t.Fatalf("%d orders after the cut, want 12", n)
	}
	got, sum := d.send("?from=13", file...)
	if len(got) != 18 || got[0] != "13 created" || sum.Created != 18 || !sum.Done {
		t.Errorf("went on with %v, %+v", got, sum)
	}
	if n := len(d.sales()); n != 30 {
		t.Errorf("%d orders, want 30", n)
	}
}

func TestStopOnError(t *testing.T) {
	t.Parallel()
	d := open(t)
	got, sum := d.send("?stopOnError=1", d.order("1"), "{}", d.order("2"))
	d.expect(got, "1 created", "2 refused INVALID type")
	if sum.Done || sum.Next != 2 || len(d.sales()) != 1 {
		t.Errorf("summary %+v, %d orders", sum, len(d.sales()))
	}
	got, _ = d.send("?from=3", d.order("1"), "{}", d.order("2"))
	d.expect(got, "3 created")
}

func TestBadParametersChangeNothing(t *testing.T) {
	t.Parallel()
	d := open(t)
	for query, field := range map[string]string{"?from=0": "from", "?from=x": "from", "?from=-1": "from", "?stopOnError=yes": "stopOnError", "?stopOnerror=1": "stopOnerror", "?from=1&from=2": "from"} {
		if c := d.post(query, strings.NewReader(d.order("1"))); c.code != 400 || c.refusal() != "INVALID "+field {
			t.Errorf("%s: %d", query, c.code)
		}
	}
	if n := len(d.sales()); n != 0 {
		t.Errorf("%d orders", n)
	}
}

func TestOnlyWhoMayRecordConversionsMayImport(t *testing.T) {
	t.Parallel()
	d := open(t)
	owner, _ := trust.From(d.ctx)
	analyst := owner
	analyst.Role = trust.Analyst
	token := trust.Viewer{MerchantID: owner.MerchantID, Kind: trust.KindToken, Scopes: []trust.Scope{trust.ConversionRead}}
	public := trust.Viewer{MerchantID: owner.MerchantID, Kind: trust.KindPublishable, Scopes: []trust.Scope{trust.ConversionWrite}}
	tracks, err := track.New(track.Config{Store: d.store})
	d.must(err)
	for want, viewers := range map[int][]trust.Viewer{401: {{}}, 403: {analyst, token, public}} {
		for _, v := range viewers {
			d.server = serve(t, d.store, tracks, func(ctx context.Context) context.Context {
				if v.MerchantID == "" {
					return ctx
				}
				return trust.With(ctx, v)
			})
			if c := d.post("", strings.NewReader(d.order("1"))); c.code != want || c.refusal() != map[int]string{401: "UNAUTHENTICATED ", 403: "FORBIDDEN "}[want] {
				t.Errorf("%+v: %d, want %d", v, c.code, want)
			}
		}
	}
	if n := len(d.sales()); n != 0 {
		t.Errorf("%d orders", n)
	}
}
