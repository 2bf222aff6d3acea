package earn

import (
	"context"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commissionplan"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/internal/store"
)

// termsAt gives the terms of a program for an event at an instant: the version
// with the latest beginning at or before it; of two that begin together, the
// later made. It reports false when the program has none.
func termsAt(ctx context.Context, tx *store.Tx, programID string, at time.Time) (plan.Version, bool, error) {
	row, err := tx.Ent().PlanVersion.Query().
		Where(planversion.HasPlanWith(commissionplan.ProgramID(programID)), planversion.ValidFromLTE(at), planversion.Recount(false)).
		Order(ent.Desc(planversion.FieldValidFrom, planversion.FieldCreatedAt, planversion.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return plan.Version{}, false, nil
	}
	if err != nil {
		return plan.Version{}, false, err
	}
	v, err := plan.DecodeVersion(row.Document)
	return v, err == nil, err
}

// termsNamed gives a version.
func termsNamed(ctx context.Context, tx *store.Tx, versionID string) (plan.Version, error) {
	row, err := tx.Ent().PlanVersion.Get(ctx, versionID)
	if err != nil {
		return plan.Version{}, err
	}
	return plan.DecodeVersion(row.Document)
}

// termsOf gives the versions that made commissions, by id.
func termsOf(ctx context.Context, c *ent.Client, commissions []*ent.Commission) (map[string]plan.Version, error) {
	var ids []string
	for _, m := range commissions {
		if m.PlanVersionID != nil {
			ids = append(ids, *m.PlanVersionID)
		}
	}
	rows, err := c.PlanVersion.Query().Where(planversion.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, err
	}
	versions := make(map[string]plan.Version, len(rows))
	for _, row := range rows {
		if versions[row.ID], err = plan.DecodeVersion(row.Document); err != nil {
			return nil, err
		}
	}
	return versions, nil
}
