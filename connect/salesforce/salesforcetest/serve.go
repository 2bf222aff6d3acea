package salesforcetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fault is an error of a request.
type fault struct {
	Message string   `json:"message"`
	Code    string   `json:"errorCode"`
	Fields  []string `json:"fields,omitempty"`
}

// refuse answers with Salesforce's list of errors and remembers why.
func (o *Org) refuse(w http.ResponseWriter, status int, code, why string) {
	o.Do(func() { o.Refused = append(o.Refused, fmt.Sprintf("%d %s: %s", status, code, why)) })
	answer(w, status, []fault{{Message: why, Code: code}})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // nobody is left to tell
}

// let lets calls in: with a session, within the limit, while the org is up.
func (o *Org) let(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		down, good := o.Down, o.sessions[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		over := good && down == 0 && (o.Spent || o.Limit > 0 && o.used >= o.Limit)
		if good && down == 0 && !over {
			o.used++
			o.Calls++
		}
		if over {
			o.Throttled++
		}
		if o.Limit > 0 && good {
			w.Header().Set("Sforce-Limit-Info", limitInfo(o.used, o.Limit))
		}
		concurrent := o.Concurrent
		o.mu.Unlock()
		switch {
		case down != 0:
			o.refuse(w, down, map[bool]string{true: "API_DISABLED_FOR_ORG", false: "SERVER_UNAVAILABLE"}[down == 403], "later")
		case !good:
			o.refuse(w, 401, "INVALID_SESSION_ID", "Session expired or invalid")
		case over && concurrent:
			o.refuse(w, 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
		case over:
			o.refuse(w, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
		default:
			next(w, r)
		}
	}
}

// token gives a session to the app that runs as a user. Salesforce does not say when it
// ends.
func (o *Org) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // what is wrong in it is refused below
	f := r.PostForm
	o.mu.Lock()
	o.Logins++
	status, says := o.LoginDown, o.LoginSays
	o.last++
	session, instance := "00D0000000000acEAA!session."+strconv.Itoa(o.last), o.Instance
	o.mu.Unlock()
	if instance == "" {
		instance = o.URL
	}
	refused := func(status int, code, why string) {
		o.Do(func() { o.Refused = append(o.Refused, fmt.Sprintf("%d %s: %s", status, code, why)) })
		answer(w, status, map[string]string{"error": code, "error_description": why})
	}
	switch {
	case status != 0:
		refused(status, says, "not now")
	case f.Get("grant_type") != "client_credentials":
		refused(400, "unsupported_grant_type", "grant type not supported")
	case f.Get("client_id") != ConsumerKey:
		refused(400, "invalid_client_id", "client identifier invalid")
	case f.Get("client_secret") != ConsumerSecret:
		refused(400, "invalid_client", "invalid client credentials")
	default:
		o.Do(func() { o.sessions[session] = true })
		answer(w, 200, map[string]string{
			"access_token": session, "instance_url": instance, "token_type": "Bearer", "scope": "api",
			"id": "https://login.salesforce.com/id/00D0000000000acEAA/" + User, "issued_at": strconv.FormatInt(time.Now().UnixMilli(), 10), "signature": "c2lnbmVk",
		})
	}
}

func (o *Org) revoke(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // what is wrong in it is refused below
	good := false
	o.Do(func() {
		good = o.sessions[r.PostForm.Get("token")]
		delete(o.sessions, r.PostForm.Get("token"))
	})
	if !good {
		answer(w, 400, map[string]string{"error": "unsupported_token_type", "error_description": "this token type is not supported"})
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (o *Org) describe(w http.ResponseWriter, r *http.Request) {
	object := r.PathValue("object")
	var all []map[string]any
	o.Do(func() {
		for name, f := range o.fields[object] {
			picks := []map[string]any{}
			for _, p := range f.Picks {
				picks = append(picks, map[string]any{"value": p, "active": true})
			}
			all = append(all, map[string]any{
				"name": name, "type": f.Type, "length": f.Length, "scale": f.Scale, "externalId": f.ExternalID, "unique": f.ExternalID, "nillable": !f.Required,
				"createable": !f.Locked, "updateable": !f.Locked, "calculated": f.Locked, "picklistValues": picks, "restrictedPicklist": len(f.Picks) > 0,
			})
		}
	})
	if len(all) == 0 {
		o.refuse(w, 404, "NOT_FOUND", "The requested resource does not exist")
		return
	}
	answer(w, 200, map[string]any{"name": object, "createable": true, "updateable": true, "fields": all})
}

// query answers a question, a page at a time.
func (o *Org) query(w http.ResponseWriter, r *http.Request) {
	if len(r.URL.RawQuery) > 16_000 {
		o.refuse(w, 414, "URI_TOO_LONG", "the address is too long")
		return
	}
	q, err := url.QueryUnescape(strings.TrimPrefix(r.URL.RawQuery, "q="))
	asked, why := parse(q)
	if err != nil || why != "" {
		o.refuse(w, 400, "MALFORMED_QUERY", why)
		return
	}
	var rows []map[string]any
	o.Do(func() {
		o.Queries++
		rows, why = o.find(asked)
	})
	if why != "" {
		o.refuse(w, 400, "INVALID_FIELD", why)
		return
	}
	o.page(w, rows, len(rows))
}

// more answers the next page.
func (o *Org) more(w http.ResponseWriter, r *http.Request) {
	locator := r.PathValue("locator")
	var rows []map[string]any
	known := false
	o.Do(func() {
		rows, known = o.pages[locator]
		o.Pages++
		delete(o.pages, locator)
	})
	if !known {
		o.refuse(w, 400, "INVALID_QUERY_LOCATOR", "invalid query locator")
		return
	}
	o.page(w, rows, len(rows))
}

func (o *Org) page(w http.ResponseWriter, rows []map[string]any, total int) {
	body := map[string]any{"totalSize": total, "done": true, "records": slices.Clip(rows)}
	o.Do(func() {
		if len(rows) > o.Page {
			o.last++
			locator := fmt.Sprintf("01g%012dAAA-%d", o.last, o.Page)
			o.pages[locator] = rows[o.Page:]
			body["done"], body["nextRecordsUrl"], body["records"] = false, version+"/query/"+locator, rows[:o.Page]
		}
	})
	answer(w, 200, body)
}
