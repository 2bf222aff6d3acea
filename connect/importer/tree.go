package importer

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tributary/tributary/internal/problem"
)

// maxDepth is deeper than any line has reason to be: line → lines → line → amount.
const maxDepth = 6

// parse reads one JSON object into maps, slices, strings, json.Numbers and booleans.
// Numbers keep their digits. A member that is there twice is refused: readers differ
// in which of the two they take.
func parse(line []byte) (map[string]any, error) {
	if !utf8.Valid(line) {
		return nil, problem.New(problem.Invalid, "the line is not UTF-8 text")
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	v, err := value(d, "", maxDepth)
	if err != nil {
		return nil, err
	}
	members, isObject := v.(map[string]any)
	if !isObject {
		return nil, problem.New(problem.Invalid, "the line is not a JSON object")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, problem.New(problem.Invalid, "the line goes on after its JSON object")
	}
	return members, nil
}

func value(d *json.Decoder, path string, depth int) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, problem.New(problem.Invalid, "the line is not JSON, at byte %d", d.InputOffset()).Because(err)
	}
	delim, nested := t.(json.Delim)
	if !nested {
		if text, is := t.(string); is && strings.ContainsRune(text, 0) {
			return nil, fieldProblem(problem.Invalid, path, "must not hold the character U+0000")
		}
		return t, nil
	}
	if depth == 0 {
		return nil, fieldProblem(problem.Invalid, path, "is nested too deeply")
	}
	if delim == '{' {
		return members(d, path, depth-1)
	}
	return elements(d, path, depth-1)
}

func members(d *json.Decoder, path string, depth int) (any, error) {
	all := map[string]any{}
	for d.More() {
		t, err := d.Token()
		name, isName := t.(string)
		if err != nil || !isName {
			return nil, problem.New(problem.Invalid, "the line is not JSON, at byte %d", d.InputOffset()).Because(err)
		}
		if _, twice := all[name]; twice {
			return nil, fieldProblem(problem.Invalid, join(path, name), "is there twice")
		}
		if all[name], err = value(d, join(path, name), depth); err != nil {
			return nil, err
		}
	}
	return all, end(d)
}

func elements(d *json.Decoder, path string, depth int) (any, error) {
	all := []any{}
	for d.More() {
		v, err := value(d, join(path, strconv.Itoa(len(all))), depth)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, end(d)
}

// end takes the closing bracket.
func end(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return problem.New(problem.Invalid, "the line is not JSON, at byte %d", d.InputOffset()).Because(err)
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// maxPath bounds how much of a line's own names a problem repeats.
const maxPath = 100

func fieldProblem(code problem.Code, path, format string, a ...any) *problem.Error {
	if len(path) > maxPath {
		path = path[:maxPath]
		for !utf8.ValidString(path) {
			path = path[:len(path)-1]
		}
	}
	return problem.At(code, path, format, a...)
}
