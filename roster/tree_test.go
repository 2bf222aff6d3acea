package roster_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/roster"
)

// tree is what the pages should hold: every recruit, each followed by its own.
func (f forest) tree(at, level, levels int) (places []roster.Place) {
	for i := range f.ids {
		if f.parent[i] != at {
			continue
		}
		below := f.tree(i, level+1, levels)
		places = append(places, roster.Place{AffiliateID: f.ids[i], RecruiterID: f.ids[at], Level: level, HasRecruits: slices.Contains(f.parent, i)})
		if level < levels {
			places = append(places, below...)
		}
	}
	return places
}

// paged reads a whole list in pages of that size.
func (f forest) paged(look func(roster.TreeInput) ([]roster.Place, error), in roster.TreeInput) (all []roster.Place) {
	f.t.Helper()
	for {
		places, err := look(in)
		must(f.t, err)
		if all = append(all, places...); len(places) < in.First {
			return all
		}
		if len(places) > in.First {
			f.t.Fatalf("%d places of %d", len(places), in.First)
		}
		in.After = places[len(places)-1].AffiliateID
	}
}

// C20: trees of every shape, seen from anywhere, in pages of any size.
func TestC20_PagesOfATreeAreTheTree(t *testing.T) {
	f := forest{house: open(t)}
	f.ids = f.several(24)
	shapes := map[bool]int{}
	rapid.Check(t, func(r *rapid.T) {
		f.parent = make([]int, len(f.ids))
		long := rapid.Bool().Draw(r, "long")
		shapes[long]++
		for i := range f.parent {
			least := -1
			if long {
				least = max(-1, i-2)
			}
			f.parent[i] = max(rapid.IntRange(least, i-1).Draw(r, "parent"), -1)
			parent := ""
			if f.parent[i] >= 0 {
				parent = f.ids[f.parent[i]]
			}
			must(t, f.recruit(f.ids[i], parent))
		}
		at := rapid.IntRange(0, len(f.ids)-1).Draw(r, "at")
		levels := rapid.SampledFrom([]int{1, 2, 3, roster.AllLevels}).Draw(r, "levels")
		in := roster.TreeInput{AffiliateID: f.ids[at], Levels: levels, First: rapid.IntRange(1, 30).Draw(r, "first")}
		below := f.paged(func(in roster.TreeInput) ([]roster.Place, error) { return f.Below(f.ctx, in) }, in)
		if want := f.tree(at, 1, levels); !slices.Equal(below, want) {
			r.Fatalf("tree of %d\ngot  %v\nwant %v", at, below, want)
		}
		f.checkUpline(r, in, at)
	})
	if shapes[true] == 0 || shapes[false] == 0 {
		t.Fatalf("shapes %v", shapes)
	}
}

func (f forest) checkUpline(r *rapid.T, in roster.TreeInput, at int) {
	var want []roster.Place
	for i := f.parent[at]; i >= 0 && len(want) < in.Levels; i = f.parent[i] {
		one := roster.Place{AffiliateID: f.ids[i], Level: len(want) + 1, HasRecruits: true}
		if f.parent[i] >= 0 {
			one.RecruiterID = f.ids[f.parent[i]]
		}
		want = append(want, one)
	}
	if got := f.paged(func(in roster.TreeInput) ([]roster.Place, error) { return f.Above(f.ctx, in) }, in); !slices.Equal(got, want) {
		r.Fatalf("upline of %d\ngot  %v\nwant %v", at, got, want)
	}
}

// Q79: who joins while a tree is read is told once or not at all, and nobody is
// told twice or left out; a cursor that was moved away says so.
func TestQ79_PagesOfATreeAreStable(t *testing.T) {
	h := open(t)
	a := h.several(6)
	for _, one := range a[1:5] {
		must(t, h.recruit(one, a[0]))
	}
	page := func(after string) ([]roster.Place, error) {
		return h.Below(h.ctx, roster.TreeInput{AffiliateID: a[0], Levels: roster.AllLevels, First: 2, After: after})
	}
	first, err := page("")
	must(t, err)
	must(t, h.recruit(a[5], first[1].AffiliateID)) // below the cursor
	must(t, h.recruit(a[1], ""))                   // told already
	second, err := page(first[1].AffiliateID)
	must(t, err)
	if len(second) != 2 || second[0].AffiliateID != a[5] || second[0].Level != 2 || second[1].AffiliateID != a[3] {
		t.Fatalf("second page %v", second)
	}
	_, err = page(a[1])
	refused(t, err, problem.Invalid, "after")
	_, err = page("cnv_x")
	refused(t, err, problem.Invalid, "after")
	_, err = h.Above(h.ctx, roster.TreeInput{AffiliateID: a[0], Levels: roster.AllLevels, First: 2, After: a[5]})
	refused(t, err, problem.Invalid, "after")
}

// A neighbour's affiliate has no tree here.
func TestTreesStayWithTheirMerchant(t *testing.T) {
	h := open(t)
	a := h.several(2)
	must(t, h.recruit(a[1], a[0]))
	other := h.neighbour()
	for _, look := range []func() ([]roster.Place, error){
		func() ([]roster.Place, error) {
			return other.Below(other.ctx, roster.TreeInput{AffiliateID: a[0], Levels: 9, First: 9})
		},
		func() ([]roster.Place, error) {
			return other.Above(other.ctx, roster.TreeInput{AffiliateID: a[1], Levels: 9, First: 9})
		},
	} {
		if places, err := look(); err != nil || len(places) > 0 {
			t.Errorf("%v, %v", places, err)
		}
	}
	if n, err := other.RecruitCount(other.ctx, a[0]); err != nil || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
}
