package earn

import (
	"cmp"
	"maps"
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/track/order"
)

// A conversion's commissions lie on its lines like layers: the first covers each
// line as it was when the order was rated, and each later one covers what an edit
// has added on top. Affiliates who share the credit share every layer: their
// commissions lie on the same lines. What is left of a line fills the layers from the bottom, so
// that refunds and edits take from the latest layer first, and all of them can be
// seen as one number for each line: how much of it is left now. Nothing depends
// on how it came to that.

// layer is what one commission was computed from.
type layer struct {
	trace   plan.Trace
	version plan.Version
}

// part is a layer as one of the affiliates with credit has it.
type part struct {
	layer
	at int // its commission's place in work.commissions
}

// parts are the affiliates' parts of one layer; they differ in rule and share, not
// in lines.
type parts []part

// bases are the layers by one part of each.
func bases(all []parts) []layer {
	layers := make([]layer, len(all))
	for i, p := range all {
		layers[i] = p[0].layer
	}
	return layers
}

// of gives an affiliate's part; false when nothing was accrued for it.
func (p parts) of(affiliateID string) (part, bool) {
	i := slices.IndexFunc(p, func(x part) bool { return x.trace.Input.AffiliateID == affiliateID })
	if i < 0 {
		return part{}, false
	}
	return p[i], true
}

// alone gives what each affiliate with credit would have earned alone, under its own
// terms.
func (p parts) alone() ([]layer, error) {
	traces, err := p[0].trace.Alone(p[0].version)
	layers := make([]layer, len(traces))
	for i, t := range traces {
		layers[i] = layer{trace: t, version: p[0].version}
		own, is := p.of(t.Input.AffiliateID)
		if err != nil || !is || own.version.ID == p[0].version.ID {
			continue
		}
		var others []plan.Trace
		others, err = own.trace.Alone(own.version)
		for _, o := range others {
			if o.Input.AffiliateID == t.Input.AffiliateID {
				layers[i] = layer{trace: o, version: own.version}
			}
		}
	}
	return layers, err
}

// sharing are the affiliates with credit, whether or not anything was accrued.
func (l layer) sharing() []string {
	in := l.trace.Input
	if len(in.Sharing) == 0 {
		return []string{in.AffiliateID}
	}
	ids := make([]string, len(in.Sharing))
	for i, p := range in.Sharing {
		ids[i] = p.AffiliateID
	}
	return ids
}

// left gives what is left of each line that earns, by line id, in minor units.
func left(lines []*ent.ConversionLine, base plan.Base) map[string]int64 {
	kept := make(map[string]int64, len(lines))
	for _, l := range lines {
		if !l.GiftCard || base.GiftCards {
			kept[l.ID] = max(0, l.AmountMinor-l.RefundedMinor)
		}
	}
	return kept
}

// replaced gives the id of the one line that stood for the whole order until its
// lines were told, "" when there is none.
func replaced(lines []*ent.ConversionLine) string {
	for _, l := range lines {
		if l.ExternalID == order.WholeLine && l.Quantity == 0 && len(lines) > 1 {
			return l.ID
		}
	}
	return ""
}

// spread fills the layers with what is left. It gives what was given back of each
// layer by line, and what lies above all of them. A layer on the whole order, told
// as a bare total, is filled by the lines that came in its place, together: that
// the order is now known better is no reason to take anything back.
func spread(layers []layer, left map[string]int64, whole string) (back []map[string]int64, above map[string]int64) {
	above = maps.Clone(left)
	back = make([]map[string]int64, len(layers))
	for i, l := range layers {
		back[i] = make(map[string]int64, len(l.trace.Lines))
		for _, line := range l.trace.Lines {
			held := min(line.Sold, above[line.ID])
			above[line.ID] -= held
			if line.ID == whole {
				held += takeFrom(above, line.Sold-held)
			}
			back[i][line.ID] = line.Sold - held
		}
	}
	maps.DeleteFunc(above, func(_ string, v int64) bool { return v == 0 })
	return back, above
}

// takeFrom takes up to so much from lines, by ascending id, and says how much.
func takeFrom(lines map[string]int64, most int64) (taken int64) {
	for _, line := range slices.Sorted(maps.Keys(lines)) {
		part := min(lines[line], most-taken)
		lines[line] -= part
		taken += part
	}
	return taken
}

// over gives what lies above one layer: on no layer, or on a later one. What an edit
// added counts whether or not it has a commission of its own by now: else what was let
// off for it would be taken back by whatever settles the order next.
func over(layers []parts, back []map[string]int64, above map[string]int64, i int) map[string]int64 {
	all := maps.Clone(above)
	for j := i + 1; j < len(layers); j++ {
		for _, line := range layers[j][0].trace.Lines {
			all[line.ID] += line.Sold - back[j][line.ID]
		}
	}
	return all
}

// exchange lets what an edit has added make up for what it took, for a layer that
// was paid once for the whole order: exchanging a line for another of the same
// price is no reason to take anything back. Lines are made up for by ascending id.
func exchange(back, above map[string]int64) {
	var spare int64
	for _, v := range above {
		spare += v
	}
	for _, line := range slices.SortedFunc(maps.Keys(back), cmp.Compare[string]) {
		taken := min(spare, back[line])
		back[line] -= taken
		spare -= taken
	}
}

// whole reports whether nothing is left of the order itself, which matters where
// there is no base to measure by.
func whole(s conversion.Status) bool {
	return s == conversion.StatusCANCELLED || s == conversion.StatusREFUNDED || s == conversion.StatusCHARGED_BACK
}
