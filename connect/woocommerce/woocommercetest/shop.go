// Package woocommercetest plays a WooCommerce shop over real HTTP, for tests: the shop
// is not ours. It is written from what WooCommerce says of its wire, and is stricter:
// a parameter that the shop would leave unread is refused, so that nobody counts on it.
package woocommercetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
)

// Of every shop's REST key.
const (
	Key    = "ck_0123456789abcdef0123456789abcdef01234567"
	Secret = "cs_89abcdef0123456789abcdef0123456789abcdef" // #nosec G101 -- a key of a shop that is played
)

type node = map[string]any

// Answer is one that stands between the shop and who asks, such as a firewall's.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Shop is one that is played.
type Shop struct {
	*httptest.Server

	mu       sync.Mutex
	WriteKey bool     // the key may only write
	Lowly    bool     // the key is of somebody who may not see orders
	Strips   bool     // the host takes the Authorization header away
	NoCounts bool     // the host takes the headers that count pages away
	Instead  []Answer // are given, one after the other, before the shop is asked again
	Refused  []string // codes of what the shop turned away
	Asked    int      // questions that the shop answered
	Asking   func()   // called before a page of orders or refunds is sent
	orders   []node
	refunds  map[string][]node // by order
}

// Open opens a shop.
func Open() *Shop {
	s := &Shop{refunds: map[string][]node{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /wp-json/{$}", s.guarded(s.index, "_fields"))
	mux.HandleFunc("GET /wp-json/wc/v3/orders", s.guarded(s.keyed(s.list),
		"page", "per_page", "order", "orderby", "modified_after", "modified_before", "dates_are_gmt"))
	mux.HandleFunc("GET /wp-json/wc/v3/orders/{id}", s.guarded(s.keyed(s.one)))
	mux.HandleFunc("GET /wp-json/wc/v3/orders/{id}/refunds", s.guarded(s.keyed(s.given), "page", "per_page"))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		s.Do(func() {
			s.refuse(w, http.StatusNotFound, "rest_no_route", "No route was found matching the URL and request method.")
		})
	})
	s.Server = httptest.NewServer(mux)
	return s
}

// Base is what woocommerce.At takes.
func (s *Shop) Base(string) string { return s.URL }

// Do runs fn while nothing is served.
func (s *Shop) Do(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn()
}

// Put puts an order into the shop, in the place of the one that it has with that id.
func (s *Shop) Put(raw []byte) {
	o := parse(raw)
	s.Do(func() {
		s.orders = slices.DeleteFunc(s.orders, func(had node) bool { return idOf(had) == idOf(o) })
		s.orders = append(s.orders, o)
		slices.SortStableFunc(s.orders, func(a, b node) int {
			return strings.Compare(fmt.Sprint(a["date_modified_gmt"]), fmt.Sprint(b["date_modified_gmt"]))
		})
	})
}

// Give puts the refunds of an order, a JSON array.
func (s *Shop) Give(orderID string, raw []byte) {
	var all []node
	if err := decode(raw, &all); err != nil {
		panic(err)
	}
	s.Do(func() { s.refunds[orderID] = all })
}

// Drop takes an order out of the shop.
func (s *Shop) Drop(orderID string) {
	s.Do(func() {
		s.orders = slices.DeleteFunc(s.orders, func(had node) bool { return idOf(had) == orderID })
		delete(s.refunds, orderID)
	})
}

func decode(raw []byte, into any) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	return d.Decode(into)
}

func parse(raw []byte) (o node) {
	if err := decode(raw, &o); err != nil {
		panic(err)
	}
	return o
}

func idOf(o node) string { return fmt.Sprint(o["id"]) }

// refuse answers as WordPress does.
func (s *Shop) refuse(w http.ResponseWriter, status int, code, words string) {
	s.Refused = append(s.Refused, code)
	s.say(w, status, node{"code": code, "message": words, "data": node{"status": status}})
}

func (s *Shop) say(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who asked has gone
}

// guarded serves a route: what stands before the shop answers first, and parameters
// other than these are refused.
func (s *Shop) guarded(serve http.HandlerFunc, known ...string) http.HandlerFunc {
	known = append(known, "consumer_key", "consumer_secret")
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.Instead) > 0 {
			s.instead(w)
			return
		}
		for name := range r.URL.Query() {
			if !slices.Contains(known, name) {
				s.refuse(w, http.StatusBadRequest, "rest_invalid_param", "Invalid parameter(s): "+name)
				return
			}
		}
		serve(w, r)
	}
}

func (s *Shop) instead(w http.ResponseWriter) {
	one := s.Instead[0]
	s.Instead = s.Instead[1:]
	for name, values := range one.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(one.Status)
	_, _ = w.Write([]byte(one.Body))
}

// keyed lets in who has the key: in the Authorization header, or in the query.
func (s *Shop) keyed(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		key, secret, given := r.BasicAuth()
		if s.Strips || !given {
			key, secret = r.URL.Query().Get("consumer_key"), r.URL.Query().Get("consumer_secret")
			given = key != ""
		}
		switch {
		case !given:
			s.refuse(w, http.StatusUnauthorized, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
		case key != Key:
			s.refuse(w, http.StatusUnauthorized, "woocommerce_rest_authentication_error", "Consumer key is invalid.")
		case secret != Secret:
			s.refuse(w, http.StatusUnauthorized, "woocommerce_rest_authentication_error", "Consumer secret is invalid.")
		case s.WriteKey:
			s.refuse(w, http.StatusUnauthorized, "woocommerce_rest_authentication_error", "The API key provided does not have read permissions.")
		case s.Lowly:
			s.refuse(w, http.StatusForbidden, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
		default:
			serve(w, r)
		}
	}
}

func (s *Shop) index(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("_fields") != "name" {
		s.say(w, http.StatusOK, node{"name": "Shoes of Ann", "routes": node{}})
		return
	}
	s.say(w, http.StatusOK, node{"name": "Shoes of Ann"})
}
