package connect

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/reconciliation"
	"github.com/tributary/tributary/internal/problem"
)

// mostReported is how many reconciliations a report names.
const mostReported = 50

// ReconciliationReport is what the reconciliations of a time have found at a shop. Its
// counts are sums of theirs: an order that two of them named is counted twice.
type ReconciliationReport struct {
	Asked     int // how many reconciliations there were
	Running   int // those that have not read all pages
	Seen      int // orders that the shop named
	Missing   int // those that were not known here
	Differing int // those of which less was known here

	Gaps            []TimeGap             // parts of the time that none has asked for to its end
	Reconciliations []*ent.Reconciliation // the latest fifty, latest first
}

// TimeGap is a part of a time.
type TimeGap struct{ From, To time.Time }

// ReconciliationReport tells what the reconciliations of a shop have found that asked
// for a time which meets that from from until to. Errors: NOT_FOUND id, INVALID to for
// one that is not after from.
func (s *Service) ReconciliationReport(ctx context.Context, in ReconcileInput) (ReconciliationReport, error) {
	out := ReconciliationReport{}
	if !in.From.Before(in.To) {
		return out, problem.At(problem.Invalid, "to", "must be after from")
	}
	client := s.store.Client()
	if _, err := client.Integration.Get(ctx, in.ID); err != nil {
		return out, named(err, "integrationId", "the integration was not found")
	}
	of := client.Reconciliation.Query().
		Where(reconciliation.IntegrationID(in.ID), reconciliation.SinceAtLT(in.To), reconciliation.UntilAtGT(in.From))
	var sums []struct {
		Status                          string
		Count, Seen, Missing, Differing int
	}
	err := of.Clone().GroupBy(reconciliation.FieldStatus).Aggregate(ent.Count(),
		ent.As(ent.Sum(reconciliation.FieldSeen), "seen"), ent.As(ent.Sum(reconciliation.FieldMissing), "missing"),
		ent.As(ent.Sum(reconciliation.FieldDiffering), "differing")).Scan(ctx, &sums)
	if err != nil {
		return out, err
	}
	for _, one := range sums {
		out.Asked, out.Seen, out.Missing, out.Differing = out.Asked+one.Count, out.Seen+one.Seen, out.Missing+one.Missing, out.Differing+one.Differing
		if one.Status == string(reconciliation.StatusRUNNING) {
			out.Running = one.Count
		}
	}
	if out.Reconciliations, err = of.Clone().Order(ent.Desc(reconciliation.FieldID)).Limit(mostReported).All(ctx); err != nil {
		return out, err
	}
	done, err := of.Where(reconciliation.StatusEQ(reconciliation.StatusDONE)).
		Order(ent.Asc(reconciliation.FieldSinceAt)).Select(reconciliation.FieldSinceAt, reconciliation.FieldUntilAt).All(ctx)
	out.Gaps = gaps(done, TimeGap{in.From, in.To})
	return out, err
}

// gaps are what is left of a time without those that were asked for, which are in the
// order of their beginning.
func gaps(done []*ent.Reconciliation, of TimeGap) (left []TimeGap) {
	at := of.From
	for _, r := range done {
		if at.Before(r.SinceAt) {
			left = append(left, TimeGap{at, r.SinceAt})
		}
		if at.Before(r.UntilAt) {
			at = r.UntilAt
		}
	}
	if at.Before(of.To) {
		left = append(left, TimeGap{at, of.To})
	}
	return left
}
