package woocommerce

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/egress"
)

var errUnderstood = errors.New("woocommerce: the shop answered otherwise than it should")

// get asks the shop for a path of its REST API. Errors: connect.ErrWithdrawn when the
// shop itself does not take the keys, connect.Answered for what is no success, also that
// of a firewall before the shop; others when it cannot be reached or understood.
func (p Provider) get(ctx context.Context, call connect.Call, shop string, c connect.Credentials, path string, query url.Values) (egress.Answer, error) {
	key, secret := c.Keys[keyConsumer], c.Keys[keySecret]
	header := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"+secret))}}
	answer, err := p.send(ctx, call, shop, path, query, header)
	if err == nil && stripped(answer) {
		with := url.Values{"consumer_key": {key}, "consumer_secret": {secret}}
		for name, values := range query {
			with[name] = values
		}
		answer, err = p.send(ctx, call, shop, path, with, nil)
	}
	if err != nil {
		return answer, err
	}
	return answer, fault(answer)
}

// send asks once. Errors name no address: keys may be in it.
func (p Provider) send(ctx context.Context, call connect.Call, shop, path string, query url.Values, header http.Header) (egress.Answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base(shop)+"/wp-json/"+path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return egress.Answer{}, unaddressed(err)
	}
	if header != nil {
		r.Header = header
	}
	r.Header.Set("Accept", "application/json")
	answer, err := call(ctx, r)
	return answer, unaddressed(err)
}

// unaddressed takes the address out of an error.
func unaddressed(err error) error {
	if told, is := errors.AsType[*url.Error](err); is {
		return fmt.Errorf("woocommerce: the shop cannot be asked: %w", told.Err)
	}
	return err
}

// refusal is how the shop says no.
type refusal struct {
	Code text `json:"code"`
}

// refused reads what the shop refused with; "" when it was not the shop.
func refused(a egress.Answer) string {
	var r refusal
	if json.Unmarshal(a.Body, &r) != nil {
		return ""
	}
	return string(r.Code)
}

// stripped reports whether the shop saw no keys: some hosts take the header away that
// they come in.
func stripped(a egress.Answer) bool {
	return a.Status == http.StatusUnauthorized && refused(a) == "woocommerce_rest_cannot_view"
}

// fault says why an answer is none.
func fault(a egress.Answer) error {
	switch {
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		// A firewall's refusal says nothing of the keys, and passes.
		if strings.HasPrefix(refused(a), "woocommerce_rest_") {
			return fmt.Errorf("%w: %w", connect.ErrWithdrawn, connect.Answered(a.Status))
		}
		return connect.Answered(a.Status)
	case a.Status < 200 || a.Status > 299:
		return connect.Answered(a.Status)
	case !json.Valid(a.Body): // a page of the host's, or an answer that was cut
		return errUnderstood
	}
	return nil
}

// How long a shop that is asked too much is left alone.
const (
	pauseDefault = 30 * time.Second
	pauseMost    = 10 * time.Minute
)

// throttled reports whether a question was refused for coming too soon, and for how
// long to wait.
func throttled(a egress.Answer, err error) (time.Duration, bool) {
	if answered, is := errors.AsType[connect.Answered](err); !is || answered != http.StatusTooManyRequests {
		return 0, false
	}
	seconds, err := strconv.Atoi(a.Header.Get("Retry-After"))
	if err != nil || seconds < 1 {
		return pauseDefault, true
	}
	return min(time.Duration(seconds)*time.Second, pauseMost), true
}

// pages reports whether there is a page after one of so many elements.
func pages(a egress.Answer, page, held int) bool {
	if total, err := strconv.Atoi(a.Header.Get("X-WP-TotalPages")); err == nil {
		return page < total
	}
	for _, link := range a.Header.Values("Link") {
		if strings.Contains(link, `rel="next"`) {
			return true
		}
	}
	return held >= pageSize // some hosts take these headers away
}
