package earn

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track"
	rules "github.com/tributary/tributary/track/attribution"
)

// Bounds of a person's decision.
const (
	MaxNamed = 20        // affiliates
	MaxParts = 1_000_000 // of one affiliate
)

// ReattributeInput is a person's decision on the credit for a conversion: one
// affiliate has all of it, or several share it by parts.
type ReattributeInput struct {
	ConversionID string
	AffiliateID  string       // or
	Shares       []NamedShare // 1 to MaxNamed, each affiliate once
	Reason       string       // 1 to 500 bytes; whoever gets the credit sees it
}

// NamedShare is an affiliate's part of the credit.
type NamedShare struct {
	AffiliateID string
	Parts       int // 1 to MaxParts, of the sum of all
}

// Reattribute puts a person's decision in the place of the one in force. All that
// the conversion has earned is taken back, from where it is, after a payout too;
// and what it earns the affiliates named is accrued, under the terms in force when
// it happened and on hold from then, less what was given back since. It is undone
// by another. Errors: NOT_FOUND conversionId, affiliateId or shares.N.affiliateId;
// WRONG_STATE conversionId for a conversion on whose credit nothing is decided, or
// that is cancelled; WRONG_STATE at an affiliate who is not active in the program;
// CONFLICT affiliateId or shares when they have just this credit; INVALID.
func (s *Service) Reattribute(ctx context.Context, in ReattributeInput) (OrderOutcome, error) {
	named, err := in.named()
	if err != nil {
		return OrderOutcome{}, err
	}
	c := store.Command{Name: "conversionReattribute", Subject: in.ConversionID}
	return store.Run(ctx, s.store, c, func(ctx context.Context, tx *store.Tx) (OrderOutcome, error) {
		return s.reattributeIn(ctx, tx, in, named)
	})
}

func (s *Service) reattributeIn(ctx context.Context, tx *store.Tx, in ReattributeInput, named []track.Named) (OrderOutcome, error) {
	w, err := openDecided(ctx, tx, in.ConversionID)
	if err != nil {
		return OrderOutcome{}, err
	}
	before, a, err := s.named(ctx, w, in, named)
	if err != nil {
		return OrderOutcome{}, err
	}
	tx.Note(w.sale.ID, map[string]string{"credit": creditText(before) + " → " + creditText(a.decision)})
	err = s.replace(ctx, w, a, causeReattributed)
	return w.outcome(false), err
}

// named checks the input and gives who gets what.
func (in *ReattributeInput) named() ([]track.Named, error) {
	if err := checkWhy(&in.Reason); err != nil {
		return nil, err
	}
	switch {
	case (in.AffiliateID == "") == (len(in.Shares) == 0):
		return nil, problem.At(problem.Invalid, "affiliateId", "name one affiliate, or shares")
	case len(in.Shares) > MaxNamed:
		return nil, problem.At(problem.TooLarge, "shares", "must be at most %d", MaxNamed)
	case in.AffiliateID != "":
		return []track.Named{{AffiliateID: in.AffiliateID, Parts: 1, Field: "affiliateId"}}, nil
	}
	named := make([]track.Named, len(in.Shares))
	for i, x := range in.Shares {
		field := fmt.Sprintf("shares.%d.", i)
		if x.Parts < 1 || x.Parts > MaxParts {
			return nil, problem.At(problem.Invalid, field+"parts", "must be from 1 to %d", MaxParts)
		}
		if slices.ContainsFunc(in.Shares[:i], func(y NamedShare) bool { return y.AffiliateID == x.AffiliateID }) {
			return nil, problem.At(problem.Invalid, field+"affiliateId", "is named twice")
		}
		named[i] = track.Named{AffiliateID: x.AffiliateID, Parts: x.Parts, Field: field + "affiliateId"}
	}
	return named, nil
}

// openDecided starts work on a conversion on whose credit there is a decision, with
// its lines, under its lock.
func openDecided(ctx context.Context, tx *store.Tx, id string) (*work, error) {
	if err := tx.Lock(ctx, "conversions", id); err != nil {
		return nil, err
	}
	sale, err := tx.Ent().Conversion.Get(ctx, id)
	if err != nil {
		return nil, missing(err, "conversionId", "conversion")
	}
	decided := sale.Rating == conversion.RatingRATED || sale.Rating == conversion.RatingNO_CREDIT
	if !decided || sale.Status == conversion.StatusCANCELLED {
		return nil, problem.At(problem.State, "conversionId", "the conversion is %s, its credit %s: nothing is to be decided again", sale.Status, sale.Rating)
	}
	w, err := open(ctx, tx, sale)
	if err != nil {
		return nil, err
	}
	return w, w.readLines(ctx)
}

// named makes the award of a person's decision. It looks at what the decision in
// force looked at, without what another person decided before.
func (s *Service) named(ctx context.Context, w *work, in ReattributeInput, named []track.Named) (before rules.Decision, a award, err error) {
	last, err := w.lastDecision(ctx)
	if err != nil {
		return before, a, err
	}
	facts, before, err := readDecision(last)
	if err != nil {
		return before, a, err
	}
	policy, err := rules.DecodePolicy(last.Edges.Policy.Document)
	if err != nil {
		return before, a, err
	}
	touches, groups, err := s.track.NamedIn(ctx, w.tx, track.Case{Conversion: w.sale, Program: w.program}, named)
	if err != nil {
		return before, a, err
	}
	touches = append(touches, facts.Unnamed().Touches...)
	a = award{policyID: last.PolicyID, why: in.Reason, groups: groups, facts: rules.Freeze(w.sale.ID, w.sale.OccurredAt, touches)}
	a.decision = rules.Decide(policy, a.facts)
	if len(w.commissions) > 0 && creditText(a.decision) == creditText(before) {
		return before, a, problem.At(problem.Conflict, strings.SplitN(named[0].Field, ".", 2)[0], "has just this credit already")
	}
	return before, a, w.evaluate(ctx, &a)
}

// creditText spells who has which part of the credit, such as "aff_1 1/3, aff_2 2/3".
func creditText(d rules.Decision) string {
	parts, sum := d.Parties(), int64(0)
	for _, p := range parts {
		sum += p.Num
	}
	text := make([]string, len(parts))
	for i, p := range parts {
		text[i] = fmt.Sprintf("%s %d/%d", p.AffiliateID, p.Num, sum)
	}
	if len(text) == 0 {
		return "nobody"
	}
	return strings.Join(text, ", ")
}

// readDecision reads what a decision was made from, and the decision.
func readDecision(row *ent.Attribution) (rules.Facts, rules.Decision, error) {
	facts, err := rules.DecodeFacts(row.Facts)
	if err != nil {
		return facts, rules.Decision{}, err
	}
	decision, err := rules.DecodeDecision(row.Decision)
	return facts, decision, err
}
