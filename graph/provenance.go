package graph

import (
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/track/order"
)

// provenanceOf says how a conversion was told.
func provenanceOf(told []*ent.Provenance) []*model.OrderProvenance {
	out := make([]*model.OrderProvenance, 0, len(told))
	for _, p := range told {
		one := &model.OrderProvenance{
			Source: model.ProvenanceSource(p.Kind), SourceID: some(p.Teller), Name: p.Source, Key: p.Key,
			MatchedBy: model.ProvenanceMatch(p.MatchedBy), FirstTold: p.CreatedAt, LastTold: p.LastTold, Times: p.Times,
			Fields: []model.ProvenanceField{},
		}
		for _, part := range order.Parts(p.Given) {
			one.Fields = append(one.Fields, model.ProvenanceField(part))
		}
		out = append(out, one)
	}
	return out
}
