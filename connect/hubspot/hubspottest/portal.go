// Package hubspottest plays a HubSpot account over real HTTP, for tests: HubSpot is
// not ours. It is written from what is known of HubSpot's wire, and refuses what
// HubSpot would: unknown properties and fields, numbers where text belongs, keys that
// are not unique, batches over a hundred, wrong tokens, calls over the limit. On
// demand it throttles, fails before or after it has written, and answers in another
// order.
package hubspottest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Of every account that is played.
const (
	Account     = "12345678"
	AccessToken = "pat-of-a-private-app" // #nosec G101 -- a token of an account that is played
	ClientID    = "hub-app"
	Secret      = "hub-app-secret" // #nosec G101 -- of an account that is played
)

// Object is a record of the account.
type Object struct {
	ID         string
	Properties map[string]string
	Writes     int // how often it was written
}

// Portal is an account that is played.
type Portal struct {
	*httptest.Server

	mu         sync.Mutex
	dice       *rand.Rand
	properties map[string]map[string]property // by object, name
	objects    map[string]map[string]*Object  // by object, id
	links      map[string]int                 // "deals 1 contacts 2" → how often
	writing    map[string]int                 // keys that are being written now
	tokens     map[string]bool
	code       string
	last       int // id
	windowAt   time.Time
	used       int

	Window     time.Duration // in which Max calls are taken
	Max        int           // 0 for any number
	FailIn     int           // one call in so many fails with 502, half of them after it has written; 0 for none
	Reorder    bool
	Down       int           // the status that everything is answered with; 0 when it is up
	Slow       time.Duration // before a batch is answered
	After      func()        // called when a batch is written and before it is answered
	Calls      int           // that were let in
	Batches    int
	Together   int      // how often a record was written while it was being written
	Refused    []string // what was turned away, and why
	Throttled  int
	BatchSizes []int

	events   []Event          // that were not sent yet
	said     int64            // the number of the last event
	Listens  []string         // the properties of contacts whose changes are sent
	Now      func() time.Time // by which events happen
	happened chan struct{}    // there are events to send
}

type property struct {
	Type   string
	Unique bool
}

// Open opens an account with HubSpot's own properties.
func Open(seed uint64) *Portal {
	p := &Portal{
		dice: rand.New(rand.NewPCG(seed, seed)), Window: 10 * time.Second, tokens: map[string]bool{AccessToken: true}, // #nosec G404 -- dice of a play
		properties: map[string]map[string]property{"contacts": {}, "deals": {}}, objects: map[string]map[string]*Object{"contacts": {}, "deals": {}},
		links: map[string]int{}, writing: map[string]int{}, last: 100, Now: time.Now, happened: make(chan struct{}, 1),
	}
	for _, name := range []string{"firstname", "lastname", "lead_source", "lifecyclestage"} {
		p.properties["contacts"][name] = property{Type: "string"}
	}
	p.properties["contacts"]["email"] = property{Type: "string", Unique: true}
	for name, kind := range map[string]string{"dealname": "string", "amount": "number", "deal_currency_code": "string", "closedate": "datetime", "pipeline": "string", "dealstage": "string"} {
		p.properties["deals"][name] = property{Type: kind}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth/2026-03/token", p.token)
	mux.HandleFunc("POST /oauth/2026-03/token/revoke", p.revoke)
	mux.HandleFunc("GET /account-info/2026-03/details", p.let(p.details))
	mux.HandleFunc("GET /crm/properties/2026-03/{object}/{name}", p.let(p.property))
	mux.HandleFunc("POST /crm/properties/2026-03/{object}", p.let(p.newProperty))
	mux.HandleFunc("POST /crm/objects/2026-03/{object}/batch/upsert", p.let(p.upsert))
	mux.HandleFunc("PUT /crm/objects/2026-03/{object}/{id}/associations/default/{other}/{to}", p.let(p.link))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p.refuse(w, 404, "NOT_FOUND", "no such path "+r.URL.Path)
	})
	p.Server = httptest.NewServer(mux)
	return p
}

// Do runs fn while nothing is served.
func (p *Portal) Do(fn func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn()
}

// Limit lets so many calls in from now, in each window; 0 for any number.
func (p *Portal) Limit(most int, window time.Duration) {
	p.Do(func() { p.Max, p.Window, p.windowAt, p.used = most, window, time.Time{}, 0 })
}

// Withdraw ends all tokens.
func (p *Portal) Withdraw() { p.Do(func() { p.tokens = map[string]bool{} }) }

// Agree plays the person who is sent to the address and agrees.
func (p *Portal) Agree(address string) (query string) {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	q := u.Query()
	p.Do(func() { p.code = "code " + q.Get("state") + " " + q.Get("redirect_uri") })
	return url.Values{"code": {p.code}, "state": {q.Get("state")}}.Encode()
}

// Records gives copies of all records of an object that have a property, by its value.
func (p *Portal) Records(object, property string) map[string]Object {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[string]Object{}
	for _, o := range p.objects[object] {
		if v := o.Properties[property]; v != "" {
			if _, twice := all[v]; twice {
				panic("two records with " + property + " " + v)
			}
			all[v] = Object{o.ID, copied(o.Properties), o.Writes}
		}
	}
	return all
}

// Count is how many records of an object there are.
func (p *Portal) Count(object string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.objects[object])
}

// Linked says how often two records were associated.
func (p *Portal) Linked(object, from, other, to string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.links[strings.Join([]string{object, from, other, to}, " ")]
}

// Put makes a record of the merchant's own.
func (p *Portal) Put(object string, properties map[string]string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.make(object, properties).ID
}

// Property makes a property of the merchant's own.
func (p *Portal) Property(object, name, kind string) {
	p.Do(func() { p.properties[object][name] = property{Type: kind} })
}

func (p *Portal) make(object string, properties map[string]string) *Object {
	p.last++
	o := &Object{ID: strconv.Itoa(p.last), Properties: copied(properties)}
	p.objects[object][o.ID] = o
	return o
}

func copied(m map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

// refuse answers with HubSpot's error body and remembers why.
func (p *Portal) refuse(w http.ResponseWriter, status int, category, why string) {
	p.Do(func() { p.Refused = append(p.Refused, fmt.Sprintf("%d %s: %s", status, category, why)) })
	code := ""
	if name, is := strings.CutPrefix(why, "no property "); is && name != "" {
		code = "PROPERTY_DOESNT_EXIST"
	}
	body := map[string]any{"status": "error", "category": category, "message": why, "correlationId": "aeb5f871-7f07-4993-9211-075dc63e7cbf"}
	if code != "" {
		body["errors"] = []map[string]string{{"code": code, "message": why}}
	}
	if status == http.StatusTooManyRequests {
		body["policyName"] = "TEN_SECONDLY_ROLLING"
	}
	answer(w, status, body)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // nobody is left to tell
}

// let lets calls in: with a good token, within the limit, while the account is up.
func (p *Portal) let(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		down, good := p.Down, p.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		now := time.Now()
		if now.Sub(p.windowAt) >= p.Window {
			p.windowAt, p.used = now, 0
		}
		over := good && down == 0 && p.Max > 0 && p.used >= p.Max
		if good && down == 0 && !over {
			p.used++
			p.Calls++
		}
		if p.Max > 0 {
			w.Header().Set("X-HubSpot-RateLimit-Interval-Milliseconds", strconv.FormatInt(p.Window.Milliseconds(), 10))
			w.Header().Set("X-HubSpot-RateLimit-Max", strconv.Itoa(p.Max))
			w.Header().Set("X-HubSpot-RateLimit-Remaining", strconv.Itoa(max(0, p.Max-p.used)))
		}
		p.mu.Unlock()
		switch {
		case down != 0:
			answer(w, down, map[string]string{"status": "error", "category": "RETRYABLE", "message": "later"})
		case !good:
			p.refuse(w, 401, "INVALID_AUTHENTICATION", "the token is not good")
		case over:
			p.Do(func() { p.Throttled++ })
			p.refuse(w, 429, "RATE_LIMITS", "over the limit")
		default:
			next(w, r)
		}
	}
}
