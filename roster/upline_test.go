package roster_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/trust"
)

// several affiliates a, b, c …
func (h house) several(n int) []string {
	h.t.Helper()
	var ids []string
	for i := range n {
		ids = append(ids, h.affiliate(fmt.Sprintf("a%d@example.com", i)).AffiliateID)
	}
	return ids
}

func (h house) recruit(child, parent string) error {
	_, err := h.AffiliateUpdate(h.ctx, roster.AffiliateUpdateInput{ID: child, ParentID: &parent})
	return err
}

func (h house) upline(affiliateID string) []string {
	h.t.Helper()
	chain, err := h.chain(h.ctx, affiliateID)
	must(h.t, err)
	return chain
}

func TestUplineIsNearestFirst(t *testing.T) {
	h := open(t)
	a := h.several(3)
	must(t, h.recruit(a[0], a[1]))
	must(t, h.recruit(a[1], a[2]))
	if got := h.upline(a[0]); !slices.Equal(got, []string{a[1], a[2]}) {
		t.Errorf("upline %v", got)
	}
	// An affiliate that asks sees its own row only; the rule sees the chain.
	own := trust.With(t.Context(), trust.Viewer{MerchantID: h.merchant, PrincipalID: "usr_a", Kind: trust.KindUser, Role: trust.Affiliate, AffiliateID: a[0]})
	if got, err := h.chain(own, a[0]); err != nil || len(got) != 2 {
		t.Errorf("for the affiliate itself: %v, %v", got, err)
	}
	if got := h.upline("aff_none"); len(got) != 0 {
		t.Errorf("upline of nobody: %v", got)
	}
	must(t, h.recruit(a[0], ""))
	if got := h.upline(a[0]); len(got) != 0 {
		t.Errorf("after the parent was taken away: %v", got)
	}
}

func TestQ58_CirclesAreRefused(t *testing.T) {
	h := open(t)
	a := h.several(3)
	refused(t, h.recruit(a[0], a[0]), problem.Invalid, "parentId")
	must(t, h.recruit(a[0], a[1]))
	must(t, h.recruit(a[1], a[2]))
	refused(t, h.recruit(a[2], a[0]), problem.Invalid, "parentId")
	refused(t, h.recruit(a[1], a[0]), problem.Invalid, "parentId")
	if got := h.upline(a[2]); len(got) != 0 {
		t.Fatalf("upline %v", got)
	}
}

// Ring by ring, every member takes the next one as its parent at the same
// moment: all but one succeed, whatever the length of the ring. Rings of four
// and more are where locking only the two rows of a move lets a circle close.
func TestQ58_MovesAtOnceNeverCloseACircle(t *testing.T) {
	h := open(t)
	members := h.several(5)
	for round := range 12 {
		size := 2 + round%4
		ring := members[:size]
		for _, one := range ring {
			must(t, h.recruit(one, ""))
		}
		done := h.closeRing(ring)
		if done != size-1 {
			t.Fatalf("round %d: %d of %d moves were made", round, done, size)
		}
		for _, one := range ring {
			if chain := h.bounded(one); slices.Contains(chain, one) || len(chain) >= size {
				t.Fatalf("round %d: %s is in its own upline %v", round, one, chain)
			}
		}
	}
}

// N20: a hundred moves at once, each of an affiliate under another one, chosen so
// that many would close a circle of some length. Each is made or refused, and
// every chain ends.
func TestN20_AHundredMovesAtOnceCloseNoCircle(t *testing.T) {
	h := open(t)
	members := h.several(12)
	r := rand.New(rand.NewPCG(58, 20))
	for round := range 3 {
		var group sync.WaitGroup
		start := make(chan struct{})
		for range 100 {
			child, parent := members[r.IntN(len(members))], members[r.IntN(len(members))]
			group.Go(func() {
				<-start
				if err := h.recruit(child, parent); err != nil && problem.CodeOf(err) != problem.Invalid {
					t.Error(err)
				}
			})
		}
		close(start)
		group.Wait()
		for _, one := range members {
			if chain := h.bounded(one); len(chain) >= len(members) || slices.Contains(chain, one) {
				t.Fatalf("round %d: %s has above it %v", round, one, chain)
			}
		}
	}
}

// bounded is the upline, or as much of it as shows that it goes in a circle.
func (h house) bounded(affiliateID string) (chain []string) {
	h.t.Helper()
	for row := h.row(affiliateID); row.ParentID != nil && len(chain) < 100; row = h.row(*row.ParentID) {
		chain = append(chain, *row.ParentID)
	}
	return chain
}

func (h house) closeRing(ring []string) (done int) {
	var mu sync.Mutex
	var group sync.WaitGroup
	start := make(chan struct{})
	for i, one := range ring {
		group.Go(func() {
			<-start
			err := h.recruit(one, ring[(i+1)%len(ring)])
			mu.Lock()
			defer mu.Unlock()
			switch problem.CodeOf(err) {
			case "":
				done++
			case problem.Invalid:
			default:
				h.t.Error(err)
			}
		})
	}
	close(start)
	group.Wait()
	return done
}

func TestParentOfANewAffiliate(t *testing.T) {
	h := open(t)
	parent := h.affiliate("p@example.com")
	out, err := h.AffiliateCreate(h.ctx, roster.AffiliateCreateInput{Name: "B", Email: "b@example.com", ParentID: parent.AffiliateID})
	must(t, err)
	if got := h.upline(out.AffiliateID); !slices.Equal(got, []string{parent.AffiliateID}) {
		t.Fatalf("upline %v", got)
	}
}

// chain is the whole upline, as a command of the context's viewer reads it.
func (h house) chain(ctx context.Context, affiliateID string) ([]string, error) {
	return store.Run(ctx, h.store, store.Command{Name: "look", Quiet: true}, func(ctx context.Context, tx *store.Tx) ([]string, error) {
		return roster.Upline(ctx, tx, affiliateID, roster.AllLevels)
	})
}
