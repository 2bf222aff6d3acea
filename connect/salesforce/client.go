package salesforce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/egress"
)

var errUnderstood = errors.New("salesforce: it answered otherwise than it should")

// asking is a way to call one org.
type asking struct {
	Provider
	ctx     context.Context
	call    connect.Call
	account string
	c       connect.Credentials
	org     *org
}

func (p Provider) asking(ctx context.Context, call connect.Call, account string, c connect.Credentials) asking {
	return asking{p, ctx, call, account, c, p.known.of(account, c)}
}

// send calls, and gives the answer whatever its status. A session that has ended is
// replaced once: what was refused for it was not done. 401, 403 and what is Salesforce's
// own trouble are errors; the refusal of what was sent is none.
func (a asking) send(method, path string, in any) (egress.Answer, error) {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return egress.Answer{}, fmt.Errorf("salesforce: a body cannot be written as %T", in)
		}
	}
	answer, s, err := a.once(method, path, body)
	if err == nil && answer.Status == http.StatusUnauthorized {
		a.org.end(s.token)
		answer, _, err = a.once(method, path, body)
	}
	if err != nil {
		return answer, err
	}
	return answer, a.trouble(answer)
}

func (a asking) once(method, path string, body []byte) (egress.Answer, session, error) {
	s, err := a.session(a.ctx, a.call, a.account, a.c)
	if err != nil {
		return egress.Answer{}, s, err
	}
	var in io.Reader
	if body != nil {
		in = bytes.NewReader(body)
	}
	r, err := http.NewRequestWithContext(a.ctx, method, s.instance+path, in)
	if err != nil {
		return egress.Answer{}, s, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
		// A rule that only warns people of a duplicate is not one that forbids it.
		r.Header.Set("Sforce-Duplicate-Rule-Header", "allowSave=true")
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Authorization", "Bearer "+s.token)
	answer, err := a.call(a.ctx, r)
	return answer, s, err
}

// spent are the pauses after an org has said that its calls of a day are used up, longer
// each time: they come back little by little, and nothing says when.
var spent = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}

// concurrent is how long is waited when too many call at once.
const concurrent = 10 * time.Second

// trouble is what stands in the way of whatever is sent.
func (a asking) trouble(answer egress.Answer) error {
	if _, limit := limits(answer); limit {
		return connect.Throttled{Wait: a.org.pause(answer)}
	}
	a.org.pause(egress.Answer{})
	switch {
	case answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden:
		return fmt.Errorf("%w: %w", connect.ErrWithdrawn, connect.Answered(answer.Status))
	case answer.Status >= 500 || answer.Status >= 300 && answer.Status < 400:
		return connect.Answered(answer.Status)
	}
	return nil
}

// limits reports whether an answer says that a limit is reached, and whether it is the
// one of calls at once.
func limits(a egress.Answer) (once, is bool) {
	if a.Status != http.StatusForbidden && a.Status != http.StatusTooManyRequests {
		return false, false
	}
	said := faultOf(a)
	return strings.HasPrefix(said.Message, "Concurrent"), said.Code == "REQUEST_LIMIT_EXCEEDED" || a.Status == http.StatusTooManyRequests
}

// pause says how long the org is left alone after an answer, and counts.
func (o *org) pause(a egress.Answer) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	once, is := limits(a)
	switch {
	case !is:
		o.limited = 0
		return 0
	case once:
		return concurrent
	}
	o.limited++
	return spent[min(o.limited, len(spent))-1]
}

// ask sends and reads a success.
func (a asking) ask(method, path string, in, out any) error {
	answer, err := a.send(method, path, in)
	switch {
	case err != nil:
		return err
	case answer.Status < 200 || answer.Status > 299:
		return connect.Answered(answer.Status)
	case out != nil && json.Unmarshal(answer.Body, out) != nil:
		return errUnderstood
	}
	return nil
}

var usage = regexp.MustCompile(`(?:^|[ ,])api-usage=([0-9]{1,9})/([0-9]{1,9})(?:$|[ ,;])`)

// relearn is how long a count of calls is gone by: they are those of a day that has no
// beginning, and others call as well.
const relearn = 15 * time.Minute

// Pace reads how many calls of the org's day are left. When few are, they are left to
// the org's people; one call now and then finds out whether there are more.
func (Provider) Pace(_ int, h http.Header) connect.Pace {
	said := usage.FindStringSubmatch(h.Get("Sforce-Limit-Info"))
	if said == nil {
		return connect.Pace{}
	}
	used, _ := strconv.Atoi(said[1]) // both are digits
	limit, _ := strconv.Atoi(said[2])
	return connect.Pace{Limit: limit, Remaining: max(0, limit-used), Every: relearn}
}

// fault is an error as Salesforce lists it. Its message may quote the record, and is
// kept nowhere.
type fault struct {
	Message string   `json:"message"`
	Code    string   `json:"errorCode"`  // of a request
	Status  string   `json:"statusCode"` // of a record in a collection
	Fields  []string `json:"fields"`
}

func faultOf(a egress.Answer) fault {
	var all []fault
	if json.Unmarshal(a.Body, &all) != nil || len(all) == 0 { // what cannot be read says nothing
		return fault{}
	}
	return all[0]
}

var (
	aCode  = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,79}$`)
	aField = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)
	anID   = regexp.MustCompile(`^[0-9A-Za-z]{15}([0-9A-Za-z]{3})?$`)
)

// says is what is kept of a fault: its code, and the field that it names.
func (f fault) says() string {
	code := f.Status
	if code == "" {
		code = f.Code
	}
	if !aCode.MatchString(code) {
		return "REFUSED"
	}
	if len(f.Fields) > 0 && aField.MatchString(f.Fields[0]) {
		return code + " " + f.Fields[0]
	}
	return code
}
