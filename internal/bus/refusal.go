package bus

import (
	"errors"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

// ErrRefused is inside every error of an Append whose record is not promised to
// be durable. The same error is a problem with code Unavailable and a safe text.
var ErrRefused = errors.New("bus: record refused")

// ErrClosed is returned by calls on a bus that has been closed.
var ErrClosed = errors.New("bus: closed")

// Reason says why a record was refused.
type Reason uint8

// The reasons, in the order in which they are counted in Stats.
const (
	accepted Reason = iota
	Full            // unconsumed messages fill the stream
	Disk            // less than Config.MinFree bytes are free
	Late            // not durable within Config.Deadline, or the stream failed
	Busy            // too many callers already wait
	Stopped         // closed, or the embedded server is being restarted
	reasons
)

var reasonNames = [reasons]string{"accepted", "full", "disk", "late", "busy", "stopped"}

// String gives the word used as a metric label.
func (r Reason) String() string { return reasonNames[r] }

// refusals holds one ready error per reason, so that refusing allocates nothing
// while the system is in trouble.
var refusals = [reasons]*problem.Error{
	Full:    refusal("the click stream is full", 5*time.Second),
	Disk:    refusal("the disk of the click stream is almost full", 5*time.Second),
	Late:    refusal("the click stream did not answer in time", time.Second),
	Busy:    refusal("the click stream is overloaded", time.Second),
	Stopped: refusal("the click stream is stopped", time.Second),
}

func refusal(message string, after time.Duration) *problem.Error {
	p := problem.New(problem.Unavailable, "%s", message).Because(ErrRefused)
	p.RetryAfter = after
	return p
}
