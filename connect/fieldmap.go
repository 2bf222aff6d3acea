package connect

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/fieldmap"
)

// Map is which field is which, for one kind of record of an integration.
type Map struct {
	Kind      Kind
	Number    int              // the version of what the merchant says; 0 while that is nothing
	Own       mapping.Document // what the merchant says
	Document  mapping.Document // in force: the defaults with that laid over them
	Catalogue mapping.Catalogue
}

// mapOf gives the map that is in force.
func (s *Service) mapOf(ctx context.Context, dest Destination, row *ent.Integration, k Kind) (Map, error) {
	defaults, theirs := dest.Defaults(k)
	m := Map{Kind: k, Document: defaults, Catalogue: mapping.Catalogue{Ours: ourFields(k), Theirs: theirs}}
	said, err := s.store.Client().FieldMap.Query().Where(fieldmap.IntegrationID(row.ID), fieldmap.KindEQ(fieldmap.Kind(k))).
		Order(ent.Desc(fieldmap.FieldNumber)).First(ctx)
	if ent.IsNotFound(err) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	if m.Own, err = mapping.Decode(said.Document); err != nil {
		return m, err
	}
	if err := json.Unmarshal(said.Slots, &m.Catalogue.Theirs); err != nil {
		return m, err
	}
	for name, slot := range theirs { // what every account has is known better now
		m.Catalogue.Theirs[name] = slot
	}
	m.Number, m.Document = said.Number, m.Own.Over(defaults)
	return m, nil
}

// outgoing gives the values of a record on its way. A field whose value is gone is
// sent empty, so that it is cleared there, unless it is the merchant's own. fault
// names the first field that cannot be written.
func (m Map) outgoing(key string, rec mapping.Record) (out Outgoing, fault string) {
	values, faults := mapping.Apply(m.Document, m.Catalogue, mapping.Out, rec)
	if len(faults) > 0 {
		return out, "MAPPING: " + faults[0].Field[len(faults[0].Field)-1] + " " + faults[0].Message
	}
	for _, f := range m.Document.Fields {
		_, said := rec[f.Source]
		if f.Direction == mapping.In || slices.Contains(kept, f.Source) || f.Direction == mapping.Both && !said {
			continue
		}
		if _, has := values[f.Target]; !has {
			values[f.Target] = ""
		}
	}
	return Outgoing{Key: key, Values: values}, ""
}
