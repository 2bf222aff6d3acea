package track

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

// parked is one line of parked/clicks.ndjson: a record that can never become a
// row, kept whole so that a person can find out why. One that was delivered
// again after a crash may stand there twice.
type parked struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
	Record string    `json:"record"` // base64
}

// park sets a record aside for good: it is on disk when park returns, and the
// stream may forget it.
func (s *Service) park(raw []byte, cause error) error {
	if s.dataDir == "" {
		return errors.New("track: there is no folder to park clicks in")
	}
	s.store.Log().Error("a click was parked", "reason", cause)
	line, err := json.Marshal(parked{At: s.store.Now(), Reason: whyParked(cause), Record: base64.StdEncoding.EncodeToString(raw)})
	if err != nil {
		return err
	}
	if err := appendLine(filepath.Join(s.dataDir, "parked"), "clicks.ndjson", line); err != nil {
		return err
	}
	s.counts.parked.Add(1)
	return nil
}

// whyParked says the cause too: the file is for the operator alone.
func whyParked(cause error) string {
	reason := cause.Error()
	if p, ok := problem.As(cause); ok && p.Unwrap() != nil {
		reason += ": " + p.Unwrap().Error()
	}
	return reason
}

func appendLine(dir, name string, line []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}
