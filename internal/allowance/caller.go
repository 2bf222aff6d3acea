package allowance

import (
	"sync"
	"time"

	"github.com/tributary/tributary/trust/pace"
)

// caller is what this server knows of one allowance.
type caller struct {
	forget  time.Time // guarded by the desk
	mu      sync.Mutex
	arrival time.Time // of the allowance itself, where it is not shared

	lease  int       // units taken and not spent
	taken  time.Time // when
	left   int       // units that were left to all servers then
	opens  time.Time // when the next unit comes, after a refusal
	closed time.Time // nobody asks before
}

// grant tells what is left: the lease, and what the shared allowance held and
// has got back since, as far as this server knows.
func (c *caller) grant(l pace.Limit, now time.Time) pace.Verdict {
	remaining := min(l.Burst, c.lease+c.left+int(now.Sub(c.taken)/l.Every))
	return pace.Verdict{Granted: true, Remaining: remaining, Full: time.Duration(l.Burst-remaining) * l.Every}
}

func (c *caller) refusal(l pace.Limit, now time.Time) pace.Verdict {
	return pace.Verdict{RetryAfter: max(c.opens.Sub(now), c.closed.Sub(now), time.Millisecond), Full: l.Span()}
}
