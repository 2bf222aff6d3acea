// Package pace says how often something may be done: the generic cell rate
// algorithm, which keeps one instant per caller and no counter.
//
// Means: a [Limit] is an allowance of so many units at once, refilled one unit
// at a time. The arrival is the instant at which the allowance will be full
// again; an arrival in the past, the zero time included, is a full allowance.
//
// Owns nothing: the caller keeps the arrival; store.DoorSpend keeps it for all
// servers of a house.
//
// Invariants: within any span d no more than Burst + d/Every units are granted;
// a refusal costs nothing; after RetryAfter the same cost is granted when nobody
// spent in between.
package pace

import "time"

// Limit is an allowance. Both fields are positive.
type Limit struct {
	Every time.Duration // one unit comes back
	Burst int           // units at once
}

// Span is how long an empty allowance takes to fill.
func (l Limit) Span() time.Duration { return time.Duration(l.Burst) * l.Every }

// Verdict answers one attempt to spend.
type Verdict struct {
	Granted    bool
	Remaining  int           // whole units left
	RetryAfter time.Duration // of a refusal: when the cost would be granted
	Full       time.Duration // until the allowance is full again
}

// Spend takes cost units at the instant now and gives the arrival to keep, which
// is the old one when refused. A cost of nothing looks without taking. A cost
// above Burst is never granted.
func (l Limit) Spend(arrival, now time.Time, cost int) (next time.Time, v Verdict) {
	if arrival.Before(now) {
		arrival = now
	}
	next = arrival.Add(time.Duration(cost) * l.Every)
	over := next.Sub(now) - l.Span()
	if over > 0 {
		next, v.RetryAfter = arrival, over
	}
	v.Granted = over <= 0
	v.Full = next.Sub(now)
	v.Remaining = max(0, int((l.Span()-v.Full)/l.Every))
	return next, v
}
