package store

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/lib/pq"

	"github.com/tributary/tributary/internal/problem"
)

// What the database says of itself is no fault of the command's; what a rule says of the
// end of a text is.
func TestErrorsOfTheDatabaseAreTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		code problem.Code
		own  bool // the database's own trouble
	}{
		{io.EOF, problem.Unavailable, true},
		{fmt.Errorf("read: %w", io.ErrUnexpectedEOF), problem.Unavailable, true},
		{&pq.Error{Code: "55000", Message: "database is not currently accepting connections"}, problem.Unavailable, true},
		{&pq.Error{Code: "57P01", Message: "terminating connection"}, problem.Unavailable, true},
		{&pq.Error{Code: "57014", Message: "canceling statement"}, problem.Deadline, true},
		{&pq.Error{Code: "22021", Message: "invalid byte sequence"}, problem.Invalid, false},
		{&pq.Error{Code: "23503", Message: "violates foreign key"}, problem.NotFound, false},
		{problem.New(problem.Internal, "unreadable").Because(io.ErrUnexpectedEOF), problem.Internal, false},
		{errors.New("a bug"), problem.Internal, false},
	} {
		got := present(c.err)
		if code := problem.CodeOf(got); code != c.code {
			t.Errorf("%v: %s, want %s", c.err, code, c.code)
		}
		if own := Infrastructure(c.err); own != c.own {
			t.Errorf("%v: infrastructure %v", c.err, own)
		}
		if c.code == problem.Unavailable && !Infrastructure(got) {
			t.Errorf("%v: forgotten once it is presented", c.err)
		}
	}
}
