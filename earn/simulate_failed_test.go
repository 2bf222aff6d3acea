package earn_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/simulation"
	"github.com/tributary/tributary/ent/simulationdifference"
	"github.com/tributary/tributary/internal/store"
)

// What fails while it is applied keeps what was posted, and goes on when it is asked to.
func TestN12_WhatFailedGoesOn(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	for i := range 5 {
		m.accept(m.sale(fmt.Sprint("o", i), m.clicked(who), "USD", 1000))
	}
	other := m.other(percent("20"))
	sim := m.simulate(earn.PlanSimulateInput{Terms: &other})
	third, err := m.store.Client().SimulationDifference.Query().Order(simulationdifference.ByID()).Offset(2).First(m.ctx)
	m.must(err)
	m.traced(third.ID, []byte("no trace"))
	_, err = m.SimulationApply(m.ctx, earn.SimulationApplyInput{SimulationID: sim.ID, Reason: "agreed"})
	m.must(err)
	if err := m.WorkOn(m.ctx, sim.ID); err == nil {
		t.Error("it did not fail")
	}
	if got := m.simulation(sim.ID); got.Status != simulation.StatusFAILED || got.Done != 2 || got.Reason == "" {
		t.Fatal(got.Status, got.Done, got.Reason)
	}
	m.books("two of 2.00, three of 1.00", who, "USD", 700, 0)
	m.traced(third.ID, third.Trace)
	if got := m.apply(sim); got.Status != simulation.StatusAPPLIED || got.Done != 5 || got.Skipped != 0 || got.Reason != "" {
		t.Errorf("%s, %d done, %d skipped, %q", got.Status, got.Done, got.Skipped, got.Reason)
	}
	m.books("five of 2.00", who, "USD", 1000, 0)
	standing, err := m.store.Client().Commission.Query().Where(commission.SupersededAtIsNil()).Count(m.ctx)
	if err != nil || standing != 5 {
		t.Error(standing, err)
	}
}

// traced puts other bytes in the place of a difference's trace.
func (m *market) traced(id string, trace []byte) {
	m.t.Helper()
	_, err := store.Run(m.ctx, m.store, store.Command{Name: "test", Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, tx.Ent().SimulationDifference.UpdateOneID(id).SetTrace(trace).Exec(ctx)
	})
	m.must(err)
}
