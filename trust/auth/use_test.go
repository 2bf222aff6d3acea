package auth

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/trust"
)

// settle writes what waits, as RecordUse does, and gives the last use.
func (h house) settle(tokenID string) *time.Time {
	h.t.Helper()
	for token, one := range h.use.take() {
		must(h.t, h.recordUse(h.t.Context(), token, one))
	}
	return h.row(tokenID).LastUsedAt
}

func TestLastUseIsWrittenOnceAMinuteAtMost(t *testing.T) {
	h := open(t)
	out := h.token(TokenCreateInput{Scopes: []trust.Scope{trust.LinkRead}})
	call := func() {
		t.Helper()
		_, err := h.Authenticate(t.Context(), out.Secret, "")
		must(t, err)
	}
	if h.settle(out.TokenID) != nil {
		t.Fatal("used before its use")
	}
	call()
	first := h.clock.Now()
	if got := h.settle(out.TokenID); got == nil || !got.Equal(first) {
		t.Fatalf("last used %v", got)
	}
	for range 59 {
		h.clock.Advance(time.Second)
		call()
		if len(h.use.waiting) != 0 {
			t.Fatal("a second write within the minute")
		}
	}
	h.clock.Advance(time.Second)
	call()
	if got := h.settle(out.TokenID); !got.Equal(first.Add(time.Minute)) {
		t.Fatalf("last used %v", got)
	}
}

func TestTwoServersDoNotWriteTheSameMinuteTwice(t *testing.T) {
	h := open(t)
	out := h.token(TokenCreateInput{Scopes: []trust.Scope{trust.LinkRead}})
	first := h.clock.Now()
	must(t, h.recordUse(t.Context(), out.TokenID, used{h.owner.MerchantID, first}))
	must(t, h.recordUse(t.Context(), out.TokenID, used{h.owner.MerchantID, first.Add(59 * time.Second)}))
	if got := h.row(out.TokenID).LastUsedAt; !got.Equal(first) {
		t.Fatalf("last used %v", got)
	}
}

func TestRecordUseWritesAndStops(t *testing.T) {
	h := open(t)
	out := h.token(TokenCreateInput{Scopes: []trust.Scope{trust.LinkRead}})
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		if err := h.RecordUse(ctx); err != nil {
			t.Error(err)
		}
	})
	_, err := h.Authenticate(t.Context(), out.Secret, "")
	must(t, err)
	patience, enough := context.WithTimeout(t.Context(), 30*time.Second)
	defer enough()
	for h.row(out.TokenID).LastUsedAt == nil {
		if patience.Err() != nil {
			t.Fatal("the use was never written")
		}
	}
	stop()
	group.Wait()
}
