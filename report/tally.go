package report

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
)

// followerName names the cursor that says how far the tallies have come.
const followerName = "tally"

// countAtOnce is how many events one transaction counts.
const countAtOnce = 500

// Follower keeps the tallies: each server runs it with store.Follow. It is
// elected by name, and counts every event once.
func (s *Service) Follower() store.Follower {
	return store.Follower{Name: followerName, Batch: countAtOnce, Apply: s.count}
}

// count adds a merchant's events to its tallies.
func (s *Service) count(ctx context.Context, tx *store.Tx, events []store.Event) error {
	zones, err := zonesOf(ctx, tx, events)
	if err != nil {
		return err
	}
	added := map[key]sums{}
	for _, e := range events {
		for _, one := range s.entries(e, zones) {
			sum := added[one.key]
			sum.add(one.sums)
			added[one.key] = sum
		}
	}
	merchant := tx.MerchantID()
	tx.AfterCommit(func() { s.hub.counted(merchant) })
	return put(ctx, tx, added)
}

// entries reads an event. One whose facts cannot be read is a defect of the room
// that emitted it: it is logged and adds nothing, for else it would hold up all
// numbers for ever; VerifyTallies finds what is missing.
func (s *Service) entries(e store.Event, zones map[string]*time.Location) []entry {
	rule, counts := rules[e.Type]
	if !counts {
		return nil
	}
	r := &reading{Event: e, zones: zones}
	all := rule(r)
	if r.err != nil {
		s.store.Log().Error("an event could not be counted", "error", r.err)
		return nil
	}
	return all
}

// zonesOf reads where the programs whose clicks were recorded keep their books;
// every other event names its day itself.
func zonesOf(ctx context.Context, tx *store.Tx, events []store.Event) (map[string]*time.Location, error) {
	zones := map[string]*time.Location{}
	for _, e := range events {
		if e.Type == "clicks.recorded" {
			zones[e.ProgramID] = nil
		}
	}
	if len(zones) == 0 {
		return nil, nil
	}
	rows, err := tx.Ent().Program.Query().Where(program.IDIn(slices.Collect(maps.Keys(zones))...)).All(ctx)
	for _, p := range rows {
		zones[p.ID] = zoneOf(p.TimeZone)
	}
	return zones, err
}

// putRows is how many tallies one statement adds to: fifteen values each stay
// well below both databases' limits.
const putRows = 200

// put adds to tallies, making those that are not there, in the order of their keys.
func put(ctx context.Context, tx *store.Tx, added map[key]sums) error {
	maps.DeleteFunc(added, func(_ key, s sums) bool { return s == sums{} })
	for chunk := range slices.Chunk(slices.SortedFunc(maps.Keys(added), compareKeys), putRows) {
		var args []any
		rows := make([]string, len(chunk))
		for i, k := range chunk {
			rows[i] = row(&args, tx, k, added[k])
		}
		_, err := tx.Exec(ctx, `INSERT INTO tallies (id, merchant_id, created_at, program_id, affiliate_id, day, currency, `+each("%")+`)
			VALUES `+strings.Join(rows, ", ")+`
			ON CONFLICT (merchant_id, program_id, affiliate_id, day, currency) DO UPDATE SET `+each("% = tallies.% + excluded.%"), args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// row spells the values of one tally.
func row(args *[]any, tx *store.Tx, k key, s sums) string {
	marks := []string{
		bind(args, tx.ID(id.Tally)), bind(args, tx.MerchantID()), bind(args, tx.Now()),
		bind(args, k.program), bind(args, k.affiliate), bind(args, k.day), bind(args, k.currency),
	}
	for _, f := range s.fields() {
		marks = append(marks, bind(args, *f))
	}
	return "(" + strings.Join(marks, ", ") + ")"
}

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.program, b.program), cmp.Compare(a.affiliate, b.affiliate),
		cmp.Compare(a.day, b.day), cmp.Compare(a.currency, b.currency))
}
