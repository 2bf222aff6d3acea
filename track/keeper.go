package track

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/store"
)

const (
	refreshPage   = 2000
	snapshotEvery = 10 * time.Second
	catchUpEvery  = 2 * time.Second // looks at the journal without being told
	retryEvery    = time.Second
	journalBatch  = 1000
)

// KeepIndex reads all links, then follows the journal, and writes the snapshot
// every ten seconds when something changed, and at the end. It runs until ctx
// ends and survives a database that is away: links in memory go on working.
func (s *Service) KeepIndex(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := s.keepFresh(ctx); err != nil && ctx.Err() == nil {
			s.store.Log().Warn("the link index is not being refreshed", "error", err)
		}
		s.saveSnapshot()
		pause(ctx, retryEvery)
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// keepFresh takes the journal's head before it reads the links: an event placed
// while it reads is applied again rather than missed.
func (s *Service) keepFresh(ctx context.Context) error {
	news := s.store.Subscribe("", 256)
	defer news.Close()
	head, err := s.store.Head(ctx)
	if err == nil {
		err = s.refreshAll(ctx)
	}
	if err != nil {
		return err
	}
	s.saveSnapshot()
	return s.follow(ctx, news, head)
}

// follow applies events as the tail delivers them. The tail may have begun after
// head was read; a gap in the places is read from the journal itself.
func (s *Service) follow(ctx context.Context, news *store.Subscription, head int64) (err error) {
	save, look := time.NewTicker(snapshotEvery), time.NewTicker(catchUpEvery)
	defer save.Stop()
	defer look.Stop()
	for err == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-save.C:
			s.saveSnapshot()
		case <-look.C:
			head, err = s.catchUp(ctx, head)
		case events, open := <-news.C:
			switch {
			case !open:
				return errors.New("the journal's tail ended")
			case len(events) > 0 && events[0].Seq == head+1:
				head, err = events[len(events)-1].Seq, s.apply(ctx, events)
			default:
				head, err = s.catchUp(ctx, head)
			}
		}
	}
	return err
}

func (s *Service) catchUp(ctx context.Context, head int64) (int64, error) {
	for {
		events, err := s.store.AllEvents(ctx, head, journalBatch)
		if err != nil || len(events) == 0 {
			return head, err
		}
		if err := s.apply(ctx, events); err != nil {
			return head, err
		}
		head = events[len(events)-1].Seq
	}
}

// apply reads again what the events concern, each thing once.
func (s *Service) apply(ctx context.Context, events []store.Event) error {
	type concern struct{ merchant, owner string }
	seen := map[concern]bool{}
	hosts := false
	for _, e := range events {
		kind, _, _ := strings.Cut(e.Type, ".")
		c := concern{e.MerchantID, e.Subject}
		switch kind {
		case "host":
			hosts = true
			continue
		case "link", "affiliate", "program":
		case "enrollment":
			c.owner = e.AffiliateID
		case "policy":
			c.owner = e.ProgramID
		default:
			continue
		}
		seen[c] = true
	}
	if hosts {
		if err := s.refreshHosts(ctx); err != nil {
			return err
		}
	}
	for c := range seen {
		if err := s.refresh(ctx, c.merchant, c.owner); err != nil {
			return err
		}
	}
	return nil
}

// refresh reads again the one link, or the links of an affiliate or program.
func (s *Service) refresh(ctx context.Context, merchantID, owner string) error {
	return s.refreshPages(ctx, func(after uint64) ([]store.LinkRow, error) {
		return s.store.DoorLinksOf(ctx, merchantID, owner, after, refreshPage)
	})
}

func (s *Service) refreshAll(ctx context.Context) error {
	if err := s.refreshHosts(ctx); err != nil {
		return err
	}
	return s.refreshPages(ctx, func(after uint64) ([]store.LinkRow, error) {
		return s.store.DoorLinks(ctx, after, refreshPage)
	})
}

// refreshHosts reads the list of hosts. One reads at a time, so that no older list
// replaces a newer one.
func (s *Service) refreshHosts(ctx context.Context) error {
	select {
	case s.listing <- struct{}{}:
		defer func() { <-s.listing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	hosts, err := s.store.DoorHosts(ctx)
	if err == nil {
		s.index.setHosts(hosts)
	}
	return err
}

// takeIn puts readings of links into the index. One that seems to lead off its
// program's hosts may be newer than the list of hosts, which is read again first:
// no visitor is sent to the fallback because a server has just started, or has
// heard of the link before the host.
func (s *Service) takeIn(ctx context.Context, rows ...store.LinkRow) error {
	fresh := s.index.ready(rows)
	if fresh.astray() {
		if err := s.refreshHosts(ctx); err != nil {
			return err
		}
	}
	s.index.put(fresh)
	return nil
}

func (s *Service) refreshPages(ctx context.Context, page func(after uint64) ([]store.LinkRow, error)) error {
	for after := uint64(0); ; {
		rows, err := page(after)
		if err != nil {
			return err
		}
		if err := s.takeIn(ctx, rows...); err != nil {
			return err
		}
		if len(rows) < refreshPage {
			return nil
		}
		after = rows[len(rows)-1].Number
	}
}

// publish makes a command's effect on links felt before the command returns. A
// failure is left to the journal, which brings the same news a moment later. No
// merchant means that the command was a repeat and had no effect.
func (s *Service) publish(ctx context.Context, merchantID, owner string) {
	if merchantID == "" {
		return
	}
	ctx, cancel := soon(ctx)
	defer cancel()
	if err := s.refresh(ctx, merchantID, owner); err != nil {
		s.store.Log().Warn("a link was not refreshed at once", "owner", owner, "error", err)
	}
}

func (s *Service) publishHosts(ctx context.Context) {
	ctx, cancel := soon(ctx)
	defer cancel()
	if err := s.refreshHosts(ctx); err != nil {
		s.store.Log().Warn("hosts were not refreshed at once", "error", err)
	}
}

// soon goes on when the caller has gone: the command is committed, and others
// should see it. It does not go on for long.
func soon(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
}
