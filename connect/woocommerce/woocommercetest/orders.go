package woocommercetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// moment is how the shop writes an instant: without a zone.
const moment = "2006-01-02T15:04:05"

// asked is what a page is asked for with.
type asked struct {
	page, size    int
	after, before string // "" for no bound
}

// read reads the parameters of a list. The shop knows no page of more than a hundred.
func read(q url.Values) (in asked, wrong string) {
	number := func(name string, most, otherwise int) int {
		if !q.Has(name) {
			return otherwise
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 1 || n > most {
			wrong = name
		}
		return n
	}
	instant := func(name string) string {
		text := q.Get(name)
		if _, err := time.Parse(moment, text); err != nil && text != "" {
			wrong = name
		}
		return text
	}
	in = asked{number("page", 1<<30, 1), number("per_page", 100, 10), instant("modified_after"), instant("modified_before")}
	for name, values := range map[string][]string{"order": {"", "asc"}, "orderby": {"", "modified"}, "dates_are_gmt": {"", "true"}} {
		if v := q.Get(name); v != values[0] && v != values[1] {
			wrong = name
		}
	}
	if in.after != "" && q.Get("dates_are_gmt") != "true" {
		wrong = "dates_are_gmt" // the shop's own zone is another one
	}
	return in, wrong
}

// list gives the orders that were modified after and before: neither bound is within.
func (s *Shop) list(w http.ResponseWriter, r *http.Request) {
	in, wrong := read(r.URL.Query())
	if wrong != "" {
		s.refuse(w, http.StatusBadRequest, "rest_invalid_param", "Invalid parameter(s): "+wrong)
		return
	}
	found := []node{}
	for _, o := range s.orders {
		at := fmt.Sprint(o["date_modified_gmt"])
		if (in.after == "" || at > in.after) && (in.before == "" || at < in.before) && o["status"] != "trash" {
			found = append(found, o)
		}
	}
	s.paged(w, r, in, found)
}

// paged gives a page, and says in headers how many there are.
func (s *Shop) paged(w http.ResponseWriter, r *http.Request, in asked, found []node) {
	s.Asked++
	if s.Asking != nil {
		s.Asking()
	}
	pages := (len(found) + in.size - 1) / in.size
	from := min(len(found), (in.page-1)*in.size)
	if !s.NoCounts {
		w.Header().Set("X-WP-Total", strconv.Itoa(len(found)))
		w.Header().Set("X-WP-TotalPages", strconv.Itoa(pages))
		if in.page < pages {
			q := r.URL.Query()
			q.Set("page", strconv.Itoa(in.page+1))
			w.Header().Set("Link", "<"+s.URL+r.URL.Path+"?"+q.Encode()+`>; rel="next"`)
		}
	}
	s.say(w, http.StatusOK, found[from:min(len(found), from+in.size)])
}

func (s *Shop) order(id string) node {
	for _, o := range s.orders {
		if idOf(o) == id {
			return o
		}
	}
	return nil
}

func (s *Shop) one(w http.ResponseWriter, r *http.Request) {
	o := s.order(r.PathValue("id"))
	if o == nil {
		s.refuse(w, http.StatusNotFound, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
		return
	}
	s.Asked++
	s.say(w, http.StatusOK, o)
}

// given gives the refunds of an order, the latest first.
func (s *Shop) given(w http.ResponseWriter, r *http.Request) {
	in, wrong := read(r.URL.Query())
	switch {
	case wrong != "":
		s.refuse(w, http.StatusBadRequest, "rest_invalid_param", "Invalid parameter(s): "+wrong)
	case s.order(r.PathValue("id")) == nil:
		s.refuse(w, http.StatusNotFound, "woocommerce_rest_invalid_order_id", "Invalid order ID.")
	default:
		s.paged(w, r, in, s.refunds[r.PathValue("id")])
	}
}

// Sign sets the headers that a delivery has.
func Sign(h http.Header, topic string, raw []byte, delivery int64, secret string) {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(raw)
	for name, value := range map[string]string{
		"Webhook-Topic": topic, "Webhook-Resource": "order", "Webhook-Source": "https://shoes.example/", "Webhook-Id": "7",
		"Webhook-Delivery-Id": fmt.Sprint("delivery-", delivery), "Webhook-Signature": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
	} {
		h.Set("X-Wc-"+name, value)
	}
	h.Set("Content-Type", "application/json")
}

// Ping is the body with which a webhook that was just made tries its address out. It is
// a form, and not signed.
func Ping(h http.Header) []byte {
	h.Set("Content-Type", "application/x-www-form-urlencoded")
	return []byte("webhook_id=7")
}
