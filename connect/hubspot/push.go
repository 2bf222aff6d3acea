package hubspot

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/mapping"
)

// most is how many records a batch holds.
const most = 100

// Most is how many records are taken at once.
func (Provider) Most() int { return most }

// input is a record as a batch has it.
type input struct {
	IDProperty string            `json:"idProperty"`
	ID         string            `json:"id"`
	Properties map[string]string `json:"properties"`
	Trace      string            `json:"objectWriteTraceId"`
	at         int               // its place among what is pushed
	taken      bool              // over, by its e-mail address
}

// pushing is a push under way.
type pushing struct {
	Provider
	ctx    context.Context
	call   connect.Call
	c      connect.Credentials
	path   string
	unique string
	out    []connect.Written
}

// Push writes records, in as few calls as HubSpot's refusals leave.
func (p Provider) Push(ctx context.Context, call connect.Call, _ string, c connect.Credentials, k connect.Kind, batch []connect.Outgoing) ([]connect.Written, error) {
	work := pushing{Provider: p, ctx: ctx, call: call, c: c, path: "/crm/objects/" + version + "/" + objects[k] + "/batch/upsert", unique: keys[k], out: make([]connect.Written, len(batch))}
	inputs := make([]input, len(batch))
	for i, o := range batch {
		inputs[i] = input{IDProperty: work.unique, ID: o.Key, Properties: texts(o.Values), Trace: strconv.Itoa(i), at: i}
	}
	for len(inputs) > 0 {
		n := min(most, len(inputs))
		if err := work.push(inputs[:n]); err != nil {
			return work.out, err
		}
		inputs = inputs[n:]
	}
	return work.out, nil
}

// push writes some of them. HubSpot answers a conflict or a value that is none with
// a refusal of all: they are halved until it is that of one.
func (w *pushing) push(some []input) error {
	answer, err := w.send(w.ctx, w.call, w.c, http.MethodPost, w.path, map[string]any{"inputs": some})
	switch {
	case err != nil:
		return err
	case answer.Status < 300:
		return w.read(answer.Body, some)
	}
	said := refusalOf(answer)
	switch {
	case said.code() == "PROPERTY_DOESNT_EXIST": // nobody's record is at fault
		return connect.Answered(answer.Status)
	case len(some) > 1:
		if err := w.push(some[:len(some)/2]); err != nil {
			return err
		}
		return w.push(some[len(some)/2:])
	case answer.Status == http.StatusConflict:
		return w.takeOver(some[0])
	}
	w.refuse(some[0], said.code())
	return nil
}

// takeOver writes to the contact that has the address already, and gives it our key.
func (w *pushing) takeOver(one input) error {
	email := one.Properties[propertyEmail]
	if one.taken || email == "" {
		w.refuse(one, "CONFLICT")
		return nil
	}
	over := input{IDProperty: propertyEmail, ID: email, Properties: map[string]string{w.unique: one.ID}, Trace: one.Trace, at: one.at, taken: true}
	for name, value := range one.Properties {
		if name != propertyEmail {
			over.Properties[name] = value
		}
	}
	return w.push([]input{over})
}

func (w *pushing) refuse(one input, code string) {
	w.out[one.at] = connect.Written{Known: true, Refused: code}
}

// read takes over what became of each. HubSpot answers in an order of its own; the
// trace says which record is meant, and one that neither has a result nor an error is
// not known.
func (w *pushing) read(body []byte, some []input) error {
	var got struct {
		Results []struct {
			ID    string `json:"id"`
			Trace string `json:"objectWriteTraceId"`
		} `json:"results"`
		Errors []refusal `json:"errors"`
	}
	if json.Unmarshal(body, &got) != nil {
		return errUnderstood
	}
	byTrace := map[string]input{}
	for _, one := range some {
		byTrace[one.Trace] = one
	}
	for _, r := range got.Results {
		if one, ours := byTrace[r.Trace]; ours && r.ID != "" {
			w.out[one.at] = connect.Written{Known: true, RemoteID: r.ID}
		}
	}
	for _, e := range got.Errors {
		for _, trace := range e.Context["objectWriteTraceId"] {
			if one, ours := byTrace[trace]; ours && e.Category == "CONFLICT" {
				if err := w.takeOver(one); err != nil {
					return err
				}
			} else if ours {
				w.refuse(one, e.code())
			}
		}
	}
	return w.all(some)
}

// all wants every record to be known.
func (w *pushing) all(some []input) error {
	for _, one := range some {
		if !w.out[one.at].Known {
			return errUnderstood
		}
	}
	return nil
}

// Link associates two records by HubSpot's default association.
func (p Provider) Link(ctx context.Context, call connect.Call, _ string, c connect.Credentials, from connect.Written, fromKind connect.Kind, to connect.Written, toKind connect.Kind) error {
	path := "/crm/objects/" + version + "/" + objects[fromKind] + "/" + from.RemoteID + "/associations/default/" + objects[toKind] + "/" + to.RemoteID
	return p.ask(ctx, call, c, http.MethodPut, path, nil, nil)
}

// texts writes values as HubSpot takes them: all are text, an instant is counted in
// milliseconds.
func texts(values mapping.Record) map[string]string {
	all := make(map[string]string, len(values))
	for name, v := range values {
		switch v := v.(type) {
		case string:
			all[name] = v
		case int64:
			all[name] = strconv.FormatInt(v, 10)
		case bool:
			all[name] = strconv.FormatBool(v)
		case time.Time:
			all[name] = strconv.FormatInt(v.UnixMilli(), 10)
		case []string:
			all[name] = strings.Join(v, ";")
		}
	}
	return all
}
