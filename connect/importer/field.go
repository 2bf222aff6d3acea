package importer

import (
	"encoding/json"

	"github.com/tributary/tributary/internal/facts"
	"github.com/tributary/tributary/internal/problem"
)

// fields gives a list of custom fields. A number may be written as one: its digits
// are kept as they are.
func (o object) fields(name string) (all []facts.Field) {
	o.objects(name, func(_ int, f object) {
		field := facts.Field{Name: f.required("name")}
		said := 0
		for _, k := range []struct {
			member string
			kind   facts.Kind
		}{{"text", facts.Text}, {"number", facts.Number}, {"boolean", facts.Boolean}} {
			if f.members[k.member] == nil {
				continue
			}
			said++
			field.Kind, field.Value = k.kind, f.value(k.member, k.kind)
		}
		if said != 1 {
			f.fail(problem.Invalid, "text", "must say one of text, number and boolean")
		}
		all = append(all, field)
	})
	return all
}

func (o object) value(name string, k facts.Kind) string {
	if digits, is := o.members[name].(json.Number); is && k == facts.Number {
		o.take(name)
		return digits.String()
	}
	if k == facts.Boolean {
		if o.flag(name) {
			return "true"
		}
		return "false"
	}
	return o.text(name)
}
