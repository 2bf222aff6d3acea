package hubspottest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (p *Portal) details(w http.ResponseWriter, _ *http.Request) {
	answer(w, 200, map[string]any{"portalId": 12345678, "uiDomain": "app.hubspot.com"})
}

func (p *Portal) property(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	found, known := p.properties[r.PathValue("object")][r.PathValue("name")]
	p.mu.Unlock()
	if !known {
		p.refuse(w, 404, "OBJECT_NOT_FOUND", "no such property")
		return
	}
	answer(w, 200, map[string]any{"name": r.PathValue("name"), "type": found.Type})
}

// read decodes a body and refuses fields that are not known.
func (p *Portal) read(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		p.refuse(w, 400, "VALIDATION_ERROR", "the body: "+err.Error())
		return false
	}
	return true
}

func (p *Portal) newProperty(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Name, Label, Type, FieldType, GroupName string
		HasUniqueValue                          bool
	}
	if !p.read(w, r, &in) {
		return
	}
	object := r.PathValue("object")
	forms := map[string]string{"string": "text", "number": "number", "datetime": "date"}
	groups := map[string]string{"contacts": "contactinformation", "deals": "dealinformation"}
	if in.Name == "" || in.Label == "" || forms[in.Type] != in.FieldType || in.FieldType == "" || in.GroupName != groups[object] || in.GroupName == "" {
		p.refuse(w, 400, "VALIDATION_ERROR", "a property wants name, label, type, fieldType and groupName")
		return
	}
	p.mu.Lock()
	_, there := p.properties[object][in.Name]
	if !there {
		p.properties[object][in.Name] = property{in.Type, in.HasUniqueValue}
	}
	p.mu.Unlock()
	if there {
		p.refuse(w, 409, "OBJECT_ALREADY_EXISTS", "the property is there")
		return
	}
	answer(w, 201, map[string]any{"name": in.Name, "type": in.Type})
}

type input struct {
	IDProperty string         `json:"idProperty"`
	ID         string         `json:"id"`
	Properties map[string]any `json:"properties"`
	Trace      string         `json:"objectWriteTraceId"`
}

var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// upsert takes a batch. One conflict refuses all of it; a value that is none refuses
// its record alone.
func (p *Portal) upsert(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Inputs []input `json:"inputs"`
	}
	if !p.read(w, r, &in) {
		return
	}
	object := r.PathValue("object")
	p.mu.Lock()
	p.Batches++
	p.BatchSizes = append(p.BatchSizes, len(in.Inputs))
	fails, late := p.FailIn > 0 && p.dice.IntN(p.FailIn) == 0, p.dice.IntN(2) == 0
	status, category, why := p.check(object, in.Inputs)
	p.begin(object, in.Inputs)
	slow, after := p.Slow, p.After
	p.mu.Unlock()
	time.Sleep(slow)
	p.mu.Lock()
	p.end(object, in.Inputs)
	var body map[string]any
	if why == "" && (!fails || late) {
		body = p.write(object, in.Inputs)
	}
	p.mu.Unlock()
	if body != nil && after != nil {
		after()
	}
	switch {
	case fails:
		answer(w, 502, map[string]string{"status": "error", "message": "bad gateway"})
	case why != "":
		p.refuse(w, status, category, why)
	case body["errors"] != nil:
		answer(w, 207, body)
	default:
		answer(w, 200, body)
	}
}

// begin and end count records that are written by two at once.
func (p *Portal) begin(object string, all []input) {
	for _, in := range all {
		key := object + in.IDProperty + in.ID
		if p.writing[key]++; p.writing[key] > 1 {
			p.Together++
		}
	}
}

func (p *Portal) end(object string, all []input) {
	for _, in := range all {
		p.writing[object+in.IDProperty+in.ID]--
	}
}

// check finds what refuses the whole batch.
func (p *Portal) check(object string, all []input) (status int, category, why string) {
	known := p.properties[object]
	if len(all) == 0 || len(all) > 100 {
		return 400, "VALIDATION_ERROR", fmt.Sprintf("a batch of %d", len(all))
	}
	seen := map[string]bool{}
	for _, in := range all {
		if in.IDProperty == "" || !known[in.IDProperty].Unique {
			return 400, "VALIDATION_ERROR", "idProperty " + in.IDProperty + " is not unique"
		}
		if in.ID == "" || in.Properties == nil || seen[in.ID] {
			return 400, "VALIDATION_ERROR", "an input wants an id of its own and properties"
		}
		seen[in.ID] = true
		for name, v := range in.Properties {
			if _, there := known[name]; !there {
				return 400, "VALIDATION_ERROR", "no property " + name
			}
			if _, text := v.(string); !text {
				return 400, "VALIDATION_ERROR", name + " is not text"
			}
		}
		if email, _ := in.Properties["email"].(string); object == "contacts" && email != "" {
			if holder := p.find(object, "email", email); holder != nil && holder != p.find(object, in.IDProperty, in.ID) {
				return 409, "CONFLICT", "Contact already exists. Existing ID: " + holder.ID
			}
		}
	}
	return 0, "", ""
}

func (p *Portal) find(object, name, value string) *Object {
	for _, o := range p.objects[object] {
		if o.Properties[name] == value {
			return o
		}
	}
	return nil
}

// wrong says which property has a value that is none.
func (p *Portal) wrong(object string, in input) string {
	for name, v := range in.Properties {
		text := v.(string)
		kind := p.properties[object][name].Type
		bad := text != "" && (kind == "number" && !number.MatchString(text) || name == "email" && !strings.Contains(text, "@"))
		if kind == "datetime" && text != "" {
			_, err := strconv.ParseInt(text, 10, 64)
			bad = err != nil
		}
		if bad {
			return name
		}
	}
	return ""
}

// write has the effect of a batch, and gives what is answered.
func (p *Portal) write(object string, all []input) map[string]any {
	results, faults := []map[string]any{}, []map[string]any{}
	for _, in := range all {
		if name := p.wrong(object, in); name != "" {
			p.Refused = append(p.Refused, "207 VALIDATION_ERROR: "+name)
			faults = append(faults, map[string]any{"status": "error", "category": "VALIDATION_ERROR", "message": "no " + name, "context": map[string][]string{"objectWriteTraceId": {in.Trace}}, "errors": []map[string]string{{"code": invalid(name)}}})
			continue
		}
		o := p.find(object, in.IDProperty, in.ID)
		fresh := o == nil
		if fresh {
			o = p.make(object, map[string]string{in.IDProperty: in.ID})
		}
		for name, v := range in.Properties {
			p.change(object, o, name, v.(string), Event{ChangeSource: "INTEGRATION", SourceID: strconv.FormatInt(AppID, 10)})
		}
		o.Writes++
		results = append(results, map[string]any{"id": o.ID, "new": fresh, "objectWriteTraceId": in.Trace, "properties": o.Properties})
	}
	if p.Reorder {
		slices.Reverse(results)
	}
	body := map[string]any{"status": "COMPLETE", "results": copyOf(results)}
	if len(faults) > 0 {
		body["errors"], body["numErrors"] = faults, len(faults)
	}
	return body
}

// invalid is what HubSpot says of a value of a property.
func invalid(name string) string {
	return strings.Join([]string{"INVALID", strings.ToUpper(name)}, "_")
}

// copyOf keeps what is answered from what is written meanwhile.
func copyOf(results []map[string]any) []map[string]any {
	for _, r := range results {
		r["properties"] = copied(r["properties"].(map[string]string))
	}
	return results
}

func (p *Portal) link(w http.ResponseWriter, r *http.Request) {
	object, from, other, to := r.PathValue("object"), r.PathValue("id"), r.PathValue("other"), r.PathValue("to")
	p.mu.Lock()
	there := p.objects[object][from] != nil && p.objects[other][to] != nil
	if there {
		p.links[strings.Join([]string{object, from, other, to}, " ")]++
	}
	p.mu.Unlock()
	if !there {
		p.refuse(w, 404, "OBJECT_NOT_FOUND", "no such record to associate")
		return
	}
	answer(w, 200, map[string]any{"status": "COMPLETE", "results": []any{}})
}

func (p *Portal) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // what is wrong in it is refused below
	f := r.PostForm
	p.mu.Lock()
	code := p.code
	fine := f.Get("client_id") == ClientID && f.Get("client_secret") == Secret
	switch f.Get("grant_type") {
	case "authorization_code":
		fine = fine && f.Get("code") == code && code != "" && strings.HasSuffix(code, " "+f.Get("redirect_uri"))
		p.code = ""
	case "refresh_token":
		fine = fine && f.Get("refresh_token") == "renewal"
	default:
		fine = false
	}
	if fine {
		p.last++
		p.tokens["access-"+strconv.Itoa(p.last)] = true
	}
	last := p.last
	p.mu.Unlock()
	if !fine {
		p.refuse(w, 400, "BAD_AUTH_CODE", "the grant is not good")
		return
	}
	answer(w, 200, map[string]any{"access_token": "access-" + strconv.Itoa(last), "refresh_token": "renewal", "expires_in": 1800, "token_type": "bearer", "hub_id": 12345678, "scopes": []string{"oauth", "crm.objects.contacts.write"}})
}

func (p *Portal) revoke(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // what is wrong in it is refused below
	if r.PostForm.Get("token") != "renewal" || r.PostForm.Get("client_secret") != Secret {
		p.refuse(w, 400, "INVALID", "no such token")
		return
	}
	p.Withdraw()
	w.WriteHeader(http.StatusNoContent)
}
