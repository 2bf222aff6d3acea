package salesforce

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/tributary/tributary/connect"
)

// most is how many records a collection holds.
const most = 200

// lockTries is how often a record is written anew at once that somebody else was
// writing; after that it is refused, and tried later.
const lockTries = 2

// Most is how many records are taken at once.
func (Provider) Most() int { return most }

// pushed is a record on its way.
type pushed struct {
	at     int    // its place among what is pushed
	key    string // our id
	id     string // Salesforce's, of a contact that is taken over; else ""
	values map[string]any
	tries  int
}

// pushing is a push under way.
type pushing struct {
	asking
	object, unique string
	out            []connect.Written
	gone           bool // a field is
	asked          bool // what fields there are
}

// Push writes records, in as few calls as Salesforce's refusals leave.
func (p Provider) Push(ctx context.Context, call connect.Call, account string, c connect.Credentials, k connect.Kind, batch []connect.Outgoing) ([]connect.Written, error) {
	w := &pushing{asking: p.asking(ctx, call, account, c), object: objects[k], unique: keys[k], out: make([]connect.Written, len(batch))}
	rows, err := w.rows(batch)
	if err != nil {
		return w.out, err
	}
	for len(rows) > 0 {
		n := min(most, len(rows))
		some := rows[:n]
		if err := w.adopt(some, batch); err != nil {
			return w.out, err
		}
		if err := w.push(some); err != nil {
			return w.out, err
		}
		rows = rows[n:]
	}
	if w.gone { // nobody's record is at fault
		return w.out, connect.Answered(http.StatusBadRequest)
	}
	return w.out, nil
}

// push writes some: those that are taken over by Salesforce's id, the others by ours.
func (w *pushing) push(some []*pushed) error {
	mine := slices.DeleteFunc(slices.Clone(some), func(one *pushed) bool { return one.id != "" })
	theirs := slices.DeleteFunc(slices.Clone(some), func(one *pushed) bool { return one.id == "" })
	if err := w.write(data+"/composite/sobjects/"+w.object+"/"+w.unique, mine); err != nil {
		return err
	}
	return w.write(data+"/composite/sobjects", theirs)
}

// write writes a collection. What refuses all of it is one record's fault: they are
// halved until it is that of one.
func (w *pushing) write(path string, some []*pushed) error {
	if len(some) == 0 {
		return nil
	}
	records := make([]map[string]any, len(some))
	for i, one := range some {
		records[i] = w.record(one)
	}
	answer, err := w.send(http.MethodPatch, path, map[string]any{"allOrNone": false, "records": records})
	switch {
	case err != nil:
		return err
	case answer.Status < 300:
		return w.read(answer.Body, some)
	}
	said := faultOf(answer)
	switch {
	case answer.Status == http.StatusNotFound || said.Code == "INVALID_FIELD":
		w.org.forget(w.object)
		return connect.Answered(http.StatusBadRequest)
	case len(some) > 1:
		if err := w.write(path, some[:len(some)/2]); err != nil {
			return err
		}
		return w.write(path, some[len(some)/2:])
	}
	w.refuse(some[0], said)
	return nil
}

// record is one as a collection has it.
func (w *pushing) record(one *pushed) map[string]any {
	out := map[string]any{"attributes": map[string]string{"type": w.object}, w.unique: one.key}
	for name, v := range one.values {
		out[name] = v
	}
	if one.id != "" {
		out["Id"] = one.id
	}
	return out
}

func (w *pushing) refuse(one *pushed, said fault) {
	w.out[one.at] = connect.Written{Known: true, Refused: said.says()}
}

// read takes over what became of each, in the order in which they were sent.
func (w *pushing) read(body []byte, some []*pushed) error {
	var got []struct {
		ID      string  `json:"id"`
		Success bool    `json:"success"`
		Errors  []fault `json:"errors"`
	}
	if json.Unmarshal(body, &got) != nil || len(got) != len(some) {
		return errUnderstood
	}
	var again []*pushed
	for i, r := range got {
		one := some[i]
		switch {
		case r.Success && anID.MatchString(r.ID):
			w.out[one.at] = connect.Written{Known: true, RemoteID: r.ID}
		case r.Success || len(r.Errors) == 0:
			return errUnderstood
		case w.mends(one, r.Errors[0]):
			again = append(again, one)
		case r.Errors[0].Status == "INVALID_FIELD":
			w.org.forget(w.object)
			w.gone = true
		default:
			w.refuse(one, r.Errors[0])
		}
	}
	return w.push(again)
}

// mends reports whether a record that was refused is to be written anew at once, and
// changes it so that it may be taken.
func (w *pushing) mends(one *pushed, said fault) bool {
	switch said.Status {
	case "UNABLE_TO_LOCK_ROW":
		one.tries++
		return one.tries <= lockTries
	case "REQUIRED_FIELD_MISSING":
		_, named := one.values[fieldLastName]
		if named || w.object != contact || !slices.Contains(said.Fields, fieldLastName) {
			return false
		}
		one.values[fieldLastName] = one.nameless()
		return true
	case "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY": // who was taken over is gone meanwhile
		taken := one.id != ""
		one.id = ""
		return taken
	}
	return false
}

// nameless is what a contact is called of whom no name is known.
func (one *pushed) nameless() string {
	if email, _ := one.values[fieldEmail].(string); email != "" && len(email) <= 80 {
		return email
	}
	return one.key
}

// Link lets an opportunity look up the contact of its customer.
func (p Provider) Link(ctx context.Context, call connect.Call, account string, c connect.Credentials, from connect.Written, fromKind connect.Kind, to connect.Written, _ connect.Kind) error {
	if !anID.MatchString(from.RemoteID) {
		return connect.Answered(http.StatusNotFound)
	}
	path := data + "/sobjects/" + objects[fromKind] + "/" + from.RemoteID
	return p.asking(ctx, call, account, c).ask(http.MethodPatch, path, map[string]string{fieldCustomer: to.RemoteID}, nil)
}

// longest is how long a question about addresses gets, in bytes before it is escaped: an
// address may be three times as long then, and Salesforce takes 16 000.
const longest = 4000

// adopt finds the contacts that have the address of a new one already and bear no such
// key: they are taken over rather than doubled, the oldest of several. Salesforce's
// answers are of this moment, unlike those of a search.
func (w *pushing) adopt(some []*pushed, batch []connect.Outgoing) error {
	fresh := map[string]*pushed{} // by address
	var ask []string
	for _, one := range some {
		email, _ := one.values[fieldEmail].(string)
		email = strings.ToLower(email)
		if w.object == contact && email != "" && batch[one.at].RemoteID == "" && fresh[email] == nil {
			fresh[email] = one
			ask = append(ask, quoted(email))
		}
	}
	for len(ask) > 0 {
		n, size := 0, 0
		for n < len(ask) && (n == 0 || size+len(ask[n]) < longest) {
			size += len(ask[n]) + 1
			n++
		}
		err := w.query("SELECT Id, Email FROM Contact WHERE "+w.unique+" = null AND Email IN ("+strings.Join(ask[:n], ",")+") ORDER BY CreatedDate, Id", func(raw json.RawMessage) error {
			var found struct{ ID, Email string }
			if json.Unmarshal(raw, &found) != nil || !anID.MatchString(found.ID) {
				return errUnderstood
			}
			if one := fresh[strings.ToLower(found.Email)]; one != nil && one.id == "" {
				one.id = found.ID
			}
			return nil
		})
		if err != nil {
			return err
		}
		ask = ask[n:]
	}
	return nil
}
