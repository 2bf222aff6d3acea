// Package shoptest plays a Shopify shop over real HTTP, for tests: the shop is not
// ours. It is written from what Shopify says of its wire, and refuses what Shopify
// would: unknown fields, wrong credentials, codes and renewal tokens that were used.
package shoptest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Of every shop's app.
const (
	ClientID     = "shop-app"
	ClientSecret = "shop-app-secret"
	AccessToken  = "shpat_of_a_custom_app" // #nosec G101 -- a token of a shop that is played
)

// Shop is one that is played.
type Shop struct {
	*httptest.Server
	Host string // as the shop knows itself
	Life int    // seconds that a token lasts

	mu       sync.Mutex
	codes    map[string]code
	tokens   map[string]bool // access tokens that are good
	renewal  string          // the renewal token that is good
	granted  string          // scopes, as the token answer spells them
	Down     int             // the status that everything is answered with; 0 when it is up
	Slow     time.Duration   // before a renewal is answered
	Renewals int             // that were given
	Asked    int             // questions that were answered
	Refused  []string        // what was turned away, and why
	Bucket   Bucket          // what questions about orders cost
	Asking   func()          // called before an answer about orders is sent
	orders   []node          // by their last change

	metafields map[string]map[string]string // by the customer's id; namespace.key → value
	Updated    func(customer string)        // called when a customer has changed, while nothing is served
	Writes     int                          // calls that changed a customer
}

// code is what people granted.
type code struct{ challenge, redirect, scope string }

// Open opens a shop whose custom app has a token from the start.
func Open(host string) *Shop {
	s := &Shop{Host: host, Life: 3600, codes: map[string]code{}, tokens: map[string]bool{AccessToken: true}, granted: "read_orders,write_customers", metafields: map[string]map[string]string{}, Bucket: Bucket{Max: 2000, Left: 2000, Restore: 1000}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /admin/oauth/access_token", s.grant)
	mux.HandleFunc("POST /admin/api/2026-10/graphql.json", s.graphql)
	s.Server = httptest.NewServer(mux)
	return s
}

// Base is what shopify.At takes.
func (s *Shop) Base(string) string { return s.URL }

// Do runs fn while nothing is served.
func (s *Shop) Do(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn()
}

// Withdraw ends all that was granted, as taking the app out of the shop does.
func (s *Shop) Withdraw() { s.Do(func() { s.tokens, s.renewal = map[string]bool{}, "" }) }

// Agree plays the person who is sent to the address and agrees: it gives the query
// that the browser brings back, signed at that time.
func (s *Shop) Agree(address string, at time.Time) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	asked := u.Query()
	one := rand.Text()
	s.Do(func() {
		s.codes[one] = code{asked.Get("code_challenge"), asked.Get("redirect_uri"), asked.Get("scope")}
	})
	back := url.Values{"code": {one}, "state": {asked.Get("state")}, "shop": {s.Host}, "timestamp": {strconv.FormatInt(at.Unix(), 10)}, "host": {"YWRtaW4"}}
	return Signed(back)
}

// Signed signs what the browser brings back.
func Signed(back url.Values) string {
	mac := hmac.New(sha256.New, []byte(ClientSecret))
	mac.Write([]byte(back.Encode()))
	back.Set("hmac", hex.EncodeToString(mac.Sum(nil)))
	return back.Encode()
}

func (s *Shop) refuse(w http.ResponseWriter, status int, why string) {
	s.Refused = append(s.Refused, why)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": why})
}

// asked is what a token is asked for with.
type asked struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Code         string `json:"code"`
	CodeVerifier string `json:"code_verifier"`
	RedirectURI  string `json:"redirect_uri"`
	Expiring     string `json:"expiring"`
	GrantType    string `json:"grant_type"`
	RefreshToken string `json:"refresh_token"`
}

func (s *Shop) grant(w http.ResponseWriter, r *http.Request) {
	var in asked
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&in)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.Down != 0:
		s.refuse(w, s.Down, "down")
	case err != nil || r.Header.Get("Content-Type") != "application/json":
		s.refuse(w, http.StatusBadRequest, "malformed")
	case in.ClientID != ClientID || in.ClientSecret != ClientSecret:
		s.refuse(w, http.StatusUnauthorized, "invalid_client")
	case in.GrantType == "refresh_token":
		s.renew(w, in)
	default:
		s.exchange(w, in)
	}
}

// exchange gives a token for a code, once, and to who knows the verifier.
func (s *Shop) exchange(w http.ResponseWriter, in asked) {
	c, known := s.codes[in.Code]
	delete(s.codes, in.Code)
	sum := sha256.Sum256([]byte(in.CodeVerifier))
	switch {
	case !known || c.redirect != in.RedirectURI || in.Expiring != "1":
		s.refuse(w, http.StatusBadRequest, "invalid_request")
	case c.challenge != base64.RawURLEncoding.EncodeToString(sum[:]):
		s.refuse(w, http.StatusBadRequest, "invalid_grant")
	default:
		s.granted = c.scope
		s.give(w)
	}
}

func (s *Shop) renew(w http.ResponseWriter, in asked) {
	if in.RefreshToken == "" || in.RefreshToken != s.renewal {
		s.refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	time.Sleep(s.Slow)
	s.Renewals++
	s.give(w)
}

// give gives a token and a renewal token. The token before ends, and so does the
// renewal token before: the hardest of what providers do.
func (s *Shop) give(w http.ResponseWriter) {
	token := "shpua_" + rand.Text()
	s.tokens = map[string]bool{AccessToken: s.tokens[AccessToken], token: true}
	s.renewal = "shprt_" + rand.Text()
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access_token": token, "refresh_token": s.renewal, "expires_in": s.Life, "refresh_token_expires_in": 7_776_000, "scope": s.granted,
	})
}

func (s *Shop) graphql(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
	}
	err := json.NewDecoder(r.Body).Decode(&in)
	s.mu.Lock()
	defer s.mu.Unlock()
	token := r.Header.Get("X-Shopify-Access-Token")
	switch {
	case s.Down != 0:
		s.refuse(w, s.Down, "down")
	case !s.tokens[token]:
		s.refuse(w, http.StatusUnauthorized, "invalid token")
	case err != nil:
		s.refuse(w, http.StatusBadRequest, "malformed")
	case strings.Contains(in.Query, "appUninstall"):
		s.tokens, s.renewal = map[string]bool{}, ""
		_, _ = w.Write([]byte(`{"data":{"appUninstall":{"userErrors":[]}}}`))
	case strings.Contains(in.Query, "metafields") || strings.Contains(in.Query, "nodes("):
		s.customers(w, in.Query, in.Variables)
	case strings.Contains(in.Query, "orders(") || strings.Contains(in.Query, "order("):
		s.admin(w, in.Query, in.Variables)
	case strings.Contains(in.Query, "accessScopes"):
		s.Asked++
		s.tell(w)
	default:
		_, _ = w.Write([]byte(`{"errors":[{"message":"the field does not exist"}]}`))
	}
}

func (s *Shop) tell(w http.ResponseWriter) {
	handles := []map[string]string{}
	for _, one := range slices.Sorted(strings.SplitSeq(s.granted, ",")) {
		handles = append(handles, map[string]string{"handle": one})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{
		"shop": map[string]string{"name": "Shoes of Ann"}, "currentAppInstallation": map[string]any{"accessScopes": handles},
	}})
}
