package server

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestCrewStartsAFailedLoopAgain(t *testing.T) {
	t.Parallel()
	log := &logBook{}
	c := &crew{log: log.logger()}
	runs := make(chan int, 10)
	n := 0
	c.start([]loop{{"fragile", func(ctx context.Context) error {
		n++
		runs <- n
		switch n {
		case 1:
			return errors.New("broken once")
		case 2:
			panic("broken twice")
		}
		<-ctx.Done()
		return nil
	}}})
	for want := 1; want <= 3; want++ {
		select {
		case got := <-runs:
			if got != want {
				t.Fatalf("run %d, want %d", got, want)
			}
		case <-time.After(patience):
			t.Fatalf("run %d did not come", want)
		}
	}
	if err := c.members[0].stop(t.Context()); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"broken once", "panic: broken twice"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not tell %q", want)
		}
	}
}

func TestCrewStopsInOrderAndGivesUpInTime(t *testing.T) {
	t.Parallel()
	c := &crew{log: (&logBook{}).logger()}
	var mu sync.Mutex
	var ended []string
	until := func(name string) loop {
		return loop{name, func(ctx context.Context) error {
			<-ctx.Done()
			mu.Lock()
			defer mu.Unlock()
			ended = append(ended, name)
			return nil
		}}
	}
	release := make(chan struct{})
	stuck := loop{"stuck", func(context.Context) error { <-release; return nil }}
	c.start([]loop{until("first"), until("second"), stuck})
	for _, m := range c.members[:2] {
		if err := m.stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(ended, []string{"first", "second"}) {
		t.Errorf("ended %v", ended)
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := c.members[2].stop(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a stuck loop: %v", err)
	}
	close(release)
	<-c.members[2].done
}
