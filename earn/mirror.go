package earn

import (
	"context"
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commissionplan"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/trust"
)

// TermsMirror gives a program's mirror the terms that the program has, so that a
// test order earns what a live one would. What is activated here later follows
// with the next test order; once somebody activates terms in the sandbox it keeps
// its own. Rules for one group or affiliate stay here, where these are.
func (s *Service) TermsMirror(ctx context.Context, programID string, to roster.Mirror) error {
	if to.MerchantID == "" {
		return nil
	}
	plans, err := s.store.Client().CommissionPlan.Query().Where(commissionplan.ProgramID(programID)).
		WithVersions(func(q *ent.PlanVersionQuery) { q.Order(ent.Asc(planversion.FieldNumber)) }).All(ctx)
	if err != nil {
		return err
	}
	copied, err := mirrorOf(plans)
	if err != nil || len(copied) == 0 {
		return err
	}
	there := trust.With(ctx, trust.System(to.MerchantID))
	if done, err := copied.stand(there, s.store.Client(), to.ProgramID); err != nil || done {
		return err
	}
	_, err = store.Run(there, s.store, store.Command{Name: "termsMirror", Subject: to.ProgramID}, func(ctx context.Context, tx *store.Tx) (string, error) {
		if err := tx.Lock(ctx, "programs", to.ProgramID); err != nil {
			return "", err
		}
		if done, err := copied.stand(ctx, tx.Ent(), to.ProgramID); err != nil || done {
			return to.ProgramID, err
		}
		return to.ProgramID, copied.write(ctx, tx, to.ProgramID)
	})
	return err
}

// mirrored are plans as they stand in the sandbox.
type mirrored []mirroredPlan

type mirroredPlan struct {
	id       string
	of       *ent.CommissionPlan
	versions []mirroredVersion
}

type mirroredVersion struct {
	terms plan.Version
	of    *ent.PlanVersion
}

func mirrorOf(plans []*ent.CommissionPlan) (out mirrored, err error) {
	for _, p := range plans {
		m := mirroredPlan{of: p}
		if m.id, err = roster.MirrorID(id.Plan, p.ID); err != nil {
			return nil, err
		}
		for _, v := range p.Edges.Versions {
			there := mirroredVersion{of: v}
			if there.terms, err = plan.DecodeVersion(v.Document); err != nil {
				return nil, err
			}
			if there.terms.ID, err = roster.MirrorID(id.PlanVersion, v.ID); err != nil {
				return nil, err
			}
			there.terms.Rules = slices.DeleteFunc(there.terms.Rules, func(r plan.Rule) bool { return r.Level != plan.LevelProgram })
			m.versions = append(m.versions, there)
		}
		out = append(out, m)
	}
	return out, nil
}

// stand reports whether there is nothing to write: all of it is there, or the
// sandbox has terms of its own.
func (m mirrored) stand(ctx context.Context, c *ent.Client, programID string) (bool, error) {
	known, err := c.PlanVersion.Query().Where(planversion.HasPlanWith(commissionplan.ProgramID(programID))).IDs(ctx)
	if err != nil {
		return false, err
	}
	missing := 0
	for _, p := range m {
		for _, v := range p.versions {
			at := slices.Index(known, v.terms.ID)
			if at < 0 {
				missing++
				continue
			}
			known = slices.Delete(known, at, at+1)
		}
	}
	return missing == 0 || len(known) > 0, nil
}

// write adds what is missing. Versions are never edited, here as there.
func (m mirrored) write(ctx context.Context, tx *store.Tx, programID string) error {
	for _, p := range m {
		there, err := tx.Ent().CommissionPlan.Query().Where(commissionplan.ID(p.id)).Exist(ctx)
		if err != nil {
			return err
		}
		if !there {
			err = tx.Ent().CommissionPlan.Create().SetID(p.id).SetProgramID(programID).SetName(p.of.Name).SetStatus(p.of.Status).Exec(ctx)
		} else {
			err = tx.Ent().CommissionPlan.Update().Where(commissionplan.ID(p.id)).SetStatus(p.of.Status).Exec(ctx)
		}
		if err != nil {
			return err
		}
		if err := p.writeVersions(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func (p mirroredPlan) writeVersions(ctx context.Context, tx *store.Tx) error {
	row := &ent.CommissionPlan{ID: p.id}
	for _, v := range p.versions {
		there, err := tx.Ent().PlanVersion.Query().Where(planversion.ID(v.terms.ID)).Exist(ctx)
		if err == nil && !there {
			err = saveVersion(ctx, tx, row, v.terms, Recovery{Mode: v.of.Recovery, Days: v.of.RecoveryDays}, v.of.ValidFrom)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
