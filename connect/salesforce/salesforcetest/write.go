package salesforcetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// row is what became of a record of a collection.
type row struct {
	ID      string     `json:"id,omitempty"`
	Success bool       `json:"success"`
	Created *bool      `json:"created,omitempty"`
	Errors  []rowFault `json:"errors"`
}

type rowFault struct {
	Code    string   `json:"statusCode"`
	Message string   `json:"message"`
	Fields  []string `json:"fields"`
}

type record = map[string]any

// collection reads the body of a collection; why says what refuses all of it.
func (o *Org) collection(r *http.Request, object string) (all []record, code, why string) {
	var in struct {
		AllOrNone *bool    `json:"allOrNone"`
		Records   []record `json:"records"`
	}
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return nil, "JSON_PARSER_ERROR", err.Error()
	}
	switch {
	case len(in.Records) == 0:
		return nil, "REQUIRED_FIELD_MISSING", "records is required"
	case len(in.Records) > 200:
		return nil, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records into this call"
	case in.AllOrNone != nil && *in.AllOrNone:
		return nil, "ALL_OR_NONE", "this play knows no rolling back"
	}
	for _, one := range in.Records {
		attributes, _ := one["attributes"].(map[string]any)
		if kind, _ := attributes["type"].(string); kind == "" || object != "" && kind != object {
			return nil, "INVALID_TYPE", "the records must be of the type in the address"
		}
		delete(one, "attributes")
	}
	return in.Records, "", ""
}

// shapes is what refuses all of a request: a field that is not there, or a value of
// another type.
func (o *Org) shapes(object string, all []record) (code, why string) {
	for _, one := range all {
		for name, v := range one {
			f, there := o.fields[object][name]
			_, text := v.(string)
			_, number := v.(json.Number)
			_, truth := v.(bool)
			switch {
			case !there:
				return "INVALID_FIELD", "No such column '" + name + "' on sobject of type " + object
			case v == nil:
			case numeric[f.Type] != number || (f.Type == "boolean") != truth || !text && !number && !truth:
				return "JSON_PARSER_ERROR", "Cannot deserialize instance of " + f.Type + " for " + name
			case f.Type == "date" && !parses(time.DateOnly, v), f.Type == "datetime" && !parses(time.RFC3339, v):
				return "JSON_PARSER_ERROR", "Cannot deserialize instance of " + f.Type + " from " + name
			}
		}
	}
	return "", ""
}

func parses(layout string, v any) bool {
	_, err := time.Parse(layout, v.(string))
	return err == nil
}

// upsert takes a collection by an external id.
func (o *Org) upsert(w http.ResponseWriter, r *http.Request) {
	object, key := r.PathValue("object"), r.PathValue("key")
	all, code, why := o.collection(r, object)
	status := 400
	o.Do(func() {
		_, there := o.fields[object]
		switch {
		case !there:
			status, code, why = 404, "NOT_FOUND", "The requested resource does not exist"
		case !o.fields[object][key].ExternalID:
			status, code, why = 404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: "+key
		case code == "":
			code, why = o.shapes(object, all)
		}
		if code == "" && slices.ContainsFunc(all, func(one record) bool { _, has := one["Id"]; return has }) {
			code, why = "INVALID_FIELD", "cannot specify Id in an upsert by an external id"
		}
	})
	if code != "" {
		o.refuse(w, status, code, why)
		return
	}
	o.taken(w, all, object, key, strings.Contains(r.Header.Get("Sforce-Duplicate-Rule-Header"), "allowSave=true"))
}

// update takes a collection by the org's own ids.
func (o *Org) update(w http.ResponseWriter, r *http.Request) {
	all, code, why := o.collection(r, "")
	if code == "" {
		o.Do(func() { code, why = o.shapes("Contact", all) })
	}
	if code != "" {
		o.refuse(w, 400, code, why)
		return
	}
	o.taken(w, all, "Contact", "Id", true)
}

// updateOne takes one record by its id.
func (o *Org) updateOne(w http.ResponseWriter, r *http.Request) {
	object, id := r.PathValue("object"), r.PathValue("id")
	one := record{}
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	if d.Decode(&one) != nil {
		o.refuse(w, 400, "JSON_PARSER_ERROR", "no JSON")
		return
	}
	var code, why string
	status := 400
	o.Do(func() {
		there := o.objects[object][id]
		if there == nil {
			status, code, why = 404, "NOT_FOUND", "The requested resource does not exist"
			return
		}
		if code, why = o.shapes(object, []record{one}); code == "" {
			if f := o.wrong(object, one, there); f != nil {
				code, why = f.Code, f.Message
				return
			}
			o.change(object, there, one, User)
		}
	})
	if code != "" {
		o.refuse(w, status, code, why)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// taken writes a collection and answers, record by record.
func (o *Org) taken(w http.ResponseWriter, all []record, object, key string, allow bool) {
	o.mu.Lock()
	o.Batches++
	o.BatchSizes = append(o.BatchSizes, len(all))
	fails, late := o.FailIn > 0 && o.dice.IntN(o.FailIn) == 0, o.dice.IntN(2) == 0
	for _, one := range all {
		name := fmt.Sprint(object, one[key])
		if o.writing[name]++; o.writing[name] > 1 {
			o.Together++
		}
	}
	after := o.After
	o.mu.Unlock()
	var rows []row
	o.Do(func() {
		if !fails || late {
			rows = o.write(all, object, key, allow)
		}
	})
	if rows != nil && after != nil {
		after()
	}
	o.Do(func() {
		for _, one := range all {
			o.writing[fmt.Sprint(object, one[key])]--
		}
	})
	if fails {
		o.refuse(w, 502, "SERVER_UNAVAILABLE", "bad gateway")
		return
	}
	answer(w, 200, rows)
}

func (o *Org) write(all []record, object, key string, allow bool) []row {
	times := map[string]int{}
	for _, one := range all {
		times[strings.ToLower(fmt.Sprint(one[key]))]++
	}
	rows := make([]row, 0, len(all))
	for _, one := range all {
		id, _ := one[key].(string)
		there := o.by(object, key, id)
		f := o.faulty(object, key, one, there, times[strings.ToLower(id)], allow)
		fresh := there == nil && f == nil
		if fresh {
			there = o.make(object, map[string]string{})
		}
		if f != nil {
			o.Refused = append(o.Refused, "200 "+f.Code+": "+f.Message)
			rows = append(rows, row{Created: ptr(false), Errors: []rowFault{*f}})
			continue
		}
		o.change(object, there, one, User)
		there.Writes++
		rows = append(rows, row{ID: there.ID, Success: true, Created: &fresh, Errors: []rowFault{}})
	}
	return rows
}

func ptr[T any](v T) *T { return &v }

func (o *Org) by(object, field, value string) *Object {
	for _, one := range o.objects[object] {
		if value != "" && strings.EqualFold(one.Fields[field], value) {
			return one
		}
	}
	return nil
}

// faulty is what refuses one record of a collection.
func (o *Org) faulty(object, key string, one record, there *Object, times int, allow bool) *rowFault {
	id, _ := one[key].(string)
	switch {
	case id == "":
		return &rowFault{"MISSING_ARGUMENT", key + " not specified", []string{key}}
	case times > 1:
		return &rowFault{"DUPLICATE_VALUE", "Duplicate external id specified: " + id, []string{key}}
	case key == "Id" && there == nil:
		return &rowFault{"INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", nil}
	case o.Locks[id] > 0:
		o.Locks[id]--
		return &rowFault{"UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records: " + id, nil}
	}
	if f := o.wrong(object, one, there); f != nil {
		return f
	}
	email, _ := one["Email"].(string)
	other := o.by(object, "Email", email)
	if there == nil && other != nil && (o.Duplicates == "BLOCK" || o.Duplicates == "ALERT" && !allow) {
		return &rowFault{"DUPLICATES_DETECTED", "Use one of these records?", nil}
	}
	return nil
}

var address = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s.]+$`)

// wrong is what is wrong with the values of a record; there is the record that it
// changes, nil for none.
func (o *Org) wrong(object string, one record, there *Object) *rowFault {
	for _, name := range slices.Sorted(maps.Keys(o.fields[object])) {
		f := o.fields[object][name]
		v, said := one[name]
		if f.Required && (said && v == nil || !said && there == nil) {
			return &rowFault{"REQUIRED_FIELD_MISSING", "Required fields are missing: [" + name + "]", []string{name}}
		}
		if !said || v == nil {
			continue
		}
		text := fmt.Sprint(v)
		whole, _, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
		switch {
		case f.Locked && name != "Id":
			return &rowFault{"INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: " + name, []string{name}}
		case f.Length > 0 && len([]rune(text)) > f.Length:
			return &rowFault{"STRING_TOO_LONG", name + ": data value too large: " + text, []string{name}}
		case f.Type == "email" && !address.MatchString(text):
			return &rowFault{"INVALID_EMAIL_ADDRESS", name + ": invalid email address: " + text, []string{name}}
		case numeric[f.Type] && len(whole) > 14:
			return &rowFault{"NUMBER_OUTSIDE_VALID_RANGE", name + ": value outside of valid range", []string{name}}
		case len(f.Picks) > 0 && !slices.Contains(f.Picks, text):
			return &rowFault{"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", name + ": bad value for restricted picklist field: " + text, []string{name}}
		case f.ExternalID && o.by(object, name, text) != nil && o.by(object, name, text) != there:
			return &rowFault{"DUPLICATE_VALUE", "duplicate value found: " + name + " duplicates value on record with id: " + o.by(object, name, text).ID, []string{name}}
		}
	}
	return nil
}

// Edit plays a person who changes a field of a contact.
func (o *Org) Edit(id, name, value string) {
	o.Do(func() {
		if _, known := o.fields["Contact"][name]; !known {
			panic("the org has no field " + name)
		}
		var v any = value
		if value == "" {
			v = nil
		}
		o.change("Contact", o.objects["Contact"][id], record{name: v}, Person)
	})
}

// change writes values. What is changed of a contact's fields of ours is in its history.
func (o *Org) change(object string, there *Object, one record, by string) {
	for name, v := range one {
		before := there.Fields[name]
		if v == nil || v == "" {
			delete(there.Fields, name)
		} else {
			there.Fields[name] = fmt.Sprint(v)
		}
		if now := there.Fields[name]; object == "Contact" && strings.HasSuffix(name, "__c") && now != before {
			fields := map[string]string{"ContactId": there.ID, "Field": name, "CreatedById": by}
			if now != "" {
				fields["NewValue"] = now
			}
			o.make("ContactHistory", fields)
		}
	}
	there.Fields["SystemModstamp"] = o.Now().UTC().Format(stamp)
}

// Body is the body of a collection, for those who write one by hand.
func Body(object string, records ...map[string]any) []byte {
	for _, one := range records {
		one["attributes"] = map[string]string{"type": object}
	}
	raw := &bytes.Buffer{}
	_ = json.NewEncoder(raw).Encode(map[string]any{"allOrNone": false, "records": records}) // maps of plain values
	return raw.Bytes()
}
