// Package salesforcetest plays a Salesforce org over real HTTP, for tests: Salesforce is
// not ours. It is written from what is known of Salesforce's wire, and refuses what
// Salesforce would: fields and paths that are not there, sessions that have ended, values
// of another type, keys that are twice, collections over two hundred, calls over the
// org's limit. Each record of a collection is taken or refused by itself. On demand it
// locks records, finds duplicates, ends sessions and fails before or after it has
// written.
package salesforcetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// Of every org that is played.
const (
	Account        = "acme.my.salesforce.com"
	ConsumerKey    = "3MVG9.of.the.external.client.app"
	ConsumerSecret = "consumer-secret-of-the-app" // #nosec G101 -- of an org that is played
	User           = "005000000000001AAA"         // who the app runs as
	Person         = "005000000000007AAA"         // who works there
)

const version = "/services/data/v68.0"

// Object is a record of the org.
type Object struct {
	ID     string
	Fields map[string]string // numbers as they were written; null is left out
	Writes int               // how often it was written from outside
}

// Field is what the org knows of a field.
type Field struct {
	Type       string // as describe has it, such as string, double, date
	Length     int    // of a text; 0 for any
	Scale      int    // of a number
	ExternalID bool   // and unique
	Required   bool
	Locked     bool     // it is computed
	Picks      []string // of a restricted picklist
}

// Org is one that is played: Login gives sessions, and Server, which Login names, is
// called with them.
type Org struct {
	*httptest.Server
	Login *httptest.Server

	mu       sync.Mutex
	dice     *rand.Rand
	fields   map[string]map[string]Field   // by object, name
	objects  map[string]map[string]*Object // by object, id
	sessions map[string]bool
	writing  map[string]int // keys that are being written now
	pages    map[string][]map[string]any
	last     int // id
	used     int // calls of the day

	Limit      int            // calls of the day; 0 for any number, and nothing is told
	Spent      bool           // no calls are left, whatever Limit says
	Concurrent bool           // whether it is the calls at once that are too many, and not those of a day
	FailIn     int            // one call in so many fails with 502, half of them after it has written; 0 for none
	Down       int            // the status that everything is answered with; 0 when it is up
	LoginDown  int            // the status and
	LoginSays  string         // the error that logins are refused with
	Instance   string         // what Login names; Server's address when empty
	Locks      map[string]int // by key, how many more writes find the record locked
	Duplicates string         // what the duplicate rule for addresses does: "", ALERT or BLOCK
	Page       int            // how many records a page of an answer holds
	After      func()         // called when a collection is written and before it is answered
	Now        func() time.Time

	Calls, Logins, Batches, Together, Throttled, Queries, Pages int

	Refused    []string // what was turned away, and why
	BatchSizes []int
}

// Open opens an org with Salesforce's own fields.
func Open(seed uint64) *Org {
	o := &Org{
		dice:   rand.New(rand.NewPCG(seed, seed)), // #nosec G404 -- dice of a play
		fields: map[string]map[string]Field{}, objects: map[string]map[string]*Object{},
		sessions: map[string]bool{}, writing: map[string]int{}, pages: map[string][]map[string]any{}, Locks: map[string]int{},
		last: 100, Page: 2000, Now: time.Now,
	}
	for object, fields := range standard {
		o.fields[object], o.objects[object] = maps.Clone(fields), map[string]*Object{}
	}
	login, data := http.NewServeMux(), http.NewServeMux()
	login.HandleFunc("POST /services/oauth2/token", o.token)
	login.HandleFunc("POST /services/oauth2/revoke", o.revoke)
	data.HandleFunc("GET "+version+"/sobjects/{object}/describe", o.let(o.describe))
	data.HandleFunc("PATCH "+version+"/composite/sobjects/{object}/{key}", o.let(o.upsert))
	data.HandleFunc("PATCH "+version+"/composite/sobjects", o.let(o.update))
	data.HandleFunc("PATCH "+version+"/sobjects/{object}/{id}", o.let(o.updateOne))
	data.HandleFunc("GET "+version+"/query", o.let(o.query))
	data.HandleFunc("GET "+version+"/query/{locator}", o.let(o.more))
	for _, mux := range []*http.ServeMux{login, data} {
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
			o.refuse(w, 404, "NOT_FOUND", "The requested resource does not exist")
		})
	}
	o.Server, o.Login = httptest.NewServer(data), httptest.NewServer(login)
	return o
}

// Close ends it.
func (o *Org) Close() {
	o.Server.Close()
	o.Login.Close()
}

// standard are the fields that an org has of its own, as far as they matter.
var standard = map[string]map[string]Field{
	"Contact": {
		"Id": {Type: "id", Locked: true}, "CreatedDate": {Type: "datetime", Locked: true}, "SystemModstamp": {Type: "datetime", Locked: true},
		"FirstName": {Type: "string", Length: 40}, "LastName": {Type: "string", Length: 80, Required: true}, "Name": {Type: "string", Locked: true},
		"Email": {Type: "email", Length: 80}, "LeadSource": {Type: "picklist"}, "AccountId": {Type: "reference"},
	},
	"Opportunity": {
		"Id": {Type: "id", Locked: true}, "CreatedDate": {Type: "datetime", Locked: true}, "SystemModstamp": {Type: "datetime", Locked: true},
		"Name": {Type: "string", Length: 120, Required: true}, "StageName": {Type: "picklist", Required: true}, "CloseDate": {Type: "date", Required: true},
		"Amount": {Type: "currency", Scale: 2}, "AccountId": {Type: "reference"},
	},
	"ContactHistory": {
		"Id": {Type: "id", Locked: true}, "ContactId": {Type: "reference"}, "Field": {Type: "picklist"}, "NewValue": {Type: "anyType"},
		"CreatedById": {Type: "reference"}, "CreatedDate": {Type: "datetime", Locked: true},
	},
}

// prefixes are what ids of an object begin with.
var prefixes = map[string]string{"Contact": "003", "Opportunity": "006", "ContactHistory": "017"}

// Do runs fn while nothing is served.
func (o *Org) Do(fn func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	fn()
}

// Expire ends all sessions. The app gets new ones.
func (o *Org) Expire() { o.Do(func() { o.sessions = map[string]bool{} }) }

// Session gives a session, for those who write a call by hand.
func (o *Org) Session() (token string) {
	o.Do(func() {
		o.last++
		token = "00D0000000000acEAA!by.hand." + strconv.Itoa(o.last)
		o.sessions[token] = true
	})
	return token
}

// Allow lets so many calls in from now; 0 for any number.
func (o *Org) Allow(most int) { o.Do(func() { o.Limit, o.used = most, 0 }) }

// Field makes a field, or changes it.
func (o *Org) Field(object, name string, f Field) { o.Do(func() { o.fields[object][name] = f }) }

// Drop takes a field away.
func (o *Org) Drop(object, name string) { o.Do(func() { delete(o.fields[object], name) }) }

// Put makes a record of the merchant's own.
func (o *Org) Put(object string, fields map[string]string) (id string) {
	o.Do(func() { id = o.make(object, fields).ID })
	return id
}

// Records gives copies of all records of an object that have a field, by its value.
func (o *Org) Records(object, field string) map[string]Object {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := map[string]Object{}
	for _, one := range o.objects[object] {
		if v := one.Fields[field]; v != "" {
			if _, twice := all[v]; twice {
				panic("two records with " + field + " " + v)
			}
			all[v] = Object{one.ID, maps.Clone(one.Fields), one.Writes}
		}
	}
	return all
}

// Count is how many records of an object there are.
func (o *Org) Count(object string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.objects[object])
}

// make makes a record. What it is given is Salesforce's own.
func (o *Org) make(object string, fields map[string]string) *Object {
	o.last++
	one := &Object{ID: fmt.Sprintf("%s%012dAAA", prefixes[object], o.last), Fields: maps.Clone(fields)}
	one.Fields["Id"], one.Fields["CreatedDate"] = one.ID, o.Now().UTC().Format(stamp)
	o.objects[object][one.ID] = one
	return one
}

// stamp is how Salesforce writes an instant.
const stamp = "2006-01-02T15:04:05.000-0700"

// numeric are the types whose values are numbers on the wire.
var numeric = map[string]bool{"double": true, "currency": true, "percent": true, "int": true}

func limitInfo(used, limit int) string {
	return "api-usage=" + strconv.Itoa(used) + "/" + strconv.Itoa(limit)
}
