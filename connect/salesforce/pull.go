package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/problem"
)

// Salesforce sends no webhooks that could be proven by a secret. So it is asked which
// values people have changed: the history of contacts says of each field who changed it
// and when. The time of the contact itself does not: another field may have changed, and
// an old value would pass for a new word.

const (
	// topicChanged is a change of a field in the history of a contact.
	topicChanged = "contact.changed"
	// pageOf is how many changes are asked for at once.
	pageOf = 2000
)

// Instants as a question has them, and as Salesforce answers with them.
const (
	asked    = "2006-01-02T15:04:05Z"
	answered = "2006-01-02T15:04:05.000-0700"
)

// change is one of a field, as it is handed over.
type change struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Contact string `json:"contact"`
	Field   string `json:"field"`
	Value   string `json:"value"`
	At      string `json:"at"`
}

// Pull reads changes of the fields that come in, those that came first first, without
// what the app itself has written. The cursor is an instant: what shares it is read
// twice, and known by its id.
func (p Provider) Pull(ctx context.Context, call connect.Call, account string, c connect.Credentials, ask connect.PullAsk) (connect.Pulled, error) {
	fields := slices.DeleteFunc(slices.Clone(ask.Fields), func(name string) bool { return !aField.MatchString(name) })
	if len(fields) == 0 {
		return connect.Pulled{}, nil
	}
	a := p.asking(ctx, call, account, c)
	s, err := a.session(ctx, call, account, c)
	if err != nil {
		return later(err)
	}
	if s.user == "" {
		return connect.Pulled{}, errUnderstood
	}
	since := ask.Since.UTC().Format(asked)
	if ask.Cursor != "" {
		since = ask.Cursor
	}
	page := connect.Pulled{}
	last := ""
	err = a.query(question(fields, s.user, since, ask.Until), func(raw json.RawMessage) error {
		one, at, err := changeOf(account, raw)
		if err == nil {
			page.Orders, last = append(page.Orders, one), at
		}
		return err
	})
	switch {
	case err != nil:
		return later(err)
	case len(page.Orders) < pageOf:
		return page, nil
	case last <= since: // more of one second than a page holds
		return connect.Pulled{}, errUnderstood
	}
	page.Cursor = last
	return page, nil
}

// question asks for the changes of fields that another than user has made.
func question(fields []string, user, since string, until time.Time) string {
	for i, name := range fields {
		fields[i] = quoted(name)
	}
	return "SELECT Id, ContactId, Field, NewValue, CreatedDate FROM ContactHistory WHERE Field IN (" + strings.Join(fields, ",") + ")" +
		" AND CreatedById != " + quoted(user) + " AND CreatedDate >= " + since + " AND CreatedDate < " + until.UTC().Format(asked) +
		" ORDER BY CreatedDate, Id LIMIT " + strconv.Itoa(pageOf)
}

// later says when the org can be asked again that has no calls left.
func later(err error) (connect.Pulled, error) {
	if late, is := errors.AsType[connect.Throttled](err); is {
		return connect.Pulled{Again: true, Wait: late.Wait}, nil
	}
	return connect.Pulled{}, err
}

// changeOf hands a line of the history over, and says when it was, in whole seconds.
func changeOf(account string, raw []byte) (one connect.PulledOrder, at string, err error) {
	var line struct {
		ID          string
		ContactID   string `json:"ContactId"`
		Field       string
		NewValue    any
		CreatedDate string
	}
	if json.Unmarshal(raw, &line) != nil {
		return one, "", errUnderstood
	}
	when, err := time.Parse(answered, line.CreatedDate)
	if err != nil || !anID.MatchString(line.ID) {
		return one, "", errUnderstood
	}
	value := ""
	switch v := line.NewValue.(type) {
	case string:
		value = v
	case bool:
		value = strconv.FormatBool(v)
	}
	body, err := json.Marshal(change{line.ID, account, line.ContactID, line.Field, value, when.UTC().Format(time.RFC3339Nano)})
	return connect.PulledOrder{Topic: topicChanged, Raw: body}, when.UTC().Format(asked), err
}

// Message reads a change that was asked for. Nothing else is ever proven.
func (Provider) Message(topic string, raw []byte) (connect.Message, error) {
	if topic != topicChanged {
		return connect.Message{Ignored: "TOPIC: nothing is done with this topic"}, nil
	}
	var c change
	if err := json.Unmarshal(raw, &c); err != nil {
		return connect.Message{}, problem.New(problem.Invalid, "the change cannot be read").Because(fmt.Errorf("%w: salesforce", connect.ErrMalformed))
	}
	at, err := time.Parse(time.RFC3339Nano, c.At)
	switch {
	case err != nil:
		return connect.Message{}, problem.At(problem.Invalid, "at", "must be a time")
	case !anID.MatchString(c.Contact):
		return connect.Message{}, problem.At(problem.Invalid, "contact", "must be a record")
	}
	return connect.Message{
		Key: "change:" + c.ID, Topic: topicChanged, EventID: c.ID, OrderID: connect.RecordName(c.Contact),
		Told: &connect.Told{Account: c.Account, RemoteID: c.Contact, Field: c.Field, Value: c.Value, At: at},
	}, nil
}
