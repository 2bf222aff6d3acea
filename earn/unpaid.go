package earn

import (
	"context"
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/attribution"
)

// Where terms that count earn somebody nothing there is no commission whose trace would
// say what was counted, and which of several caps was used up. The decision keeps that
// trace instead, so that the order can be computed again exactly.

// unpaid gives the trace of an affiliate with credit who earned nothing by terms that
// count; nil for all others.
func (a *award) unpaid(affiliateID string) []byte {
	if affiliateID == "" || !a.of(affiliateID).version.Counts() {
		return nil
	}
	i := slices.IndexFunc(a.results, func(r plan.Result) bool { return r.Trace.Input.AffiliateID == affiliateID })
	if i < 0 || !a.results[i].Amount.IsZero() {
		return nil
	}
	return a.results[i].Trace.Encode()
}

// readUnpaid reads what was kept of those who earned nothing, the last of each, where
// terms have ever counted.
func (w *simulating) readUnpaid(ctx context.Context, b *batch, sales []*ent.Conversion) error {
	if !w.counting {
		return nil
	}
	ids := make([]string, len(sales))
	for i, sale := range sales {
		ids[i] = sale.ID
	}
	rows, err := w.client.Attribution.Query().Where(attribution.ConversionIDIn(ids...), attribution.UnpaidNotNil(), attribution.AffiliateIDNotNil()).
		Order(ent.Asc(attribution.FieldRevision)).Select(attribution.FieldConversionID, attribution.FieldAffiliateID, attribution.FieldUnpaid).All(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if b.under[row.ConversionID] != "" {
			continue // a simulation was applied to it since
		}
		t, err := plan.DecodeTrace(row.Unpaid)
		if err != nil {
			return err
		}
		b.keep(row.ConversionID, t)
	}
	return nil
}

func (b *batch) keep(conversionID string, t plan.Trace) {
	if b.unpaid[conversionID] == nil {
		b.unpaid[conversionID] = map[string]plan.Trace{}
	}
	b.unpaid[conversionID][t.Input.AffiliateID] = t
}

// frozenParties gives the layer of a conversion that earned nothing, where all with
// credit for it are known to have been computed under a version.
func (b *batch) frozenParties(conversionID string, all []plan.Party, old *known) (layer0 parts) {
	for _, p := range all {
		t, kept := b.unpaid[conversionID][p.AffiliateID]
		if !kept || t.VersionID != old.ID {
			return nil
		}
		layer0 = append(layer0, part{layer: layer{trace: t, version: old.Version}, at: -1})
	}
	return layer0
}

// withUnpaid adds to the first layer those who share it and earned nothing.
func (c *recount) withUnpaid(kept map[string]plan.Trace) {
	first := c.layers[0][0]
	for _, who := range first.sharing() {
		t, is := kept[who]
		if _, had := c.layers[0].of(who); is && !had && t.VersionID == first.version.ID {
			c.layers[0] = append(c.layers[0], part{layer: layer{trace: t, version: first.version}, at: -1})
		}
	}
}
