package server

import (
	"context"
	"os"
	"runtime/debug"
	heap "runtime/metrics"
	"time"
)

// A busy server's garbage is collected when the heap has doubled, and not before it has
// grown by roomy bytes: while little is alive it would be collected many times a second,
// at a third of what the processor does. A quiet one keeps small.
const (
	roomy      = 96 << 20
	paceEvery  = 2 * time.Second
	busyBytes  = 64 << 20 // allocated from one look to the next
	usualRoom  = 100      // percent of what is alive, as the language has it
	mostRoom   = 800
	worthwhile = 50 // percent by which room must differ to be changed: changing it stops everything for a moment
)

// paceCollector gives the collector the room that is wanted now. Who set GOGC has decided.
func (p *Program) paceCollector(ctx context.Context) error {
	if os.Getenv("GOGC") != "" {
		<-ctx.Done()
		return nil
	}
	defer debug.SetGCPercent(usualRoom)
	looks := time.NewTicker(paceEvery)
	defer looks.Stop()
	sample := []heap.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"}}
	for before, room := uint64(0), usualRoom; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-looks.C:
		}
		heap.Read(sample)
		now := sample[0].Value.Uint64()
		if next := roomFor(now-before, sample[1].Value.Uint64()); next == usualRoom && room != usualRoom || max(next, room)-min(next, room) > worthwhile {
			debug.SetGCPercent(next)
			room = next
		}
		before = now
	}
}

// roomFor is how many percent of what is alive may be allocated before the next
// collection.
func roomFor(allocated, alive uint64) int {
	if allocated < busyBytes || alive >= roomy {
		return usualRoom
	}
	return int(min(mostRoom, roomy*100/max(alive, 1)))
}
