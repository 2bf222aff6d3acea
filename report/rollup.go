package report

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
)

// rollupName names the cursor that says how far the rollups have come. An order is several
// events within a moment; gathered, they cost one look at its rows, and reports may be a
// second behind.
const (
	rollupName   = "rollup"
	rollupGather = 250 * time.Millisecond
)

// RollupFollower keeps the rollups: each server runs it with store.Follow. What an
// event is about is taken out of its buckets as it was counted before, and counted
// as its rows say now: a correction changes the bucket of the date it belongs to,
// and an event that is read twice changes nothing.
func (s *Service) RollupFollower() store.Follower {
	return store.Follower{Name: rollupName, Batch: countAtOnce, Gather: rollupGather, Apply: s.rollUp}
}

func (s *Service) rollUp(ctx context.Context, tx *store.Tx, events []store.Event) error {
	if err := tx.Hold(ctx, rollupName+" "+tx.MerchantID()); err != nil { // else a rebuild beside it is counted twice
		return err
	}
	names, err := touched(ctx, tx, events)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(names, sourcesAtOnce) {
		if err := recount(ctx, tx, chunk); err != nil {
			return err
		}
	}
	merchant := tx.MerchantID()
	tx.AfterCommit(func() { s.rolled(merchant) })
	return nil
}

// sourcesAtOnce is how many sources one statement reads.
const sourcesAtOnce = 200

// touched names what events are about, sorted, each once: conversions,
// commissions of none, payouts, and clicks by who was sent them when.
func touched(ctx context.Context, tx *store.Tx, events []store.Event) ([]string, error) {
	var names, commissions []string
	for _, e := range events {
		switch kind, _, _ := strings.Cut(e.Type, "."); kind {
		case "clicks":
			c := clicksOf{e.ProgramID, e.AffiliateID, e.At}
			later, err := c.conversions(ctx, tx)
			if err != nil {
				return nil, err
			}
			names = append(append(names, c.name()), later...)
		case "conversion", "chargeback", "refund", "payout":
			if id.Is(e.Subject, id.Conversion) || id.Is(e.Subject, id.Payout) {
				names = append(names, e.Subject)
			}
		case "commission":
			commissions = append(commissions, e.Subject)
		}
	}
	of, err := conversionsOf(ctx, tx, commissions)
	names = append(names, of...)
	slices.Sort(names)
	return slices.Compact(names), err
}

// conversionsOf gives the conversions of commissions, and those that have none.
func conversionsOf(ctx context.Context, tx *store.Tx, commissions []string) (names []string, err error) {
	for chunk := range slices.Chunk(commissions, sourcesAtOnce) {
		args := []any{tx.MerchantID()}
		found, err := texts(ctx, tx.Query, `SELECT coalesce(conversion_id, id) FROM commissions
			WHERE merchant_id = $1 AND id IN `+list(&args, chunk), args...)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	return names, nil
}

// clicksOf are the clicks of a program and affiliate that were stored at an instant.
type clicksOf struct {
	program, affiliate string
	at                 time.Time
}

const clicksPrefix = "clicks/"

func (c clicksOf) name() string {
	return clicksPrefix + c.program + "/" + c.affiliate + "/" + c.at.UTC().Format(time.RFC3339Nano)
}

func clicksNamed(name string) (c clicksOf, ok bool) {
	parts := strings.Split(strings.TrimPrefix(name, clicksPrefix), "/")
	if len(parts) != 3 {
		return c, false
	}
	at, err := time.Parse(time.RFC3339Nano, parts[2])
	return clicksOf{parts[0], parts[1], at}, err == nil
}

// conversions are those that were heard of before their click was stored: only
// now their link is known.
func (c clicksOf) conversions(ctx context.Context, tx *store.Tx) ([]string, error) {
	return texts(ctx, tx.Query, `SELECT v.id FROM clicks c JOIN conversions v ON v.merchant_id = c.merchant_id AND v.click_id = c.id
		WHERE c.merchant_id = $1 AND c.affiliate_id = $2 AND c.created_at = $3 AND c.program_id = $4`,
		tx.MerchantID(), c.affiliate, c.at, c.program)
}

// recount counts sources as their rows say now.
func recount(ctx context.Context, tx *store.Tx, names []string) error {
	now, err := shares(ctx, tx.Query, tx.MerchantID(), names)
	if err != nil {
		return err
	}
	before, err := countedAs(ctx, tx.Query, tx.MerchantID(), names)
	if err != nil {
		return err
	}
	moved, kept := share{}, map[string]string{}
	for _, name := range names {
		text := now[name].encode()
		if text == before[name] {
			continue
		}
		was, err := decodeShare(before[name])
		if err != nil {
			return err
		}
		moved.addAll(was, -1)
		moved.addAll(now[name], 1)
		kept[name] = text
	}
	if err := keep(ctx, tx, kept); err != nil {
		return err
	}
	by, err := longerOf(ctx, tx.Query, tx.MerchantID())
	if err != nil {
		return err
	}
	return move(ctx, tx, moved.dropZero().withLonger(by).dropZero())
}

// countedAs reads as what sources have been counted.
func countedAs(ctx context.Context, query queryer, merchant string, names []string) (map[string]string, error) {
	args := []any{merchant}
	rows, err := query(ctx, `SELECT name, counted FROM rollup_sources WHERE merchant_id = $1 AND name IN `+list(&args, names), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, err
		}
		out[name] = text
	}
	return out, rows.Err()
}
