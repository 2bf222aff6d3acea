package server_test

// simulated computes terms on everything the stage has sold, and waits for it.
func (s *stage) simulated(terms string) {
	s.Helper()
	s.set("owner", "planSimulate", `{"programId":"$program","terms":`+terms+`,"from":"2020-01-01T00:00:00Z","until":"2040-01-01T00:00:00Z"}`, "simulation { id }", "simulation=simulation.id")
	s.waitSimulated()
}

// waitSimulated waits until the newest simulation is done.
func (s *stage) waitSimulated() {
	s.Helper()
	s.eventually("the simulation is done", func() bool {
		a := s.ask("owner", s.text(`{ node(id: "$simulation") { ... on Simulation { status } } }`), "null")
		return dig(a.data, "node", "status") == "DONE"
	})
}
