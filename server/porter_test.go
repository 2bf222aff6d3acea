package server

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// enterAll lets n of a class in and fails when one is turned away.
func enterAll(t *testing.T, g *porter, c class, n int) {
	t.Helper()
	for range n {
		if _, ok := g.enter(t.Context(), c); !ok {
			t.Fatalf("%s is turned away", c)
		}
	}
}

func TestThePorterKeepsRoomForWhatMatters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newPorter(8)
		enterAll(t, g, reading, 6)
		began := time.Now()
		if _, ok := g.enter(t.Context(), reading); ok || time.Since(began) != wait[reading] {
			t.Errorf("a seventh question: %v after %v", ok, time.Since(began))
		}
		enterAll(t, g, writing, 1)
		enterAll(t, g, intake, 1)
		if _, ok := g.enter(t.Context(), intake); ok || time.Since(began) != wait[reading]+wait[intake] {
			t.Errorf("beyond the room: %v after %v", ok, time.Since(began))
		}
		if g.shed[reading].Load() != 1 || g.shed[intake].Load() != 1 || g.under != 8 {
			t.Errorf("shed %d and %d, under way %d", g.shed[reading].Load(), g.shed[intake].Load(), g.under)
		}
	})
}

// The one who waited longest of those who matter most goes in first.
func TestThePorterLetsOrdersInFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newPorter(4)
		enterAll(t, g, intake, 4)
		in := make(chan string, 3)
		for _, one := range []struct {
			c    class
			name string
		}{{reading, "question"}, {intake, "order"}, {intake, "later order"}} {
			go func() {
				if _, ok := g.enter(context.Background(), one.c); ok {
					in <- one.name
				} else {
					in <- "no " + one.name
				}
			}()
			synctest.Wait()
		}
		if !g.crowded() {
			t.Error("three wait and it is not crowded")
		}
		for _, want := range []string{"order", "later order"} {
			g.leave()
			if got := <-in; got != want {
				t.Errorf("%s went in, want %s", got, want)
			}
		}
		if got := <-in; got != "no question" {
			t.Errorf("%s", got)
		}
	})
}

func TestThePorterBoundsTheCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newPorter(4)
		enterAll(t, g, intake, 4)
		for range waiters * 4 {
			go g.enter(context.Background(), intake)
		}
		synctest.Wait()
		began := time.Now()
		if _, ok := g.enter(t.Context(), intake); ok || time.Since(began) != 0 {
			t.Errorf("one more may wait: %v", ok)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		synctest.Wait()
		g.leave()
		if _, ok := g.enter(gone, reading); ok {
			t.Error("a client that has gone is let in before the others")
		}
		time.Sleep(wait[intake])
		synctest.Wait()
		if len(g.waiting[intake]) != 0 || g.under != 4 {
			t.Errorf("%d wait, %d under way", len(g.waiting[intake]), g.under)
		}
	})
}

func TestRatesAreRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"600/1m": ";q=600;w=60", "1/1s": ";q=1;w=1", "off": ""} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err != nil || r.policy != want || r.on() != (want != "") {
			t.Errorf("%s: %+v %v", text, r, err)
		}
	}
	for _, text := range []string{"", "600", "x/1m", "0/1m", "-1/1m", "5/0s", "5/1ms", "5/-1m", "9999999999999/1s"} {
		if new(Rate).UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q is a rate", text)
		}
	}
}
