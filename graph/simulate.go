package graph

import (
	"errors"
	"slices"
	"strings"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/predicate"
	"github.com/tributary/tributary/ent/simulationdifference"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// simulationOf turns an input into a simulation's.
func simulationOf(in model.PlanSimulateInput) (earn.PlanSimulateInput, error) {
	out := earn.PlanSimulateInput{ProgramID: in.ProgramID, PlanVersionID: or(in.PlanVersionID, ""), From: in.From, Until: in.Until}
	if in.Terms == nil {
		return out, nil
	}
	terms, err := mapTerms(*in.Terms)
	out.Terms = &terms
	return out, err
}

// ownFields are those of the input itself; every other one is of its terms.
var ownFields = []string{"", "programId", "planVersionId", "until"}

// withinTerms names fields of terms as the input does.
func withinTerms(err error) error {
	var all []error
	for _, one := range flatten(err) {
		if p, ok := problem.As(one); ok && !slices.Contains(ownFields, strings.Join(p.Field, ".")) {
			one = problem.At(p.Code, "terms."+strings.Join(p.Field, "."), "%s", p.Message).Because(one)
		}
		all = append(all, one)
	}
	return errors.Join(all...)
}

func showTotals(totals []earn.SimulationTotal) []*model.SimulationTotal {
	out := make([]*model.SimulationTotal, len(totals))
	for i, t := range totals {
		before, after, by := money.Of(t.Before, t.Currency), money.Of(t.After, t.Currency), money.Of(t.After-t.Before, t.Currency)
		out[i] = &model.SimulationTotal{Before: &before, After: &after, Difference: &by}
	}
	return out
}

// differences are those of a simulation that are of a sort.
func (r *Resolver) differences(of *ent.Simulation, sort func() predicate.SimulationDifference) *ent.SimulationDifferenceQuery {
	return r.Store.Client().SimulationDifference.Query().Where(simulationdifference.SimulationID(of.ID), sort())
}
