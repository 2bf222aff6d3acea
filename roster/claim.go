package roster

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// claim lets whoever holds it set the affiliate's password, once (trust/auth).
// Only its hash is stored.
type claim string

const claimBrand = "trb_claim_"

// newClaim draws 128 random bits and more.
func newClaim() claim { return claim(claimBrand + rand.Text()) }

// claimOf is the first claim of an affiliate that staff brings in. It is made from
// the affiliate's id under the master key: the letter that invites the affiliate
// holds the claim that the answer held, and neither row nor job does.
func (s *Service) claimOf(affiliateID string) claim {
	sum := s.store.Keys().Hash("", "affiliate claim", affiliateID)
	return claim(claimBrand + base32.StdEncoding.EncodeToString(sum)[:len(rand.Text())])
}

// Invitation is the claim of an affiliate whom staff brought in and who has not
// used it; false for one who has, who applied, or was given another.
func (s *Service) Invitation(row *ent.Affiliate) (token string, open bool) {
	first := s.claimOf(row.ID)
	open = row.ClaimHash != nil && bytes.Equal(*row.ClaimHash, first.hash())
	return string(first), open
}

func (c claim) hash() []byte {
	sum := sha256.Sum256([]byte(c))
	return sum[:]
}

// ClaimReissueInput names the affiliate that has lost its claim.
type ClaimReissueInput struct{ ID string }

// Reissued holds the new claim, which is given once.
type Reissued struct {
	AffiliateID string
	ClaimToken  string `json:"-"` // never in a stored outcome
}

// ClaimReissue gives an affiliate a new claim in place of the one that was lost.
// Errors: NotFound; State for an affiliate that has a log-in, or is rejected or
// archived.
func (s *Service) ClaimReissue(ctx context.Context, in ClaimReissueInput) (Reissued, error) {
	return store.Run(ctx, s.store, store.Command{Name: "affiliateClaimReissue", Subject: in.ID}, func(ctx context.Context, tx *store.Tx) (Reissued, error) {
		if err := tx.Lock(ctx, affiliate.Table, in.ID); err != nil {
			return Reissued{}, err
		}
		row, err := tx.Ent().Affiliate.Get(ctx, in.ID)
		if row, err = found(row, err, "id", "affiliate"); err != nil {
			return Reissued{}, err
		}
		if err := claimable(ctx, tx, row); err != nil {
			return Reissued{}, err
		}
		token := newClaim()
		return Reissued{row.ID, string(token)}, tx.Ent().Affiliate.UpdateOne(row).SetClaimHash(token.hash()).Exec(ctx)
	})
}

func claimable(ctx context.Context, tx *store.Tx, row *ent.Affiliate) error {
	if row.Status == affiliate.StatusREJECTED || row.Status == affiliate.StatusARCHIVED {
		return problem.At(problem.State, "id", "the affiliate is %s", row.Status)
	}
	taken, err := tx.Ent().Membership.Query().Where(membership.AffiliateID(row.ID), membership.EndedAtIsNil()).Exist(ctx)
	if err == nil && taken {
		err = problem.At(problem.State, "id", "the affiliate has a log-in")
	}
	return err
}
