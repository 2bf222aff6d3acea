package bus

import (
	"errors"
	"time"
)

// watchLoop stops appends before JetStream meets a full disk, and calls for a
// restart when publishing fails although there is space: after ENOSPC the server
// stays deaf even when space has returned.
func (b *Bus) watchLoop() {
	tick := time.NewTicker(b.cfg.WatchEvery)
	defer tick.Stop()
	for {
		b.watch()
		select {
		case <-tick.C:
		case <-b.soft.Done():
			return
		}
	}
}

func (b *Bus) watch() {
	free, err := b.cfg.FreeBytes(b.cfg.Dir)
	low := err != nil || free < b.cfg.MinFree
	if b.low.Swap(low) != low {
		b.cfg.Log.Warn("click stream disk", "refusing", low, "free", free, "min", b.cfg.MinFree, "error", err)
	}
	since, _, bad := b.health.failing()
	if bad && !low && b.cfg.Clock().Sub(since) >= b.cfg.RecycleAfter {
		select {
		case b.recycleDue <- struct{}{}:
		default:
		}
	}
}

// recycle restarts the embedded server on its folder. Those who wait are refused
// meanwhile. If it does not come back, the next attempt is RecycleAfter away.
func (b *Bus) recycle() {
	if _, _, bad := b.health.failing(); !bad {
		return // a publish has succeeded since the watchdog called
	}
	b.down.Store(true)
	b.queue.refuseAll(Stopped)
	err := b.restart()
	b.health.ok()
	if err != nil {
		b.health.fail(b.cfg.Clock(), err)
	} else {
		b.down.Store(false)
	}
	b.counts.recycles.Add(1)
	b.cfg.Log.Warn("click stream restarted", "error", err)
	b.cfg.OnRecycle(err)
}

func (b *Bus) restart() error {
	select {
	case <-b.reconnected: // a stale token
	default:
	}
	if err := b.engine.stop(stopGrace); err != nil {
		return err
	}
	if err := b.engine.start(); err != nil {
		return err
	}
	select {
	case <-b.reconnected:
		return nil
	case <-b.soft.Done():
		return ErrClosed
	case <-time.After(stopGrace):
		return errors.New("bus: no connection to the restarted server")
	}
}
