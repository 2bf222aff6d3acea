package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
)

func join(path []string) string { return strings.Join(path, ".") }

// sheet is a form in which rows are written.
type sheet interface {
	head()
	row(object json.RawMessage) error
}

func newSheet(format string, columns []Column, to *bytes.Buffer) sheet {
	if format == JSONL {
		return lines{to}
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	return &table{w, columns}
}

// lines is an object on each line.
type lines struct{ to *bytes.Buffer }

func (l lines) head() {}

func (l lines) row(object json.RawMessage) error {
	if err := json.Compact(l.to, object); err != nil {
		return err
	}
	return l.to.WriteByte('\n')
}

// table is comma-separated values, as RFC 4180 says.
type table struct {
	*csv.Writer
	columns []Column
}

func (t *table) head() {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.Name()
	}
	_ = t.Write(names) // a buffer takes everything
	t.Flush()
}

func (t *table) row(object json.RawMessage) error {
	cells := make([]string, len(t.columns))
	for i, c := range t.columns {
		raw, err := at(object, c.Path)
		if err != nil {
			return err
		}
		if cells[i], err = cell(raw); err != nil {
			return err
		}
		if c.Text {
			cells[i] = neutral(cells[i])
		}
	}
	err := t.Write(cells)
	t.Flush()
	return err
}

// at finds a value in an object; none below what is null.
func at(object json.RawMessage, path []string) (json.RawMessage, error) {
	for _, name := range path {
		if len(object) == 0 || string(object) == "null" {
			return nil, nil
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(object, &fields); err != nil {
			return nil, err
		}
		object = fields[name]
	}
	return object, nil
}

// cell spells a value: a text without its quotes, nothing for null, and lists as JSON.
func cell(raw json.RawMessage) (text string, err error) {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", nil
	case raw[0] == '"':
		err = json.Unmarshal(raw, &text)
		return text, err
	}
	return string(raw), nil
}

// neutral puts an apostrophe before a text that a spreadsheet would take for a formula.
func neutral(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
