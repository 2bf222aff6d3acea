package woocommerce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/connect"
)

// pageSize is how many orders are asked for at once. The shop allows a hundred; small
// hosts take long for them.
const pageSize = 25

// lookups is of how many orders of a page the refunds are asked for: each is a question,
// and a page must be read within a minute, also from a slow host.
const lookups = 10

// placed is where a page begins: at a second, and within it at a page. What changes while
// a shop is asked leaves its place, and pages of a longer time would shift past what
// nobody has read; a page that ends in another second than it began in is cut before
// that second, and the next begins there.
type placed struct {
	second int64
	page   int
}

func placeOf(ask connect.PullAsk) (placed, error) {
	at := placed{ask.Since.Unix(), 1}
	if ask.Cursor == "" {
		return at, nil
	}
	second, page, _ := strings.Cut(ask.Cursor, ".")
	var err error
	if at.second, err = strconv.ParseInt(second, 10, 64); err != nil {
		return at, errUnderstood
	}
	if at.page, err = strconv.Atoi(page); err != nil || at.page < 1 {
		return at, errUnderstood
	}
	return at, nil
}

func (at placed) String() string { return fmt.Sprintf("%d.%d", at.second, at.page) }

// query asks for the page. The shop takes neither bound to be within.
func (at placed) query(until time.Time) url.Values {
	return url.Values{
		"modified_after":  {time.Unix(at.second-1, 0).UTC().Format(moment)},
		"modified_before": {until.UTC().Format(moment)},
		"dates_are_gmt":   {"true"}, "orderby": {"modified"}, "order": {"asc"},
		"per_page": {strconv.Itoa(pageSize)}, "page": {strconv.Itoa(at.page)},
	}
}

// head is what a page is cut by.
type head struct {
	ID         ident    `json:"id"`
	ModifiedAt stamp    `json:"date_modified_gmt"`
	Refunds    []refund `json:"refunds"`
	err        error    // why it cannot be read
}

// headsOf reads what is needed of each order. One that cannot be read stands where it
// was found, and does not keep the others from being read.
func headsOf(all []json.RawMessage) []head {
	heads := make([]head, len(all))
	for i, raw := range all {
		var h head
		if h.err = json.Unmarshal(raw, &h); h.err != nil && i > 0 {
			h.ModifiedAt = heads[i-1].ModifiedAt
		}
		heads[i] = h
	}
	return heads
}

// cut gives how many of a page's orders are kept when another page follows, and where
// that begins.
func (at placed) cut(heads []head) (int, placed) {
	last := heads[len(heads)-1].second()
	if last <= at.second { // all of it is of one second
		return len(heads), placed{at.second, at.page + 1}
	}
	return before(heads, last), placed{last, 1}
}

// before counts the orders before a second.
func before(heads []head, second int64) int {
	for i, h := range heads {
		if h.second() >= second {
			return i
		}
	}
	return len(heads)
}

func (h head) second() int64 { return h.ModifiedAt.Unix() }

// Pull reads a page of the orders that changed in a time, with the lines of their
// refunds.
func (p Provider) Pull(ctx context.Context, call connect.Call, account string, c connect.Credentials, ask connect.PullAsk) (connect.Pulled, error) {
	at, err := placeOf(ask)
	if err != nil {
		return connect.Pulled{}, err
	}
	answer, err := p.get(ctx, call, account, c, "wc/v3/orders", at.query(ask.Until))
	if wait, is := throttled(answer, err); is {
		return connect.Pulled{Again: true, Wait: wait}, nil
	}
	if err != nil {
		return connect.Pulled{}, err
	}
	var all []json.RawMessage
	if json.Unmarshal(answer.Body, &all) != nil {
		return connect.Pulled{}, errUnderstood
	}
	heads := headsOf(all)
	kept, out := len(all), connect.Pulled{}
	if len(all) > 0 && pages(answer, at.page, len(all)) {
		var next placed
		kept, next = at.cut(heads)
		out.Cursor = next.String()
	}
	return p.read(ctx, call, account, c, out, all[:kept], heads, at)
}

// read completes the orders of a page. A shop that wants to be left alone in the middle
// of it is asked later for what comes after.
func (p Provider) read(ctx context.Context, call connect.Call, account string, c connect.Credentials, out connect.Pulled, all []json.RawMessage, heads []head, at placed) (connect.Pulled, error) {
	asked := 0
	for i, raw := range all {
		h := heads[i]
		if h.err == nil && len(h.Refunds) > 0 {
			if asked++; asked > lookups && h.second() > at.second {
				return cutAt(out, heads, h, 0), nil
			}
			whole, wait, err := p.complete(ctx, call, account, c, h.ID, raw)
			switch {
			case errors.Is(err, connect.Answered(http.StatusNotFound)): // it was deleted meanwhile
				whole = raw
			case err != nil:
				return connect.Pulled{}, err
			case wait > 0 && h.second() <= at.second:
				return connect.Pulled{Again: true, Wait: wait}, nil
			case wait > 0:
				return cutAt(out, heads, h, wait), nil
			}
			raw = whole
		}
		out.Orders = append(out.Orders, connect.PulledOrder{Topic: orderTopic, Raw: raw, Unread: h.err})
	}
	return out, nil
}

// cutAt is what of a page was read before the second of an order: the next begins there.
func cutAt(read connect.Pulled, heads []head, h head, wait time.Duration) connect.Pulled {
	n := before(heads, h.second())
	return connect.Pulled{Orders: read.Orders[:n], Cursor: placed{h.second(), 1}.String(), Wait: wait}
}

// Complete asks for the refunds that an order names, with their lines.
func (p Provider) Complete(ctx context.Context, call connect.Call, account string, c connect.Credentials, _ string, raw []byte) ([]byte, error) {
	var h head
	if err := json.Unmarshal(raw, &h); err != nil {
		return nil, errUnderstood
	}
	whole, wait, err := p.complete(ctx, call, account, c, h.ID, raw)
	if wait > 0 {
		err = connect.Answered(http.StatusTooManyRequests)
	}
	return whole, err
}

// complete puts the refunds of an order, as the shop tells them when it is asked, in the
// place of those that the order names. A wait above zero means that it was asked too soon.
func (p Provider) complete(ctx context.Context, call connect.Call, account string, c connect.Credentials, id ident, raw []byte) ([]byte, time.Duration, error) {
	refunds := []json.RawMessage{}
	for page := 1; ; page++ {
		answer, err := p.get(ctx, call, account, c, "wc/v3/orders/"+url.PathEscape(string(id))+"/refunds",
			url.Values{"per_page": {strconv.Itoa(pageSize)}, "page": {strconv.Itoa(page)}})
		if wait, is := throttled(answer, err); is {
			return nil, wait, nil
		}
		if err != nil {
			return nil, 0, err
		}
		var some []json.RawMessage
		if json.Unmarshal(answer.Body, &some) != nil {
			return nil, 0, errUnderstood
		}
		refunds = append(some, refunds...) // the latest come first
		if len(some) == 0 || !pages(answer, page, len(some)) {
			break
		}
	}
	order := map[string]json.RawMessage{}
	if json.Unmarshal(raw, &order) != nil {
		return nil, 0, errUnderstood
	}
	list, err := json.Marshal(refunds)
	if err != nil {
		return nil, 0, err
	}
	order["refunds"] = list
	whole, err := json.Marshal(order)
	return whole, 0, err
}
