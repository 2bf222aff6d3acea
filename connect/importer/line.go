package importer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/tributary/tributary/internal/problem"
)

var (
	errEnd  = errors.New("importer: no more lines")
	errLong = errors.New("importer: the line is too long")
)

// lineReader cuts a body into lines. Its memory is bounded by the longest line that
// is accepted.
type lineReader struct {
	body io.Reader
	wait func() // called before more of the body is waited for
	buf  *bufio.Reader
	line []byte
}

// next gives the next line without the spaces around it, until the next call. Errors:
// errLong for a line above the limit, which is skipped; errEnd; TOO_LARGE for a body
// above its limit; any other when the client broke off, whose last line is then not
// whole and not given.
func (l *lineReader) next() ([]byte, error) {
	if l.buf == nil {
		l.buf = bufio.NewReaderSize(l.body, 64<<10)
	}
	l.line = l.line[:0]
	long := false
	for {
		if l.buf.Buffered() == 0 {
			l.wait()
		}
		part, err := l.buf.ReadSlice('\n')
		if len(l.line)+len(part) > maxLine+1 { // one for the newline
			long = true
		} else if !long {
			l.line = append(l.line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(part) == 0 && len(l.line) == 0 && !long:
			return nil, errEnd
		case err != nil && !errors.Is(err, io.EOF):
			return nil, broken(err)
		case long:
			return nil, errLong
		}
		return bytes.TrimSpace(l.line), nil
	}
}

func broken(err error) error {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return problem.New(problem.TooLarge, "the body must have at most %d bytes", maxBody)
	}
	return err
}
