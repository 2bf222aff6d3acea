package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tributary/tributary/internal/problem"
)

// read finds the parameters of an HTTP request. Errors: BadRequest, and
// UnsupportedMedia for a body that is no JSON.
func read(r *http.Request) (*graphql.RawParams, error) {
	began := graphql.Now()
	find := fromBody
	if r.Method != http.MethodPost {
		find = fromURL
	}
	p, err := find(r)
	if err != nil {
		return nil, err
	}
	p.Headers, p.ReadTime = r.Header, graphql.TraceTiming{Start: began, End: graphql.Now()}
	return p, nil
}

func fromBody(r *http.Request) (*graphql.RawParams, error) {
	kind, rest, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := rest["charset"]
	if err != nil || kind != mediaJSON || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, problem.New(problem.UnsupportedMedia, "send the request as application/json in UTF-8")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, badRequest("the body could not be read").Because(err)
	}
	fields, err := object(body)
	if err != nil {
		return nil, err
	}
	return params(fields)
}

// object reads a JSON object by the exact names of its fields.
func object(text []byte) (fields map[string]json.RawMessage, err error) {
	text = bytes.TrimLeft(text, " \t\r\n")
	if len(text) > 0 && text[0] == '[' {
		return nil, badRequest("a request is one object: batches are not taken")
	}
	if err := json.Unmarshal(text, &fields); err != nil || fields == nil || !utf8.Valid(text) {
		return nil, badRequest("the body is not a request in JSON").Because(err)
	}
	return fields, nil
}

// params reads what a request may say; what it may not say is ignored.
func params(fields map[string]json.RawMessage) (*graphql.RawParams, error) {
	p := &graphql.RawParams{}
	err := errors.Join(
		text(fields, "query", &p.Query), text(fields, "operationName", &p.OperationName),
		table(fields, "variables", &p.Variables), table(fields, "extensions", &p.Extensions),
	)
	if err == nil {
		err = named(fields, p)
	}
	return p, err
}

// named says which document is asked for when it is not sent along: its id comes
// in documentId, and is handed on among the extensions.
func named(fields map[string]json.RawMessage, p *graphql.RawParams) error {
	var id string
	if err := text(fields, documentID, &id); err != nil {
		return err
	}
	if err := hashed(p.Extensions); err != nil {
		return err
	}
	if id != "" {
		if p.Extensions == nil {
			p.Extensions = map[string]any{}
		}
		p.Extensions[documentID] = id
	}
	if p.Query == "" && id == "" && p.Extensions[persistedQuery] == nil {
		return problem.At(problem.BadRequest, "query", "say what is asked: query is missing")
	}
	return nil
}

const (
	documentID     = "documentId"
	persistedQuery = "persistedQuery"
)

// hashed refuses extensions that mean to name a document and do not: run as if
// they were not there, such a request would be answered, and its client never know
// that nothing is kept.
func hashed(extensions map[string]any) error {
	if id, said := extensions[documentID]; said && id != nil {
		if _, is := id.(string); !is {
			return problem.At(problem.BadRequest, "extensions."+documentID, "%s must be a string", documentID)
		}
	}
	apollo, said := extensions[persistedQuery]
	if !said || apollo == nil {
		return nil
	}
	fields, is := apollo.(map[string]any)
	if !is {
		return problem.At(problem.BadRequest, "extensions."+persistedQuery, "%s must be an object with version 1 and sha256Hash", persistedQuery)
	}
	if version, said := fields["version"]; said && version != json.Number("1") {
		return problem.At(problem.BadRequest, "extensions."+persistedQuery+".version", "the version must be 1")
	}
	if hash, is := fields["sha256Hash"].(string); !is || hash == "" {
		return problem.At(problem.BadRequest, "extensions."+persistedQuery+".sha256Hash", "the document's hash must be a string")
	}
	return nil
}

// text reads a field that is text, null or absent.
func text(fields map[string]json.RawMessage, name string, into *string) error {
	raw, there := fields[name]
	if there && json.Unmarshal(raw, into) != nil {
		return problem.At(problem.BadRequest, name, "%s must be a string", name)
	}
	return nil
}

// table reads a field that is an object, null or absent. Numbers keep every digit.
func table(fields map[string]json.RawMessage, name string, into *map[string]any) error {
	raw, there := fields[name]
	if !there {
		return nil
	}
	digits := json.NewDecoder(bytes.NewReader(raw))
	digits.UseNumber()
	if err := digits.Decode(into); err != nil || digits.More() {
		return problem.At(problem.BadRequest, name, "%s must be an object", name)
	}
	return nil
}

// fromURL reads a query string: variables and extensions are JSON texts in it.
func fromURL(r *http.Request) (*graphql.RawParams, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("the query string cannot be read")
	}
	fields := map[string]json.RawMessage{}
	for _, name := range []string{"query", "operationName", documentID, "variables", "extensions"} {
		said := values[name]
		if len(said) > 1 {
			return nil, problem.At(problem.BadRequest, name, "%s is said more than once", name)
		}
		if len(said) == 0 || said[0] == "" {
			continue
		}
		if !utf8.ValidString(said[0]) {
			return nil, problem.At(problem.BadRequest, name, "%s is not UTF-8", name)
		}
		fields[name] = json.RawMessage(said[0])
		if name != "variables" && name != "extensions" {
			fields[name] = quoted(said[0])
		}
	}
	return params(fields)
}

func quoted(s string) json.RawMessage {
	text, err := json.Marshal(s)
	if err != nil {
		return json.RawMessage("null") // a string can always be written
	}
	return text
}

func badRequest(format string, a ...any) *problem.Error {
	return problem.New(problem.BadRequest, format, a...)
}
