package audit

import (
	"net/http"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/reply"
)

var contentTypes = map[string]string{CSV: "text/csv; charset=utf-8", JSONL: "application/jsonl"}

// parameters are what a download may be asked by.
var parameters = []string{"subjectId", "actorId", "action", "outcome", "from", "to"}

// Download serves GET /audit.csv and GET /audit.jsonl for a viewer with
// audit:read. Parameters: subjectId, actorId, action, outcome, from and to (RFC
// 3339); others are refused. The answer is streamed; one that breaks off is cut, and its last line
// may be incomplete. Before it begins: 400, 401 and 403 with a problem as JSON.
func (s *Service) Download(format string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, err := filterOf(r)
		if err != nil {
			reply.Refuse(w, err)
			return
		}
		begin := &beginning{ResponseWriter: w, format: format}
		_, err = s.Export(r.Context(), begin, format, f)
		switch {
		case err == nil:
			begin.start() // there may have been nothing to write
		case begin.begun:
			s.store.Log().WarnContext(r.Context(), "an export was broken off", "error", err)
			panic(http.ErrAbortHandler) // so that the client sees that it is not whole
		default:
			reply.Refuse(w, err)
		}
	})
}

// beginning writes the headers with the first byte: until then the answer may
// still be a refusal.
type beginning struct {
	http.ResponseWriter
	format string
	begun  bool
}

func (b *beginning) start() {
	if b.begun {
		return
	}
	b.begun = true
	b.Header().Set("Content-Type", contentTypes[b.format])
	b.Header().Set("Content-Disposition", `attachment; filename="audit.`+b.format+`"`)
	b.WriteHeader(http.StatusOK)
}

// Write begins the answer if it has not begun.
func (b *beginning) Write(p []byte) (int, error) {
	b.start()
	return b.ResponseWriter.Write(p)
}

func filterOf(r *http.Request) (f Filter, err error) {
	if err := reply.Knows(r, parameters...); err != nil {
		return f, err
	}
	q := r.URL.Query()
	f = Filter{SubjectID: q.Get("subjectId"), ActorID: q.Get("actorId"), Action: q.Get("action"), Outcome: q.Get("outcome")}
	for name, at := range map[string]*time.Time{"from": &f.From, "to": &f.To} {
		if text := q.Get(name); text != "" {
			if *at, err = time.Parse(time.RFC3339, text); err != nil {
				return f, problem.At(problem.Invalid, name, "must be an instant such as 2026-03-01T00:00:00Z")
			}
		}
	}
	return f, nil
}
