package bounds

import (
	"sync"
	"time"
)

// bucketLimit bounds how many buckets are remembered. A full bucket needs no
// memory: a flood of askers makes others' buckets full again, never the memory.
const bucketLimit = 65536

// Buckets hold what each asker may still spend: a bucket holds Maximum points
// and is restored by Restore points a second. The zero value never refuses.
// A server keeps its own: behind two servers an asker has two buckets.
type Buckets struct {
	Maximum int // points
	Restore int // points a second

	mu   sync.Mutex
	full map[string]time.Time // when the asker's bucket is full again
}

// Off reports whether nothing is ever refused.
func (b *Buckets) Off() bool { return b.Maximum <= 0 || b.Restore <= 0 }

// Take takes points out of the asker's bucket and gives what is left. When there
// are too few it takes none, and says how long to wait for them; a wait of zero
// is consent. More points than the bucket holds are taken as all of them.
func (b *Buckets) Take(asker string, points int, now time.Time) (left int, wait time.Duration) {
	if b.Off() {
		return 0, 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	debt := b.debt(asker, now)
	after := debt + b.time(min(points, b.Maximum))
	if brim := b.time(b.Maximum); after > brim {
		return b.points(brim - debt), after - brim
	}
	if points > 0 {
		b.keep(asker, now, after)
	}
	return b.points(b.time(b.Maximum) - after), 0
}

// Remembered is how many buckets are not full, or were not when last looked at.
func (b *Buckets) Remembered() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.full)
}

// debt is how long the bucket takes to be full. A clock that was set back would
// show more than an empty bucket's.
func (b *Buckets) debt(asker string, now time.Time) time.Duration {
	return min(max(b.full[asker].Sub(now), 0), b.time(b.Maximum))
}

func (b *Buckets) keep(asker string, now time.Time, debt time.Duration) {
	if b.full == nil {
		b.full = map[string]time.Time{}
	}
	if _, known := b.full[asker]; !known && len(b.full) >= bucketLimit {
		b.sweep(now)
	}
	b.full[asker] = now.Add(debt)
}

// sweep forgets the buckets that are full; when none is, all of them, since
// refusing a stranger because of others would be the worse fault.
func (b *Buckets) sweep(now time.Time) {
	for asker, at := range b.full {
		if !at.After(now) {
			delete(b.full, asker)
		}
	}
	if len(b.full) >= bucketLimit {
		clear(b.full)
	}
}

func (b *Buckets) time(points int) time.Duration {
	return time.Duration(points) * time.Second / time.Duration(b.Restore)
}

func (b *Buckets) points(d time.Duration) int {
	return int((d*time.Duration(b.Restore) + time.Second/2) / time.Second)
}
