package shopify_test

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"github.com/tributary/tributary/ent/reconciliation"
)

// Four servers at once make one reconciliation and ask for each of its four pages once.
// Without the look at when it is gone on with, they ask for the same pages.
func TestR3_ServersAskAShopOnce(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	s.shop = s.byKeys()
	for i := range 90 {
		s.fake.Put(bytes.ReplaceAll(s.at("paid.json", 1_000_000+i, i), []byte(placeholder), []byte(s.token)))
	}
	var all sync.WaitGroup
	for range 4 {
		c := s.server()
		all.Go(func() {
			for range 8 {
				if _, err := c.ReconcileDue(context.Background()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	one := s.store.Client().Reconciliation.Query().OnlyX(s.ctx)
	if one.Status != reconciliation.StatusDONE || one.Seen != 90 || s.fake.Asked != 4 {
		t.Errorf("%s, seen %d, %d pages", one.Status, one.Seen, s.fake.Asked)
	}
}
