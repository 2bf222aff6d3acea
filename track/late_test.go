package track

import (
	"context"
	"maps"
	"net/http"
	"testing"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/token"
	"github.com/tributary/tributary/trust"
)

// overtaken is an order that is taken in before its click, whose address says more
// than its link.
func overtaken(b *bundle) (record []byte, conversionID string) {
	b.t.Helper()
	b.addLinkWith(LinkCreateInput{Slug: "spring", SubIDs: map[string]string{"s1": "link", "s2": "kept", "s4": "link"}})
	record, c := b.capture("spring", func(r *http.Request) { r.URL.RawQuery = "s1=address&s3=new&s4=address&sub_camp=june" })
	o := b.sale("1001")
	o.ClickToken = token.Token{Click: c.id, Link: c.link}.Encode(b.store.Keys())
	o.SubIDs = map[string]string{"s3": "order", "s4": "order"}
	conversionID = b.record(o).Conversion.ID
	b.labels(conversionID, map[string]string{"s1": "link", "s2": "kept", "s3": "order", "s4": "order"})
	return record, conversionID
}

func (b *bundle) labels(conversionID string, want map[string]string) {
	b.t.Helper()
	if got := b.conversion(conversionID).SubIds; !maps.Equal(got, want) {
		b.t.Errorf("labels %v, want %v", got, want)
	}
}

var whole = map[string]string{"s1": "address", "s2": "kept", "s3": "order", "s4": "order", "sub_camp": "june"}

// Q53: the labels in a click's address reach an order that was there first, as they
// would have reached it later; the order's own win. Without lateLabels the
// conversion keeps the link's.
func TestQ53_LabelsOfAClickReachTheOrderThatOvertookIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	record, conversionID := overtaken(b)
	b.must(b.deliver(record))
	b.labels(conversionID, whole)
	version := b.conversion(conversionID).Version
	b.must(b.deliver(record)) // a second delivery changes nothing
	if got := b.conversion(conversionID).Version; got != version {
		t.Errorf("version %d became %d", version, got)
	}
	if got := b.clicks(); len(got) != 1 || got[0].SubIds["s1"] != "address" {
		t.Errorf("%+v", got)
	}
}

// Q53: the writer looked before the order was committed: the order looks after.
func TestQ53_AnOrderLooksAgainForItsClick(t *testing.T) {
	t.Parallel()
	b := setup(t)
	record, conversionID := overtaken(b)
	system := trust.With(b.t.Context(), trust.System(""))
	row, err := b.resolve(system, record)
	b.must(err)
	_, err = store.Run(system, b.store, store.Command{Name: "clicksWrite", Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		fresh, err := putClicks(ctx, tx, b.store.Postgres(), []clickRow{row})
		return len(fresh), err
	})
	b.must(err)
	e := <-b.early
	b.must(b.reconsider(trust.With(b.t.Context(), trust.System(e.merchantID)), e))
	b.labels(conversionID, whole)
}
