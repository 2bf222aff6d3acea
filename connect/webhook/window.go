package webhook

import "github.com/tributary/tributary/internal/store"

// Windows: how many deliveries may be under way to one endpoint. One that answers
// well is given more, one that fails half as many, down to one: what hangs holds
// few places, and those who answer have the others.
const (
	windowFirst = 8
	windowsKept = 10_000
)

// desk counts what is under way. It is used by the sender's goroutine alone.
type desk struct {
	limits   Limits
	inAll    int
	merchant map[string]int
	endpoint map[string]int
	window   map[string]int
}

func newDesk(l Limits) *desk {
	return &desk{limits: l, merchant: map[string]int{}, endpoint: map[string]int{}, window: map[string]int{}}
}

// free is how many more may begin.
func (d *desk) free() int { return d.limits.InAll - d.inAll }

// room is how many more may go to an endpoint of a merchant.
func (d *desk) room(e *store.ClaimedEndpoint) int {
	return min(d.windowOf(e.ID)-d.endpoint[e.ID], d.limits.Merchant-d.merchant[e.MerchantID])
}

func (d *desk) windowOf(endpoint string) int {
	if w, known := d.window[endpoint]; known {
		return w
	}
	return min(windowFirst, d.limits.Endpoint)
}

// busy are the endpoints that take no more now.
func (d *desk) busy() (all []string) {
	for e, n := range d.endpoint {
		if n >= d.windowOf(e) {
			all = append(all, e)
		}
	}
	return all
}

func (d *desk) begin(e *store.ClaimedEndpoint) {
	d.inAll++
	d.merchant[e.MerchantID]++
	d.endpoint[e.ID]++
}

func (d *desk) end(e *store.ClaimedEndpoint, worked bool) {
	d.inAll--
	lower(d.merchant, e.MerchantID)
	lower(d.endpoint, e.ID)
	if len(d.window) > windowsKept { // they are learned again soon
		clear(d.window)
	}
	w := d.windowOf(e.ID)
	if worked {
		d.window[e.ID] = min(w+1, d.limits.Endpoint)
	} else {
		d.window[e.ID] = max(w/2, 1)
	}
}

func lower(counts map[string]int, key string) {
	if counts[key]--; counts[key] <= 0 {
		delete(counts, key)
	}
}
