package mapping

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/tributary/tributary/internal/problem"
)

// Kind is what a value is.
type Kind string

// Kinds. A decimal is text such as "-12.50", never a float.
const (
	Text    Kind = "TEXT"
	Integer Kind = "INTEGER"
	Decimal Kind = "DECIMAL"
	Boolean Kind = "BOOLEAN"
	Instant Kind = "INSTANT"
	List    Kind = "LIST" // of texts
)

// Direction is which way a field goes.
type Direction string

// Directions.
const (
	Out  Direction = "OUT"
	In   Direction = "IN"
	Both Direction = "BOTH"
)

// Policy says whose value stands where both sides have changed it.
type Policy string

// Policies. A field that says none goes by Latest.
const (
	Platform Policy = "PLATFORM" // ours, once we have one
	Remote   Policy = "REMOTE"   // theirs
	Latest   Policy = "LATEST"   // the one that was changed last
	Manual   Policy = "MANUAL"   // a person decides
)

// goes reports whether a field that goes by d goes that way.
func (d Direction) goes(way Direction) bool { return d == Both || d == way }

// Field maps one field.
type Field struct {
	Source     string      `json:"source"` // a path in our record, dots between its parts
	Target     string      `json:"target"`
	Direction  Direction   `json:"direction"`
	Policy     Policy      `json:"policy,omitempty"`     // of a field that comes in
	Transforms []Transform `json:"transforms,omitempty"` // in the order of the way out
	// Default stands where there is no value, on the way out, as text.
	Default *string `json:"default,omitempty"`
	// Required refuses a record without the value.
	Required bool `json:"required,omitempty"`
	// Off takes a field of the defaults away.
	Off bool `json:"off,omitempty"`
}

// Document is how one kind of record is mapped.
type Document struct {
	Fields []Field `json:"fields"`
}

// MaxFields of a document.
const MaxFields = 200

// Decode reads a document. Errors: INVALID for what is no document, TOO_LARGE.
func Decode(raw []byte) (d Document, err error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil || decoder.More() {
		return Document{}, problem.At(problem.Invalid, "fields", "must be a document of fields that are known")
	}
	if len(d.Fields) > MaxFields {
		return Document{}, problem.At(problem.TooLarge, "fields", "must be at most %d", MaxFields)
	}
	return d, nil
}

// Over lays what a merchant says over a provider's defaults: a field takes the place
// of the default with its target, or takes it away when it is off.
func (d Document) Over(defaults Document) Document {
	out := Document{}
	for _, f := range defaults.Fields {
		if !slices.ContainsFunc(d.Fields, func(own Field) bool { return own.Target == f.Target }) {
			out.Fields = append(out.Fields, f)
		}
	}
	for _, f := range d.Fields {
		if !f.Off {
			out.Fields = append(out.Fields, f)
		}
	}
	return out
}

// Into gives the field that brings in what the other side calls by that name.
func (d Document) Into(target string) (Field, bool) {
	i := slices.IndexFunc(d.Fields, func(f Field) bool { return f.Target == target && f.Direction.goes(In) })
	if i < 0 {
		return Field{}, false
	}
	return d.Fields[i], true
}

// Slot is a field that there is.
type Slot struct {
	Kind   Kind
	Most   int      // characters of a text; 0 for any number
	Values []string // all that a text may be; none when it is free
	Locked bool     // it can be read and not be written
}

// Catalogue is what fields there are.
type Catalogue struct {
	Ours   map[string]Slot // by path
	Theirs map[string]Slot
}
