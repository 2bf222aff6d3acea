package queue

import "context"

// Beat is what a queue does every few seconds.
func (q *Queue) Beat(ctx context.Context) error { return q.beat(ctx) }
