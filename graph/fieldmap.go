package graph

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/graph/model"
)

// documentOf reads the fields that a merchant says.
func documentOf(fields []*model.MappedFieldInput) (d mapping.Document) {
	for _, f := range fields {
		one := mapping.Field{
			Source: or(f.Source, ""), Target: f.Target, Direction: mapping.Direction(or(f.Direction, model.FieldDirectionOut)), Policy: mapping.Policy(or(f.Policy, "")), Default: f.Default, Required: or(f.Required, false), Off: or(f.Off, false),
		}
		for _, t := range f.Transforms {
			step := mapping.Transform{Do: t.Do, Text: or(t.Text, ""), Places: or(t.Places, 0)}
			for _, row := range t.Table {
				if step.Table == nil {
					step.Table = map[string]string{}
				}
				step.Table[row.From] = row.To
			}
			one.Transforms = append(one.Transforms, step)
		}
		d.Fields = append(d.Fields, one)
	}
	return d
}

// showMap shows a map that is in force.
func showMap(m connect.Map) *model.FieldMapping {
	out := &model.FieldMapping{Number: m.Number, Fields: []*model.MappedField{}}
	for _, f := range m.Document.Fields {
		one := &model.MappedField{Direction: model.FieldDirection(f.Direction), Policy: policyOf(f), Source: f.Source, Target: f.Target, Default: f.Default, Required: f.Required, Transforms: []*model.FieldTransform{}}
		for _, t := range f.Transforms {
			one.Transforms = append(one.Transforms, &model.FieldTransform{Do: t.Do, Text: t.Text, Places: t.Places})
		}
		out.Fields = append(out.Fields, one)
	}
	return out
}

// policyOf is whose value stands of a field that comes in.
func policyOf(f mapping.Field) *model.FieldPolicy {
	if f.Direction == mapping.Out {
		return nil
	}
	p := model.FieldPolicy(cmp.Or(f.Policy, mapping.Latest))
	return &p
}

func showTried(rows []mapping.Row) []*model.TriedField {
	out := make([]*model.TriedField, len(rows))
	for i, r := range rows {
		out[i] = &model.TriedField{Source: r.From, Target: r.To, Before: spelled(r.Before), After: spelled(r.After), Fault: some(r.Fault)}
	}
	return out
}

// spelled writes a value of a record as text.
func spelled(v any) *string {
	switch v := v.(type) {
	case nil:
		return nil
	case time.Time:
		return some(v.UTC().Format(time.RFC3339))
	case []string:
		return some(strings.Join(v, ";"))
	}
	return some(fmt.Sprint(v))
}
