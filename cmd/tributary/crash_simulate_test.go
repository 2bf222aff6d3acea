package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/sim"
)

// simulatedOrders are enough to be killed among, and the same 2.00 each at 10 %.
const simulatedOrders = 240

// A simulation that is put into effect goes on where kill -9 stopped it: every sale is
// changed once. The one server of SQLite takes its work up when it starts; on PostgreSQL
// another does twenty seconds after nobody was heard of, so the server is killed once, or
// three times where TRIBUTARY_LONG is set.
func TestCrash_N12_ASimulationGoesOnWhereItWasKilled(t *testing.T) {
	t.Parallel()
	dir, url := t.TempDir(), databaseURL(t)
	srv := startServer(t, dir, url)
	w, err := sim.Build(t.Context(), srv.base, sim.Plan{
		Merchant: "Recount", Email: "owner@recount.example", Password: "correct horse battery", Currency: "USD", Percent: "10", HoldDays: 30, Affiliates: []string{"Ada"},
	})
	if err != nil {
		t.Fatal(err)
	}
	sellTo(t, w)
	balance(t, w, w.Affiliates[0], fmt.Sprintf("%d.00", 2*simulatedOrders), "0.00", "0.00", "0.00")
	s := simulateAt(t, w, "20")
	mutate(t, w.Client, "simulationApply", sim.Vars{"simulationId": s.id, "reason": "agreed"})
	times := 1
	if os.Getenv("TRIBUTARY_LONG") != "" {
		times = 3
	}
	for n := range times {
		killed := s.await(t, func() bool { return s.done > n*simulatedOrders/4 })
		srv.kill()
		if killed.status != "APPLYING" || killed.done == simulatedOrders {
			t.Fatalf("killed too late: %s, %d done", killed.status, killed.done)
		}
		t.Logf("killed after %d", killed.done)
		srv = startAt(t, dir, url, strings.TrimPrefix(srv.base, "http://"))
	}
	if w.Client.Token, err = w.LogIn(t.Context(), w.Email, w.Password); err != nil {
		t.Fatal(err)
	}
	if end := s.await(t, func() bool { return s.status != "APPLYING" }); end.status != "APPLIED" || end.done != simulatedOrders || end.skipped != 0 {
		t.Errorf("%s, %d done, %d skipped", end.status, end.done, end.skipped)
	}
	balance(t, w, w.Affiliates[0], fmt.Sprintf("%d.00", 4*simulatedOrders), "0.00", "0.00", "0.00")
	srv.verify(t)
}

// sellTo records the orders, of 20.00 each.
func sellTo(t *testing.T, w *sim.World) {
	t.Helper()
	l := &load{world: w, tried: map[string]bool{}}
	errs := make(chan error, simulatedOrders)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range simulatedOrders / 6 {
				errs <- l.order(t.Context())
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// simulated is a simulation as it was seen last.
type simulated struct {
	world         *sim.World
	id, status    string
	done, skipped int
}

// simulateAt computes another percentage on all that was sold.
func simulateAt(t *testing.T, w *sim.World, percent string) *simulated {
	t.Helper()
	var out struct {
		PlanSimulate struct{ Simulation struct{ ID string } }
	}
	now := time.Now()
	err := w.Client.Do(t.Context(), `mutation($in: PlanSimulateInput!) { planSimulate(input: $in) { simulation { id } userErrors { field message code } } }`, sim.Vars{"in": sim.Vars{
		"programId": w.ProgramID, "from": now.Add(-24 * time.Hour).Format(time.RFC3339), "until": now.Add(24 * time.Hour).Format(time.RFC3339),
		"terms": sim.Vars{"planId": w.PlanID, "holdDays": 30, "rules": []sim.Vars{{"level": "PROGRAM", "kind": "PERCENT", "percent": percent}}},
	}}, &out)
	if err != nil {
		t.Fatal(err)
	}
	s := &simulated{world: w, id: out.PlanSimulate.Simulation.ID}
	s.await(t, func() bool { return s.status == "DONE" })
	return s
}

// await asks for the simulation until it is as wanted.
func (s *simulated) await(t *testing.T, wanted func() bool) simulated {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(3 * time.Millisecond) {
		var out struct {
			Node struct {
				Status        string
				Done, Skipped int
			}
		}
		if err := s.world.Client.Do(t.Context(), `query($id: ID!) { node(id: $id) { ... on Simulation { status done skipped } } }`, sim.Vars{"id": s.id}, &out); err != nil {
			t.Fatal(err)
		}
		if s.status, s.done, s.skipped = out.Node.Status, out.Node.Done, out.Node.Skipped; wanted() {
			return *s
		}
		if time.Now().After(deadline) {
			t.Fatalf("the simulation is %s, %d done", s.status, s.done)
		}
	}
}
