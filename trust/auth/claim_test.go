package auth

import (
	"context"
	"sync"
	"testing"

	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

func TestClaimMakesAnAffiliateWhoSignsIn(t *testing.T) {
	h := open(t)
	aff := h.affiliate(h.owner.MerchantID, "new@example.com")
	out, err := h.Claim(t.Context(), ClaimInput{"claim new@example.com", right})
	must(t, err)
	v := trustOf(h.as(out.AccessToken))
	if v.Role != trust.Affiliate || v.AffiliateID != aff || v.MerchantID != h.owner.MerchantID || !v.Can(trust.LinkWrite) || v.Can(trust.AffiliateWrite) {
		t.Fatalf("%+v", v)
	}
	if n, err := h.store.Client().Affiliate.Query().Count(h.as(out.AccessToken)); err != nil || n != 1 {
		t.Fatalf("sees %d affiliates, %v", n, err)
	}
	_, err = h.Claim(t.Context(), ClaimInput{"claim new@example.com", right})
	refused(t, err, problem.Unauthenticated, "")
	in, err := h.LogIn(t.Context(), LogInInput{Email: "new@example.com", Password: right})
	must(t, err)
	if in.AffiliateID != aff {
		t.Fatalf("%+v", in)
	}
	must(t, h.LogOut(h.as(in.AccessToken))) // sessions are out of an affiliate's sight, and end all the same
	h.refuses(in.AccessToken)
	next, err := h.Refresh(t.Context(), RefreshInput{out.RefreshToken})
	must(t, err)
	h.as(next.AccessToken)
}

func TestClaimIsRefused(t *testing.T) {
	h := open(t)
	h.affiliate(h.owner.MerchantID, "a@example.com")
	_, err := h.Claim(t.Context(), ClaimInput{"claim a@example.com", "short"})
	refused(t, err, problem.Invalid, "password")
	for _, token := range []string{"", "x", "trb_claim_AAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		_, err := h.Claim(t.Context(), ClaimInput{token, right})
		refused(t, err, problem.Unauthenticated, "")
	}
	for _, status := range []affiliate.Status{affiliate.StatusREJECTED, affiliate.StatusARCHIVED} {
		h.write(h.owner.MerchantID, func(ctx context.Context, tx *store.Tx) error {
			return tx.Ent().Affiliate.Update().SetStatus(status).Exec(ctx)
		})
		_, err := h.Claim(t.Context(), ClaimInput{"claim a@example.com", right})
		refused(t, err, problem.State, "claimToken")
	}
}

// Somebody typed bea's address into a form and holds the claim.
func TestClaimDoesNotOpenAnotherPersonsAccount(t *testing.T) {
	h := open(t)
	bea := h.signUp("bea@example.com")
	h.affiliate(h.owner.MerchantID, "bea@example.com")
	_, err := h.Claim(t.Context(), ClaimInput{"claim bea@example.com", "the thief's own choice"})
	refused(t, err, problem.Unauthenticated, "")
	_, err = h.LogIn(t.Context(), LogInInput{Email: "bea@example.com", Password: "the thief's own choice"})
	refused(t, err, problem.Unauthenticated, "")
	out, err := h.Claim(t.Context(), ClaimInput{"claim bea@example.com", right}) // bea herself
	must(t, err)
	if out.UserID != bea.UserID || out.MerchantID != h.owner.MerchantID {
		t.Fatalf("%+v", out)
	}
	h.affiliate(h.owner.MerchantID, "ada@example.com")
	_, err = h.Claim(t.Context(), ClaimInput{"claim ada@example.com", right}) // the owner is no affiliate of her own
	refused(t, err, problem.Taken, "email")
}

func TestClaimWorksOnceHoweverManyTry(t *testing.T) {
	h := open(t)
	h.affiliate(h.owner.MerchantID, "a@example.com")
	var mu sync.Mutex
	var group sync.WaitGroup
	done := 0
	for range 4 {
		group.Go(func() {
			_, err := h.Claim(t.Context(), ClaimInput{"claim a@example.com", right})
			mu.Lock()
			defer mu.Unlock()
			switch problem.CodeOf(err) {
			case "":
				done++
			case problem.Unauthenticated, problem.Taken:
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if done != 1 {
		t.Fatalf("%d claims worked", done)
	}
}
