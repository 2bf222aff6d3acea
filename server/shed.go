package server

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

// placeKey is where a request's context keeps how to give its place up.
type placeKey struct{}

// lasts is told of a request that becomes a stream: it gives its place up to
// those that end, and is counted as what it is.
func (p *Program) lasts(w http.ResponseWriter, r *http.Request) (context.Context, func()) {
	if leave, held := r.Context().Value(placeKey{}).(func()); held {
		leave()
	}
	return p.traffic.lasts(w, r)
}

// shedding lets a request in by its class, or answers 503 with the time to wait.
// The body has been read by then: a slow sender holds no place.
func (p *Program) shedding(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := p.named.classOf(r)
		leave, ok := p.porter.enter(r.Context(), c)
		if !ok {
			busy(w, c)
			return
		}
		once := sync.OnceFunc(leave)
		defer once()
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), placeKey{}, once)))
	})
}

// optional is what is not answered while others wait: pages.
func (p *Program) optional(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.porter.crowded() {
			p.porter.shed[reading].Add(1)
			busy(w, reading)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func busy(w http.ResponseWriter, c class) {
	err := problem.New(problem.Unavailable, "there is too much to do: wait and try again")
	err.RetryAfter = time.Duration(1+int(c)*2) * time.Second // who matters less comes back later
	refuse(w, err)
}

// intakeFields are the mutations that bring in what cannot be brought later: a
// shop that is turned away may not ask again.
var intakeFields = [][]byte{
	[]byte("conversionRecord"), []byte("conversionCancel"), []byte("refundRecord"), []byte("affiliateApply"),
}

// classOf reads an API request's class from its bytes. It looks for words and
// parses nothing, which a client can deceive, to the end of being served sooner
// when there is too much to do and of nothing else.
func (n *named) classOf(r *http.Request) class {
	if r.Method != http.MethodPost || r.Body == nil {
		return reading
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch {
	case err != nil:
		return reading
	case !bytes.Contains(body, []byte(`"query"`)):
		return n.of(body)
	}
	return classOfText(body)
}

func classOfText(text []byte) class {
	if !bytes.Contains(text, []byte("mutation")) {
		return reading
	}
	for _, field := range intakeFields {
		if bytes.Contains(text, field) {
			return intake
		}
	}
	return writing
}
