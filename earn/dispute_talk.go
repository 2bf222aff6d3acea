package earn

import (
	"context"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/dispute"
	"github.com/tributary/tributary/ent/disputecomment"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// disputeMoves is every change of a dispute's status there is. What is decided stays
// decided; who disagrees opens another, within the program's days.
var disputeMoves = map[dispute.Status][]dispute.Status{
	dispute.StatusOPEN:     {dispute.StatusANSWERED, dispute.StatusACCEPTED, dispute.StatusDECLINED, dispute.StatusWITHDRAWN},
	dispute.StatusANSWERED: {dispute.StatusACCEPTED, dispute.StatusDECLINED, dispute.StatusWITHDRAWN},
}

// heldDispute reads a dispute that is not decided, under its lock: two decisions at
// once would each have its effect. The lock comes before the conversion's, and nobody
// asks for a dispute's while it holds a conversion's.
func heldDispute(ctx context.Context, tx *store.Tx, disputeID string) (*ent.Dispute, error) {
	if err := tx.Lock(ctx, "disputes", disputeID); err != nil {
		return nil, err
	}
	d, err := tx.Ent().Dispute.Get(ctx, disputeID)
	if err != nil {
		return nil, missing(err, "id", "dispute")
	}
	if len(disputeMoves[d.Status]) == 0 {
		return nil, problem.At(problem.State, "id", "the dispute is %s", d.Status)
	}
	return d, nil
}

// DisputeCommentInput is what one side says.
type DisputeCommentInput struct {
	ID   string
	Text string // 1 to 4000 bytes; both sides see it
}

// DisputeComment adds what the viewer's side says to a dispute that is not decided. The
// merchant's first word answers it. Errors: NOT_FOUND id, WRONG_STATE id, INVALID text,
// TOO_LARGE text after MaxComments.
func (s *Service) DisputeComment(ctx context.Context, in DisputeCommentInput) (DisputeOutcome, error) {
	if in.Text = strings.TrimSpace(in.Text); !words(in.Text) {
		return DisputeOutcome{}, problem.At(problem.Invalid, "text", "must be text of 1 to %d bytes", maxEvidence)
	}
	c := store.Command{Name: "disputeComment", Subject: in.ID}
	return store.Run(ctx, s.store, c, func(ctx context.Context, tx *store.Tx) (DisputeOutcome, error) {
		d, err := heldDispute(ctx, tx, in.ID)
		if err != nil {
			return DisputeOutcome{}, err
		}
		said, err := tx.Ent().DisputeComment.Query().Where(disputecomment.DisputeID(d.ID)).Count(ctx)
		if err == nil && said >= MaxComments {
			err = problem.At(problem.TooLarge, "text", "a dispute has at most %d comments", MaxComments)
		}
		if err != nil {
			return DisputeOutcome{}, err
		}
		side := sideOf(ctx)
		err = tx.Ent().DisputeComment.Create().SetID(tx.ID(id.Comment)).SetDisputeID(d.ID).SetAffiliateID(d.AffiliateID).SetSide(side).SetText(in.Text).Exec(ctx)
		if err != nil {
			return DisputeOutcome{}, err
		}
		tx.Note(d.ID, nil)
		return DisputeOutcome{DisputeID: d.ID}, answered(ctx, tx, d, side)
	})
}

// answered says who spoke, and keeps when the merchant first did.
func answered(ctx context.Context, tx *store.Tx, d *ent.Dispute, side disputecomment.Side) error {
	if side == disputecomment.SideAFFILIATE || d.Status != dispute.StatusOPEN {
		emitDispute(tx, d, eventDisputeCommented, nil)
		return nil
	}
	after, err := tx.Ent().Dispute.UpdateOne(d).SetStatus(dispute.StatusANSWERED).SetAnsweredAt(tx.MerchantTime()).Save(ctx)
	if err == nil {
		emitDispute(tx, after, eventDisputeAnswered, nil)
	}
	return err
}

func sideOf(ctx context.Context) disputecomment.Side {
	if v, ok := trust.From(ctx); ok && v.AffiliateID != "" {
		return disputecomment.SideAFFILIATE
	}
	return disputecomment.SideMERCHANT
}

// DisputeWithdraw ends a dispute that is not decided, without effect. Errors: NOT_FOUND
// id, WRONG_STATE id.
func (s *Service) DisputeWithdraw(ctx context.Context, disputeID string) (DisputeOutcome, error) {
	c := store.Command{Name: "disputeWithdraw", Subject: disputeID}
	return store.Run(ctx, s.store, c, func(ctx context.Context, tx *store.Tx) (DisputeOutcome, error) {
		d, err := heldDispute(ctx, tx, disputeID)
		if err != nil {
			return DisputeOutcome{}, err
		}
		after, err := tx.Ent().Dispute.UpdateOne(d).SetStatus(dispute.StatusWITHDRAWN).SetDecidedAt(tx.MerchantTime()).Save(ctx)
		if err == nil {
			tx.Note(d.ID, nil)
			emitDispute(tx, after, eventDisputeWithdrawn, nil)
		}
		return DisputeOutcome{DisputeID: disputeID}, err
	})
}
