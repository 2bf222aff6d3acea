package server

import (
	"context"

	"github.com/tributary/tributary/internal/queue"
)

// journalTopic is the wake-up between servers: somebody committed events.
const journalTopic = "journal"

// loops is what goes on in the background, in the order in which it ends: first
// what takes new work, last what the others lean on.
func (p *Program) loops(q *queue.Queue) []loop {
	return []loop{
		{"clicks", p.rooms.track.WriteClicks},
		{"errands", q.Run},
		{"receipts", p.rooms.connect.Work},
		{"sync", p.rooms.connect.Sync},
		{"tallies", func(ctx context.Context) error { return p.store.Follow(ctx, p.rooms.report.Follower()) }},
		{"rollups", func(ctx context.Context) error { return p.store.Follow(ctx, p.rooms.report.RollupFollower()) }},
		{"welcomes", func(ctx context.Context) error { return p.store.Follow(ctx, p.rooms.earn.Welcomer()) }},
		{"click days", func(ctx context.Context) error { return p.store.Follow(ctx, p.rooms.earn.ClickDays()) }},
		{"late clicks", func(ctx context.Context) error { return p.store.Follow(ctx, p.rooms.earn.Replayer()) }},
		{"notices", func(ctx context.Context) error { return p.store.Follow(ctx, p.rooms.notice.Follower()) }},
		{"webhook events", func(ctx context.Context) error { return p.store.Follow(ctx, p.rooms.webhook.Follower()) }},
		{"sync marks", func(ctx context.Context) error { return p.store.Follow(ctx, p.rooms.connect.Follower()) }},
		{"webhooks", p.rooms.webhook.Send},
		{"password resets", p.rooms.auth.WriteResets},
		{"sign-ups", p.rooms.auth.Welcome},
		{"token use", p.rooms.auth.RecordUse},
		{"link index", p.rooms.track.KeepIndex},
		{"certificate", p.watchCertificate},
		{"keys", p.watchKeys},
		{"replies", p.store.WriteReplies},
		{"denials", p.store.WriteDenials},
		{"wake-ups", p.heedWakes},
		{"tail", p.store.Tail},
		{"plans", p.store.Learn},
		{"memory", p.tidy},
		{"collector", p.paceCollector},
		{"sequencer", p.store.Sequence},
	}
}

// heedWakes lets commits be seen at once everywhere: one here wakes the others,
// one elsewhere wakes this server's readers of the journal.
func (p *Program) heedWakes(ctx context.Context) error {
	woken, stop := p.bus.OnWake(journalTopic)
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-woken:
			p.store.Wake()
		}
	}
}
