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

	lease int       // units taken and not spent
	taken time.Time // when the last of them were

	left    int       // units that were left to all servers when the allowance was last looked at
	seen    time.Time // when that was
	empty   time.Time // when it would have held none, had nobody taken any
	refused time.Time // when it last refused
}

// grant tells what is left: the lease, and what the shared allowance held and
// has got back since, as far as this server knows.
func (c *caller) grant(l pace.Limit, now time.Time) pace.Verdict {
	remaining := c.remaining(l, now)
	return pace.Verdict{Granted: true, Remaining: remaining, Full: time.Duration(l.Burst-remaining) * l.Every}
}

func (c *caller) remaining(l pace.Limit, now time.Time) int {
	back := min(now.Sub(c.seen), l.Span()) / l.Every
	return min(l.Burst, c.lease+c.left+int(back))
}

// refusal tells when so many units could be had. With fewer of them left than were
// asked for, some may be.
func (c *caller) refusal(l pace.Limit, now time.Time, units int) pace.Verdict {
	left := min(c.remaining(l, now), units-1)
	wait := max(c.opens(l, units-c.lease).Sub(now), time.Millisecond)
	return pace.Verdict{RetryAfter: wait, Remaining: left, Full: time.Duration(l.Burst-left) * l.Every}
}

// opens is until when the shared allowance is not asked for so many units: it cannot
// hold them before, and after a refusal it is left alone for a breath. What it held
// when it refused more it may be asked for at once.
func (c *caller) opens(l pace.Limit, units int) time.Time {
	at := c.empty.Add(time.Duration(units) * l.Every)
	if !at.After(c.refused) {
		return at
	}
	return later(later(at, c.refused.Add(l.Every/2)), c.refused.Add(breath))
}
