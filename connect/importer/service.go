package importer

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/reply"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// Limits of an import.
const (
	maxBody = 64 << 20
	maxLine = 256 << 10

	// patience is how long one line may take, and idle how long a client may take to
	// send the next or to read an answer.
	patience = 30 * time.Second
	idle     = time.Minute
)

// Config is what the importer stands on. All fields are required.
type Config struct {
	Store *store.Store
	Earn  *earn.Service
}

// Service takes imports in.
type Service struct {
	store *store.Store
	earn  *earn.Service
}

// New makes the importer.
func New(c Config) *Service { return &Service{store: c.Store, earn: c.Earn} }

// Import serves POST /import. The viewer in the request's context must hold
// conversion:write. Parameters: from=N begins at line N, counting from 1;
// stopOnError=1 stops at the first line that is refused.
//
// Answers 200 with a stream of Answer, then one Summary; before the stream begins,
// in the form of every refusal, 400 for bad and unknown parameters, 401, 403, and
// 413 for a body that says it is above 64 MiB.
// A body that turns out to be ends with a Summary that says so.
func (s *Service) Import() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /import", func(w http.ResponseWriter, r *http.Request) {
		run, err := s.begin(w, r)
		if err != nil {
			reply.Refuse(w, err)
			return
		}
		run.all(r.Context())
	})
	return mux
}

// run is one import.
type run struct {
	*Service
	lines       *lineReader
	out         *stream
	from        int
	stopOnError bool
	merchant    string
	sum         Summary
}

// now is when things happened of which a line does not say when.
func (in *run) now() time.Time { return in.store.MerchantTimeOf(in.merchant) }

// begin checks what can be checked before the first line.
func (s *Service) begin(w http.ResponseWriter, r *http.Request) (*run, error) {
	viewer, err := trust.Require(r.Context(), trust.ConversionWrite)
	switch {
	case errors.Is(err, trust.ErrUnauthenticated):
		return nil, problem.New(problem.Unauthenticated, "sign in or send a token").Because(err)
	case err != nil:
		viewer, _ = trust.From(r.Context())
		s.store.Deny(r.Context(), store.Denial{Viewer: viewer, Action: "import", Reason: string(trust.ConversionWrite)})
		return nil, problem.New(problem.Forbidden, "conversion:write is not granted").Because(err)
	case r.ContentLength > maxBody:
		return nil, problem.New(problem.TooLarge, "the body must have at most %d bytes", maxBody)
	}
	if err := reply.Knows(r, "from", "stopOnError"); err != nil {
		return nil, err
	}
	in := &run{Service: s, from: 1, merchant: viewer.MerchantID}
	query := r.URL.Query()
	if text := query.Get("from"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, problem.At(problem.Invalid, "from", "must be a line's number, counting from 1")
		}
		in.from = n
	}
	switch query.Get("stopOnError") {
	case "", "0", "1":
		in.stopOnError = query.Get("stopOnError") == "1"
	default:
		return nil, problem.At(problem.Invalid, "stopOnError", "must be 0 or 1")
	}
	in.out = newStream(w)
	in.lines = &lineReader{body: http.MaxBytesReader(w, r.Body, maxBody), wait: in.out.wait}
	return in, nil
}

// all works through the lines until they end, the client goes away, or something
// happens that is no fault of a line.
func (in *run) all(ctx context.Context) {
	in.sum.Next = in.from
	err := in.each(ctx)
	in.sum.Done = err == nil
	in.sum.Problems = problemsOf(err)
	_ = in.out.write(in.sum) // nobody is left to tell
}

// errStopped ends an import at the first refused line, as asked for.
var errStopped = problem.New(problem.Invalid, "stopped at the first line that was refused")

func (in *run) each(ctx context.Context) error {
	for number := 1; ctx.Err() == nil; number++ {
		line, err := in.lines.next()
		switch {
		case errors.Is(err, errEnd):
			return nil
		case err != nil && !errors.Is(err, errLong):
			return err
		case number < in.from || err == nil && len(line) == 0:
			continue
		}
		if err == nil {
			err = in.one(ctx, number, line)
		} else {
			err = in.refuse(number, problem.New(problem.TooLarge, "a line must have at most %d bytes", maxLine))
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// one does what a line asks for and answers it. A line that was begun is finished
// even if the client has gone: it would not know whether it was.
func (in *run) one(ctx context.Context, number int, line []byte) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	done, err := in.do(ctx, line)
	if err == nil {
		return in.answer(number, done)
	}
	if !connect.Permanent(err) {
		in.store.Log().ErrorContext(ctx, "an import was broken off", "line", number, "error", err)
		return err
	}
	return in.refuse(number, err)
}

func (in *run) answer(number int, a Answer) error {
	a.Line = number
	switch in.sum.Lines++; a.Status {
	case created:
		in.sum.Created++
	case known:
		in.sum.Known++
	case refused:
		in.sum.Refused++
	}
	in.sum.Next = number + 1
	return in.out.write(a)
}

func (in *run) refuse(number int, cause error) error {
	err := in.answer(number, Answer{Status: refused, Problems: problemsOf(cause)})
	if err == nil && in.stopOnError {
		in.sum.Next = number
		return errStopped
	}
	return err
}
