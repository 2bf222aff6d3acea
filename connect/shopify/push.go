package shopify

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tributary/tributary/connect"
)

const (
	// mostSet is how many metafields one call sets or deletes, all or none of them.
	mostSet = 25
	// most is how many customers are written at once; with the two metafields of the
	// defaults they fit one call.
	most = 12

	ownersQuery    = `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Order { customer { id } } } }`
	setDocument    = `mutation ($all: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $all) { metafields { id } userErrors { code elementIndex field message } } }`
	deleteDocument = `mutation ($all: [MetafieldIdentifierInput!]!) { metafieldsDelete(metafields: $all) { deletedMetafields { key } userErrors { field message } } }`

	orderID = "gid://shopify/Order/"
)

// Most is how many customers are taken at once.
func (Provider) Most() int { return most }

// pushing is a push under way.
type pushing struct {
	Provider
	ctx    context.Context
	call   connect.Call
	shop   string
	c      connect.Credentials
	batch  []connect.Outgoing
	owners []string // what the customers are called in the shop; "" for one it does not know
	out    []connect.Written
}

// metafield is one to be set, or without a value one to be deleted.
type metafield struct {
	OwnerID   string `json:"ownerId"`
	Namespace string `json:"namespace"`
	Key       string `json:"key"`
	Type      string `json:"type,omitempty"`
	Value     string `json:"value,omitempty"`
}

// Push writes metafields of customers. One the shop does not know is left alone: it has
// bought elsewhere.
func (p Provider) Push(ctx context.Context, call connect.Call, shop string, c connect.Credentials, _ connect.Kind, batch []connect.Outgoing) ([]connect.Written, error) {
	w := &pushing{Provider: p, ctx: ctx, call: call, shop: shop, c: c, batch: batch, owners: make([]string, len(batch)), out: make([]connect.Written, len(batch))}
	if err := w.find(); err != nil {
		return w.out, err
	}
	var known []int
	for i, owner := range w.owners {
		if w.out[i].Known = owner == ""; owner != "" {
			known = append(known, i)
		}
	}
	return w.out, w.write(known)
}

// find finds the customers: by what they were called when they were last written, else
// by an order of theirs.
func (w *pushing) find() error {
	ids, of := []string{}, map[string][]int{}
	for i, o := range w.batch {
		switch {
		case o.RemoteID != "":
			w.owners[i] = o.RemoteID
		case o.OrderID != "":
			ids, of[orderID+o.OrderID] = append(ids, orderID+o.OrderID), append(of[orderID+o.OrderID], i)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var data struct {
		Nodes []*struct {
			ID       string
			Customer *struct{ ID string }
		}
	}
	if err := w.ask(ownersQuery, map[string]any{"ids": ids}, &data); err != nil {
		return err
	}
	for _, n := range data.Nodes {
		if n == nil || n.Customer == nil {
			continue
		}
		for _, i := range of[n.ID] {
			w.owners[i] = n.Customer.ID
		}
	}
	return nil
}

// write writes customers, as many at once as fit a call. A refusal is of all that a call
// holds: they are halved until it is that of one.
func (w *pushing) write(some []int) error {
	var set, gone []metafield
	for _, i := range some {
		for _, name := range slices.Sorted(maps.Keys(w.batch[i].Values)) {
			one := metafield{OwnerID: w.owners[i], Namespace: namespace, Key: name}
			text, _ := w.batch[i].Values[name].(string)
			switch {
			case text != "":
				one.Type, one.Value = "single_line_text_field", text
				set = append(set, one)
			case w.batch[i].RemoteID != "": // else nothing of ours is there
				gone = append(gone, one)
			}
		}
	}
	if len(some) > 1 && (len(set) > mostSet || len(gone) > mostSet) {
		return w.halves(some)
	}
	refused, err := w.change(set, gone)
	switch {
	case err != nil:
		return err
	case refused != "" && len(some) > 1:
		return w.halves(some)
	}
	for _, i := range some {
		w.out[i] = connect.Written{Known: true, RemoteID: w.owners[i], Refused: refused}
	}
	return nil
}

func (w *pushing) halves(some []int) error {
	if err := w.write(some[:len(some)/2]); err != nil {
		return err
	}
	return w.write(some[len(some)/2:])
}

// change sets metafields and deletes others. It gives the code of the first refusal.
func (w *pushing) change(set, gone []metafield) (refused string, err error) {
	for _, do := range []struct {
		document string
		all      []metafield
	}{{setDocument, set}, {deleteDocument, gone}} {
		for some := range slices.Chunk(do.all, mostSet) {
			var data struct {
				MetafieldsSet, MetafieldsDelete *struct{ UserErrors []userError }
			}
			if err := w.ask(do.document, map[string]any{"all": some}, &data); err != nil {
				return "", err
			}
			done := data.MetafieldsSet
			if done == nil {
				done = data.MetafieldsDelete
			}
			if done == nil {
				return "", errUnderstood
			}
			if len(done.UserErrors) > 0 {
				return done.UserErrors[0].code(), nil
			}
		}
	}
	return "", nil
}

type userError struct{ Code string }

// code keeps a code that is one: another text might quote the customer.
func (e userError) code() string {
	if e.Code == "" || len(e.Code) > 60 || strings.Trim(e.Code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		return "REFUSED"
	}
	return e.Code
}

// mostWait is how long a push waits for a shop's points; who wants more is left alone,
// and the others have their turn.
const mostWait = 5 * time.Second

// ask asks the Admin API, and waits a little where the shop's points are spent: a push
// that began anew would spend them on what it has asked already. Errors: Throttled says
// when there are enough again.
func (w *pushing) ask(document string, variables map[string]any, data any) error {
	for {
		wait, err := w.question(w.ctx, w.call, w.shop, w.c, document, variables, data)
		switch {
		case errors.Is(err, connect.Answered(http.StatusTooManyRequests)):
			return connect.Throttled{Wait: 2 * time.Second}
		case !errors.Is(err, errThrottled):
			return err
		case wait > mostWait:
			return connect.Throttled{Wait: wait}
		}
		pause := time.NewTimer(wait)
		select {
		case <-w.ctx.Done():
			pause.Stop()
			return connect.Throttled{Wait: wait}
		case <-pause.C:
		}
	}
}
