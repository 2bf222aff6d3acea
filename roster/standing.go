package roster

import (
	"context"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// move is one row of the table of an affiliate's standing.
type move struct {
	verb    string // the command that makes the move
	from    affiliate.Status
	to      affiliate.Status
	event   string
	because bool   // the affiliate is owed a reason
	why     string // what the move means
}

// moves is the whole table; a pair that is not here is refused. An affiliate
// begins as PENDING (an application), or ACTIVE (an open program, or staff).
// ARCHIVED is the end. A rejection is not: staff may take it back, after which
// the application is reviewed anew. Applying again does not take it back, else
// a rejected applicant could knock for ever.
var moves = []move{
	{"affiliateApprove", affiliate.StatusPENDING, affiliate.StatusACTIVE, "affiliate.approved", false, "the applicant is let in, and starts in every program applied to"},
	{"affiliateReject", affiliate.StatusPENDING, affiliate.StatusREJECTED, "affiliate.rejected", true, "the applicant is turned down"},
	{"affiliateSuspend", affiliate.StatusACTIVE, affiliate.StatusSUSPENDED, "affiliate.suspended", true, "no new credit from now on; what was earned stays owed"},
	{"affiliateReinstate", affiliate.StatusSUSPENDED, affiliate.StatusACTIVE, "affiliate.reinstated", false, "the suspension is lifted"},
	{"affiliateReinstate", affiliate.StatusREJECTED, affiliate.StatusPENDING, "affiliate.reinstated", false, "the rejection is taken back; review again"},
	{"affiliateArchive", affiliate.StatusPENDING, affiliate.StatusARCHIVED, "affiliate.archived", false, "the applicant withdrew"},
	{"affiliateArchive", affiliate.StatusACTIVE, affiliate.StatusARCHIVED, "affiliate.archived", false, "the affiliate left; every enrollment ends"},
	{"affiliateArchive", affiliate.StatusSUSPENDED, affiliate.StatusARCHIVED, "affiliate.archived", false, "the suspension became final; every enrollment ends"},
	{"affiliateArchive", affiliate.StatusREJECTED, affiliate.StatusARCHIVED, "affiliate.archived", false, "the rejection became final"},
}

// moveOf finds the row for a verb and a present standing.
func moveOf(verb string, from affiliate.Status) (move, error) {
	for _, m := range moves {
		if m.verb == verb && m.from == from {
			return m, nil
		}
	}
	return move{}, problem.At(problem.State, "id", "the affiliate is %s, which this does not apply to", from)
}

// StandingInput moves an affiliate to another standing.
type StandingInput struct {
	ID              string
	Reason          string // needed to reject and to suspend; shown to the affiliate
	ExpectedVersion *int
}

// AffiliateOutcome names an affiliate after a verb.
type AffiliateOutcome struct {
	AffiliateID string
	Status      string
	Version     int
}

// AffiliateApprove lets an applicant in, and starts every enrollment that was
// applied for. Errors as for every move: Invalid without the reason it needs,
// NotFound, Conflict, State when the standing is another.
func (s *Service) AffiliateApprove(ctx context.Context, in StandingInput) (AffiliateOutcome, error) {
	return s.move(ctx, "affiliateApprove", in)
}

// AffiliateReject turns an applicant down. Errors: see AffiliateApprove.
func (s *Service) AffiliateReject(ctx context.Context, in StandingInput) (AffiliateOutcome, error) {
	return s.move(ctx, "affiliateReject", in)
}

// AffiliateSuspend stops new credit until further notice. Errors: see AffiliateApprove.
func (s *Service) AffiliateSuspend(ctx context.Context, in StandingInput) (AffiliateOutcome, error) {
	return s.move(ctx, "affiliateSuspend", in)
}

// AffiliateReinstate takes back a suspension or a rejection. Errors: see AffiliateApprove.
func (s *Service) AffiliateReinstate(ctx context.Context, in StandingInput) (AffiliateOutcome, error) {
	return s.move(ctx, "affiliateReinstate", in)
}

// AffiliateArchive ends the relation for good; rows and debts stay (Q74).
// Errors: see AffiliateApprove.
func (s *Service) AffiliateArchive(ctx context.Context, in StandingInput) (AffiliateOutcome, error) {
	return s.move(ctx, "affiliateArchive", in)
}

func (s *Service) move(ctx context.Context, verb string, in StandingInput) (AffiliateOutcome, error) {
	in.Reason = strings.TrimSpace(in.Reason)
	if err := checkNote("reason", in.Reason, maxReason); err != nil {
		return AffiliateOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: verb}, func(ctx context.Context, tx *store.Tx) (AffiliateOutcome, error) {
		row, err := heldAffiliate(ctx, tx, in.ID, in.ExpectedVersion)
		if err != nil {
			return AffiliateOutcome{}, err
		}
		m, err := moveOf(verb, row.Status)
		if err != nil {
			return AffiliateOutcome{}, err
		}
		if m.because && in.Reason == "" {
			return AffiliateOutcome{}, problem.At(problem.Invalid, "reason", "must say why")
		}
		return m.write(ctx, tx, row, in.Reason)
	})
}

// write makes the move with what follows from it.
func (m move) write(ctx context.Context, tx *store.Tx, row *ent.Affiliate, reason string) (AffiliateOutcome, error) {
	edit := tx.Ent().Affiliate.UpdateOne(row).SetStatus(m.to).SetStatusReason(reason)
	switch {
	case m.from == affiliate.StatusPENDING && m.to != affiliate.StatusARCHIVED:
		edit.SetDecidedAt(tx.MerchantTime())
	case m.to == affiliate.StatusPENDING:
		edit.ClearDecidedAt()
	}
	after, err := edit.Save(ctx)
	if err != nil {
		return AffiliateOutcome{}, err
	}
	tx.Emit(affiliateEvent(m.event, after, canon.Facts{"from": string(m.from), "to": string(m.to)}))
	tx.Note(row.ID, nil)
	return outcomeOf(after), m.follow(ctx, tx, row.ID)
}

// follow lets the enrollments keep step with the standing.
func (m move) follow(ctx context.Context, tx *store.Tx, affiliateID string) error {
	switch {
	case m.from == affiliate.StatusPENDING && m.to == affiliate.StatusACTIVE:
		return startEnrollments(ctx, tx, affiliateID)
	case m.to == affiliate.StatusARCHIVED:
		return endEnrollments(ctx, tx, affiliateID)
	}
	return nil
}

func outcomeOf(row *ent.Affiliate) AffiliateOutcome {
	return AffiliateOutcome{AffiliateID: row.ID, Status: string(row.Status), Version: row.Version}
}

func affiliateEvent(event string, row *ent.Affiliate, facts canon.Facts) store.Event {
	return store.Event{Type: event, Subject: row.ID, AffiliateID: row.ID, Facts: facts}
}

// heldAffiliate reads an affiliate for a change and keeps others from changing
// it until the commit: without the lock an approval and a rejection could both
// find the application pending and both be told to the affiliate.
func heldAffiliate(ctx context.Context, tx *store.Tx, affiliateID string, expected *int) (*ent.Affiliate, error) {
	if err := named(affiliateID, id.Affiliate, "id", "affiliate"); err != nil {
		return nil, err
	}
	if err := tx.Lock(ctx, "affiliates", affiliateID); err != nil {
		return nil, err
	}
	row, err := tx.Ent().Affiliate.Get(ctx, affiliateID)
	if row, err = found(row, err, "id", "affiliate"); err != nil {
		return nil, err
	}
	return row, sameVersion(expected, row.Version)
}
