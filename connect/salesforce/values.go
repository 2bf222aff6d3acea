package salesforce

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/mapping"
)

// digits are a number as JSON has it.
var digits = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// instant is how an instant is written.
const instant = "2006-01-02T15:04:05.000Z"

// rows writes records as Salesforce takes them.
func (w *pushing) rows(batch []connect.Outgoing) ([]*pushed, error) {
	rows := make([]*pushed, len(batch))
	for i, o := range batch {
		rows[i] = &pushed{at: i, key: o.Key, values: make(map[string]any, len(o.Values))}
		for name, v := range o.Values {
			kind, err := w.kindOf(name)
			if err != nil {
				return nil, err
			}
			rows[i].values[name] = written(kind, v)
		}
	}
	return rows, nil
}

// written is a value as JSON has it. What is empty is null there; a decimal is a number
// with the digits that it has.
func written(kind mapping.Kind, v any) any {
	switch v := v.(type) {
	case string:
		switch {
		case v == "" && kind == mapping.Boolean: // a box is ticked or not
			return false
		case v == "":
			return nil
		case (kind == mapping.Decimal || kind == mapping.Integer) && digits.MatchString(v):
			return json.Number(v)
		}
		return v
	case time.Time:
		return v.UTC().Format(instant)
	case []string:
		return strings.Join(v, ";")
	}
	return v
}

// kindOf says what a field takes: of ours and Salesforce's own that is known, of others
// the org is asked.
func (w *pushing) kindOf(name string) (mapping.Kind, error) {
	if f, is := ours[w.object][name]; is {
		return f.slot().Kind, nil
	}
	if f, is := standard[w.object][name]; is {
		return f.Kind, nil
	}
	kind, known := w.org.typeOf(w.object, name)
	if !known && !w.asked { // it may be newer than what is known
		w.asked = true
		if _, err := w.describe(w.object); err != nil {
			return "", err
		}
		kind, _ = w.org.typeOf(w.object, name)
	}
	return kinds[kind], nil
}

// typeOf gives the type of a field, if it is known.
func (o *org) typeOf(object, name string) (kind string, known bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	kind, known = o.types[object][name]
	return kind, known
}

// forget lets the types of an object be asked for anew.
func (o *org) forget(object string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.types, object)
}
