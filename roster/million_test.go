package roster_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
)

// forest is a merchant's affiliates in one tree: under a root, a chain of
// recruits, one affiliate with a tenth of all as direct recruits, and the rest
// each under any one of those before.
type forest struct {
	house
	ids    []string
	parent []int // of each; -1 for the root
	chain  int   // number of the chain's end
	star   int   // number of the one with many recruits
}

const chainLength = 1000

func forestOf(t *testing.T, n int) forest {
	f := forest{house: open(t), ids: make([]string, n), parent: make([]int, n), chain: chainLength, star: chainLength + 1}
	r := rand.New(rand.NewPCG(19, 20))
	for i := range n {
		f.ids[i] = id.FromUUID(id.Affiliate, [16]byte{0, 0, 0, 0, 0, 1, 0x70, 0, 0x80, 0, 0, 0, byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)})
		switch {
		case i <= chainLength:
			f.parent[i] = i - 1
		case i == f.star:
			f.parent[i] = 0
		case i <= f.star+n/10:
			f.parent[i] = f.star
		default:
			f.parent[i] = r.IntN(i)
		}
	}
	f.plant()
	return f
}

func (f forest) plant() {
	f.t.Helper()
	const batch = 500
	_, err := store.Run(f.ctx, f.store, store.Command{Name: "plant", Quiet: true}, func(ctx context.Context, tx *store.Tx) (string, error) {
		for start := 0; start < len(f.ids); start += batch {
			var text strings.Builder
			args := []any{f.merchant, tx.Now()}
			for i := start; i < min(start+batch, len(f.ids)); i++ {
				var parent any
				if f.parent[i] >= 0 {
					parent = f.ids[f.parent[i]]
				}
				fmt.Fprintf(&text, "%s($%d, $1, $2, $2, 'A', '%d@x.example', 'ACTIVE', $%d)", map[bool]string{true: ", "}[i > start], len(args)+1, i, len(args)+2)
				args = append(args, f.ids[i], parent)
			}
			if _, err := tx.Exec(ctx, `INSERT INTO affiliates (id, merchant_id, created_at, updated_at, name, email, status, parent_id) VALUES `+text.String(), args...); err != nil {
				return "", err
			}
		}
		_, err := tx.Exec(ctx, `ANALYZE affiliates`)
		return "", err
	})
	must(f.t, err)
}

// What one page of a tree may cost where a whole tree is a million affiliates.
const (
	million  = 1_000_000
	tolerate = 20 * time.Millisecond
)

// N20: pages of uplines and trees, at a fiftieth of a million affiliates; with
// TRIBUTARY_LONG at all of them, and then within 20 ms each.
func TestN20_TreesOfAMillion(t *testing.T) {
	if os.Getenv("TRIBUTARY_LONG") == "" {
		f := forestOf(t, million/50)
		f.pagesOf(func(string, func() error) {})
		f.plans()
		return
	}
	f := forestOf(t, million)
	f.pagesOf(f.quick)
	f.plans()
}

// pagesOf asks for the first and a late page of trees of several shapes.
func (f forest) pagesOf(timed func(string, func() error)) {
	last := f.ids[f.late()]
	for name, in := range map[string]roster.TreeInput{
		"the upline of the last":       {AffiliateID: last},
		"the upline of a chain's end":  {AffiliateID: f.ids[f.chain]},
		"the end of a long upline":     {AffiliateID: f.ids[f.chain], After: f.ids[100]},
		"the tree of the root":         {AffiliateID: f.ids[0]},
		"the tree after a late cursor": {AffiliateID: f.ids[0], After: last},
		"the tree of a chain":          {AffiliateID: f.ids[1]},
		"a chain after a deep cursor":  {AffiliateID: f.ids[1], After: f.ids[f.chain-200]},
		"the tree of many":             {AffiliateID: f.ids[f.star]},
		"the direct recruits of many":  {AffiliateID: f.ids[f.star], Levels: 1},
		"many after a cursor":          {AffiliateID: f.ids[f.star], Levels: 1, After: f.ids[f.star+len(f.ids)/20]},
		"how many":                     {AffiliateID: f.ids[f.star], First: -1},
	} {
		timed(name, func() error { return f.ask(name, in) })
	}
}

// late is the last affiliate but one with at least ten above it.
func (f forest) late() int {
	for i := len(f.ids) - 2; ; i-- {
		depth := 0
		for at := i; at >= 0; at = f.parent[at] {
			depth++
		}
		if depth > 10 {
			return i
		}
	}
}

func (f forest) ask(name string, in roster.TreeInput) error {
	if in.First < 0 {
		n, err := f.RecruitCount(f.ctx, in.AffiliateID)
		if n < len(f.ids)/100 {
			f.t.Errorf("%s: %d", name, n)
		}
		return err
	}
	in.First = 100
	if in.Levels == 0 {
		in.Levels = roster.AllLevels
	}
	look := f.Below
	if strings.Contains(name, "upline") {
		look = f.Above
	}
	places, err := look(f.ctx, in)
	if len(places) < 5 {
		f.t.Errorf("%s: %d places", name, len(places))
	}
	return err
}

// quick fails when the median of many takes longer than what is tolerated.
func (f forest) quick(name string, do func() error) {
	took := make([]time.Duration, 41)
	for i := range took {
		start := time.Now()
		must(f.t, do())
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	f.t.Logf("%-28s p50 %8v  worst of %d %8v", name, took[len(took)/2].Round(10*time.Microsecond), len(took), took[len(took)-1].Round(10*time.Microsecond))
	if took[len(took)/2] > tolerate {
		f.t.Errorf("%s takes %v", name, took[len(took)/2])
	}
}

// read is a pass over the rows of all affiliates, in the words of either database.
var read = regexp.MustCompile(`Seq Scan on affiliates|SCAN (affiliates|a|s|c)\b`)

// follows is the index that takes each question from row to row: up by an id, of
// which there is more than one index, or down by recruiters.
var follows = map[string]*regexp.Regexp{
	"above": byID, "below": byID, "children": byRecruiter, "spine": byRecruiter, "direct": byRecruiter,
}

var (
	byID        = regexp.MustCompile(`affiliate_merchant_id_id|affiliates_pkey|sqlite_autoindex_affiliates_1`)
	byRecruiter = regexp.MustCompile(`affiliate_merchant_id_parent_id_id`)
)

// plans fails when a question of the tree reads all affiliates.
func (f forest) plans() {
	f.t.Helper()
	explain := "EXPLAIN "
	if !f.store.Postgres() {
		explain = "EXPLAIN QUERY PLAN "
	}
	for name, question := range roster.Questions {
		plan := f.plan(explain+question, map[string][]any{
			"above": {f.merchant, f.ids[9], "", 100}, "below": {f.merchant, f.ids[9], f.ids[5]},
			"children": {f.merchant, f.ids[0], "", 100}, "spine": {f.merchant, f.ids[0], 100}, "direct": {f.merchant, f.ids[0], 100},
		}[name])
		if bad := read.FindString(plan); bad != "" || !follows[name].MatchString(plan) {
			f.t.Errorf("%s reads %q, and should follow %s:\n%s", name, bad, follows[name], plan)
		}
	}
}

func (f forest) plan(question string, args []any) string {
	f.t.Helper()
	rows, err := f.store.Read(f.ctx, question, args...)
	must(f.t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	must(f.t, err)
	var text strings.Builder
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		must(f.t, rows.Scan(values...))
		fmt.Fprintf(&text, "%s\n", *values[len(values)-1].(*any))
	}
	must(f.t, rows.Err())
	return text.String()
}
