package connect

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/tributary/tributary/internal/egress"
)

// longestWait is how long a call is waited with; who asks for more is left alone, and
// the others have their turn.
const longestWait = 5 * time.Second

// pacers know of each integration how fast its account may be called.
type pacers struct {
	mu  sync.Mutex
	all map[string]*pacer
}

const pacersKept = 10_000

func (p *pacers) of(integrationID string) *pacer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.all) > pacersKept || p.all == nil { // they are learned again soon
		p.all = map[string]*pacer{}
	}
	if p.all[integrationID] == nil {
		p.all[integrationID] = &pacer{}
	}
	return p.all[integrationID]
}

// pacer holds calls back before the account refuses them. One turn uses it at a time.
type pacer struct {
	limit, left int // of the window; limit is 0 while the account has said nothing
	until       time.Time
}

// reserve is the share of the calls that is left to others of the same account.
const reserve = 20 // one in so many

// paced sends calls no faster than the account has said that it takes them.
func (p *pacer) paced(call Call, now func() time.Time, read func(int, http.Header) Pace) Call {
	return func(ctx context.Context, r *http.Request) (egress.Answer, error) {
		if p.limit > 0 && p.left <= p.limit/reserve && now().Before(p.until) {
			wait := p.until.Sub(now())
			if wait > longestWait {
				return egress.Answer{}, Throttled{Wait: wait}
			}
			if err := pause(ctx, wait); err != nil {
				return egress.Answer{}, err
			}
			p.limit = 0 // it is said anew
		}
		answer, err := call(ctx, r)
		if err == nil {
			p.learn(read(answer.Status, answer.Header), now())
		}
		return answer, err
	}
}

// learn takes over what an answer says.
func (p *pacer) learn(said Pace, now time.Time) {
	if said.Limit == 0 {
		return
	}
	if p.limit == 0 || said.Remaining > p.left || !now.Before(p.until) { // a window has begun
		p.until = now.Add(said.Every)
	}
	p.limit, p.left = said.Limit, said.Remaining
}
