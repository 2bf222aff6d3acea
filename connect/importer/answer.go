package importer

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/problem"
)

// What became of a line.
const (
	created = "created" // it had an effect: an order, refund or cancellation that was not known
	known   = "known"   // the order, refund or cancellation was known; an order may have been completed
	refused = "refused" // it had none, for the reasons told
)

// Answer is the answer to one line.
type Answer struct {
	Line         int               `json:"line"` // counting from 1, blank lines too
	Status       string            `json:"status"`
	ConversionID string            `json:"conversionId,omitempty"`
	RefundID     string            `json:"refundId,omitempty"`
	Problems     []connect.Problem `json:"problems,omitempty"`
}

// Summary is the last answer.
type Summary struct {
	Done     bool              `json:"done"`           // every line was answered
	Next     int               `json:"next,omitempty"` // where to go on: the value of ?from=
	Lines    int               `json:"lines"`          // answered by this request
	Created  int               `json:"created"`
	Known    int               `json:"known"`
	Refused  int               `json:"refused"`
	Problems []connect.Problem `json:"problems,omitempty"` // why it is not done
}

// problemsOf lists what is wrong. The text of an error that is no problem stays here.
func problemsOf(err error) []connect.Problem {
	if list := connect.Problems(err); err == nil || len(list) > 0 {
		return list
	}
	return []connect.Problem{{Code: string(problem.Unavailable), Message: "try again later"}}
}

// stream writes answers, each on a line and at once.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// newStream makes the connection carry answers while the request is still coming
// in. It is not used again afterwards: what an import left unread on it would be
// taken for the next request, and its deadlines would be that request's.
func newStream(w http.ResponseWriter) *stream {
	s := &stream{w: w, control: http.NewResponseController(w)}
	_ = s.control.EnableFullDuplex() // a recorder in a test cannot, and need not
	w.Header().Set("Connection", "close")
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	return s
}

const contentType = "application/x-ndjson"

// wait gives the client time to send the next line: an import may last longer than
// any single request should.
func (s *stream) wait() { _ = s.control.SetReadDeadline(time.Now().Add(idle)) }

func (s *stream) write(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(idle))
	if _, err := s.w.Write(append(line, '\n')); err != nil {
		return err
	}
	_ = s.control.Flush()
	return nil
}
