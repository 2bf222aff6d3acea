package server_test

import (
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/server"
)

// pressure is what came of one kind of request over a while.
type pressure struct {
	mu          sync.Mutex
	done, other int
	took        []time.Duration // of those that were done
}

func (p *pressure) note(good bool, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !good {
		p.other++
		return
	}
	p.done++
	p.took = append(p.took, took)
}

func (p *pressure) p99() time.Duration {
	if len(p.took) == 0 {
		return 0
	}
	slices.Sort(p.took)
	return p.took[len(p.took)*99/100]
}

// apply has workers send, each once in a period or as fast as it is answered when
// that is zero, until the time is over.
func (p *pressure) apply(group *sync.WaitGroup, workers int, period, whole time.Duration, send func() bool) {
	end := time.Now().Add(whole)
	for range workers {
		group.Go(func() {
			for next := time.Now(); next.Before(end); next = next.Add(period) {
				if wait := time.Until(next); wait > 0 {
					time.Sleep(wait) // the load's own pace, not a wait for a result
				}
				began := time.Now()
				if period == 0 {
					next = began
				}
				p.note(send(), time.Since(began))
			}
		})
	}
}

// R8: four times what the server can answer is asked of it. It goes on answering
// nearly as much as it can, visitors are sent on, and soon after everything is as
// before. Five minutes with TRIBUTARY_LONG, a fiftieth of that else, where only
// counts are asserted: times belong to a quiet machine.
func TestR8_FourTimesOverload(t *testing.T) {
	long := os.Getenv("TRIBUTARY_LONG") != ""
	whole := 6 * time.Second
	if long {
		whole = 5 * time.Minute
	}
	const room, crowd = 4, 64
	th := open(t, func(c *server.Config) { c.Room = room })
	s := th.stage(t)
	s.token("owner")
	ask := func() bool {
		res := s.http(http.MethodPost, "/graphql", `{"query":"{ conversions(first: 50) { totalCount edges { node { id } } } }"}`, "Content-Type", "application/json", "Authorization", "Bearer "+s.tokens["owner"])
		_ = body(s, res)
		return res.StatusCode == http.StatusOK
	}
	visit := func() bool {
		res, err := th.nobody.HTTP.Get(th.URL() + "/r/" + s.names["annSlug"])
		if err != nil {
			return false
		}
		_ = body(s, res)
		return res.StatusCode == http.StatusFound
	}
	play := func(workers int, period, whole time.Duration) (questions, visits *pressure) {
		questions, visits = &pressure{}, &pressure{}
		var group sync.WaitGroup
		questions.apply(&group, workers, period, whole, ask)
		visits.apply(&group, 2, 20*time.Millisecond, whole, visit)
		group.Wait()
		return questions, visits
	}
	peak, calm := play(room, 0, whole/3)
	perSecond := float64(peak.done) / (whole / 3).Seconds()
	stormy, visits := play(crowd, time.Duration(crowd/(4*perSecond)*float64(time.Second)), whole)
	goodput := float64(stormy.done) / whole.Seconds()
	t.Logf("%.0f questions a second at the peak, %.0f of %.0f when four times as many ask; visitors: %d sent on, %d not, p99 %v then %v",
		perSecond, goodput, 4*perSecond, visits.done, visits.other, calm.p99(), visits.p99())
	if peak.done == 0 || peak.other > 0 || stormy.done == 0 {
		t.Errorf("%d answered and %d not at the peak, %d in the storm", peak.done, peak.other, stormy.done)
	}
	if visits.done < 999*(visits.done+visits.other)/1000 {
		t.Errorf("%d of %d visitors were not sent on", visits.other, visits.done+visits.other)
	}
	if long && (goodput < 0.9*perSecond || visits.p99() > 2*calm.p99()) {
		t.Error("less than nine tenths of the peak, or visitors wait more than twice as long")
	}
	for recovered := time.Now().Add(5 * time.Second); !ask(); {
		if time.Now().After(recovered) {
			t.Fatal("five seconds after the storm questions are still turned away")
		}
	}
}
