package woocommerce_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/woocommerce"
	"github.com/tributary/tributary/connect/woocommerce/woocommercetest"
	"github.com/tributary/tributary/internal/egress"
)

func TestS47_AShopIsConnectedByKeysTestedAndDisconnected(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	row := s.row()
	if row.Status != "ACTIVE" || row.Access != "KEYS" || row.Account != "shoes.example/store" || bytes.Contains(row.CredentialsSealed, []byte(woocommercetest.Secret)) {
		t.Errorf("row %+v", row)
	}
	out, err := s.Connect.Probe(s.Ctx, s.Shop)
	if s.Must(err); out.Label != "Shoes of Ann" || out.Problem != "" {
		t.Errorf("found %+v", out)
	}
	if row = s.row(); !slices.Equal(row.Scopes, []string{"read"}) || len(s.Connect.Lacks(row)) != 0 || row.CheckedAt == nil {
		t.Errorf("scopes %v", row.Scopes)
	}
	s.hears(1, "order.updated", edited(t, paid))
	s.stands(1, sold)
	_, err = s.Connect.Disconnect(s.Ctx, connect.DisconnectInput{ID: s.Shop})
	if s.Must(err); s.row().Status != "DISCONNECTED" || len(s.row().CredentialsSealed) != 0 {
		t.Errorf("row %+v", s.row())
	}
	if code, _ := s.serve("order.updated", edited(t, paid), func(http.Header) {}); code != http.StatusNotFound {
		t.Errorf("a shop that is disconnected is heard: %d", code)
	}
}

// What the test of a connection finds, in words, and whether the keys are blamed: only
// the shop itself can say that they are wrong.
func TestS47_WhatTheTestFindsIsWrittenDown(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	const withdrawn = "the account does not take the credentials: authorize anew or set other keys"
	html := http.Header{"Content-Type": {"text/html"}}
	for name, row := range map[string]struct {
		edit func()
		want string
	}{
		"a key that may only write": {func() { s.fake.WriteKey = true }, withdrawn},
		"a key of a customer's":     {func() { s.fake.Lowly = true }, withdrawn},
		"a firewall": {func() {
			s.fake.Instead = []woocommercetest.Answer{{Status: 403, Header: html, Body: "<html>Request blocked</html>"}}
		}, "the account answered Forbidden"},
		"maintenance": {func() { s.fake.Instead = []woocommercetest.Answer{{Status: 503, Body: "Briefly unavailable"}} }, "the account answered Service Unavailable"},
		"a page": {func() {
			s.fake.Instead = []woocommercetest.Answer{{Status: 200, Header: html, Body: "<html>Hello</html>"}}
		}, "the account cannot be reached"},
		"a moved site": {func() {
			s.fake.Instead = []woocommercetest.Answer{{Status: 301, Header: http.Header{"Location": {"https://other.example/"}}}}
		}, "the account answered Moved Permanently"},
		"no WooCommerce": {func() { s.fake.Instead = []woocommercetest.Answer{{Status: 404, Body: `{"code":"rest_no_route"}`}} }, "the account answered Not Found"},
		"all is well":    {func() {}, ""},
	} {
		s.fake.Do(func() { s.fake.WriteKey, s.fake.Lowly, s.fake.Instead = false, false, nil; row.edit() })
		out, err := s.Connect.Probe(s.Ctx, s.Shop)
		if s.Must(err); out.Problem != row.want || s.row().Problem != row.want {
			t.Errorf("%s: found %q, written %q, want %q", name, out.Problem, s.row().Problem, row.want)
		}
	}
}

// Some hosts take the header away that the keys come in: then they come in the query.
// Keys that are wrong are not sent again.
func TestS47_KeysReachAShopWhoseHostStripsHeaders(t *testing.T) {
	t.Parallel()
	fake := played(t)
	fake.Put(edited(t, paid))
	fake.Strips = true
	found, err := woocommerce.At(fake.Base).Probe(context.Background(), caller(), "shoes.example", connect.Credentials{Keys: keys()})
	if err != nil || found.Label != "Shoes of Ann" || !slices.Equal(fake.Refused, []string{"woocommerce_rest_cannot_view"}) {
		t.Errorf("%+v, %v, refused %v", found, err, fake.Refused)
	}
	fake.Strips, fake.Refused = false, nil
	wrong := map[string]string{"consumerKey": woocommercetest.Key, "consumerSecret": "cs_other"}
	_, err = woocommerce.At(fake.Base).Probe(context.Background(), caller(), "shoes.example", connect.Credentials{Keys: wrong})
	if !errors.Is(err, connect.ErrWithdrawn) || !slices.Equal(fake.Refused, []string{"woocommerce_rest_authentication_error"}) {
		t.Errorf("%v, refused %v", err, fake.Refused)
	}
}

// An error that goes into a log holds no key, also where keys are in the address.
func TestNoErrorHoldsAKey(t *testing.T) {
	t.Parallel()
	fake := played(t)
	fake.Strips = true
	falls := connect.Call(func(ctx context.Context, r *http.Request) (egress.Answer, error) {
		if r.URL.Query().Has("consumer_secret") {
			return egress.Answer{}, &url.Error{Op: "Get", URL: r.URL.String(), Err: errors.New("connection reset")}
		}
		return caller()(ctx, r)
	})
	_, err := woocommerce.At(fake.Base).Probe(context.Background(), falls, "shoes.example", connect.Credentials{Keys: keys()})
	if err == nil || strings.Contains(err.Error(), "cs_") || !strings.Contains(err.Error(), "connection reset") {
		t.Errorf("%v", err)
	}
}

// Addresses are made of what people write: nothing but a public host's name over HTTPS,
// and a folder, passes. What the name leads to is the guard's matter.
func TestS47_AShopsAddressIsTidied(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"shoes.example": "shoes.example", " https://Shoes.Example/ ": "shoes.example", "HTTPS://shop.shoes.example/Store/": "shop.shoes.example/Store",
		"xn--schh-0ra.example/a/b": "xn--schh-0ra.example/a/b",
	} {
		if got, err := woocommerce.New().Account(text); got != want || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, bad := range []string{
		"", "shoes", "localhost", "http://shoes.example", "ftp://shoes.example", "127.0.0.1", "[::1]", "10.0.0.1/shop", "shoes.example:8080", "user@shoes.example",
		"user:pass@shoes.example", "shoes.example?x=1", "shoes.example/#x", "shoes.example/../x", "shoes.example/a b", "shoes..example", "-shoes.example", "0x7f.1",
		"shoes.example\n.evil.example", "shoes.example/" + strings.Repeat("a", 200), "https://https://shoes.example", "shoes.example//x", "shoes.example\\x", "2130706433",
	} {
		if got, err := woocommerce.New().Account(bad); err == nil {
			t.Errorf("%q is taken for %q", bad, got)
		}
	}
}

// The guard refuses an address on this machine where no shops are played.
func TestS47_AShopIsCalledOnThePublicInternetOnly(t *testing.T) {
	t.Parallel()
	fake := played(t)
	guarded := connect.Call(egress.New(egress.Options{}).Do)
	_, err := woocommerce.At(fake.Base).Probe(context.Background(), guarded, "shoes.example", connect.Credentials{Keys: keys()})
	if err == nil || fake.Asked != 0 {
		t.Errorf("%v, asked %d", err, fake.Asked)
	}
}

// The ping is answered with 200 and leaves nothing; what only looks like one is refused.
func TestS47_ThePingOfANewWebhookIsAnswered(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	unsigned := func(h http.Header) {
		for name := range h {
			h.Del(name)
		}
	}
	raw := woocommercetest.Ping(http.Header{})
	if code, answer := s.serve("", raw, unsigned); code != http.StatusOK || !strings.Contains(answer, "IGNORED") {
		t.Errorf("%d %s", code, answer)
	}
	for _, bad := range []string{"webhook_id=7&id=727", "webhook_id=", "webhook_id=7\n", `{"id":727}`, "webhook_id=x"} {
		if code, answer := s.serve("order.deleted", []byte(bad), unsigned); code != http.StatusUnauthorized {
			t.Errorf("%q: %d %s", bad, code, answer)
		}
	}
	if code, _ := s.serve("order.deleted", raw, func(h http.Header) { h.Set("X-WC-Webhook-Signature", "bm9uZQ==") }); code != http.StatusUnauthorized {
		t.Errorf("a forged ping: %d", code)
	}
	if counts := s.Statuses(); len(counts) != 1 || counts["REFUSED"] == 0 {
		t.Errorf("receipts %v", counts)
	}
}
