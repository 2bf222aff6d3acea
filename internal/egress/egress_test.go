package egress_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/egress"
)

// hostile are addresses behind which is no stranger's machine, in every spelling in
// which IPv6 carries one of IPv4.
var hostile = []string{
	"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.1", "127.1.2.3", "168.63.129.16",
	"169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255",
	"198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
	"::", "::1", "::2", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1",
	"100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1",
	"3fff::1", "3ffe::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
}

// Without any one of the networks, or the look at Is4In6, one of these gets through.
func TestR3_HostileAddressesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range hostile {
		if (egress.Guard{}).Allows(netip.MustParseAddr(text)) {
			t.Errorf("%s may be called", text)
		}
	}
	for _, text := range []string{"1.1.1.1", "8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"} {
		if !(egress.Guard{}).Allows(netip.MustParseAddr(text)) {
			t.Errorf("%s may not be called", text)
		}
	}
	local := egress.Guard{Loopback: true}
	for text, want := range map[string]bool{"127.0.0.1": true, "::1": true, "10.0.0.1": false, "169.254.169.254": false, "::ffff:127.0.0.1": false} {
		if local.Allows(netip.MustParseAddr(text)) != want {
			t.Errorf("with loopback %s: %t", text, !want)
		}
	}
	if (egress.Guard{}).Allows(netip.Addr{}) {
		t.Error("no address may be called")
	}
}

// What is written into an address is looked at when it is dialled, whatever spelling
// the system takes for an address of this machine. Without Control in the dialer the
// server is reached.
func TestR3_DialsAreGuarded(t *testing.T) {
	t.Parallel()
	reached := make(chan string, 100)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { reached <- r.Host }))
	defer s.Close()
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	c := egress.New(egress.Options{Timeout: 2 * time.Second})
	for _, host := range []string{"127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "0", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"} {
		_, err := c.Do(t.Context(), request(t, "http://"+host+":"+port))
		if err == nil {
			t.Errorf("%s was called", host)
		}
	}
	if len(reached) != 0 {
		t.Errorf("%s was reached", <-reached)
	}
	if _, err := c.Do(t.Context(), request(t, s.URL)); !errors.Is(err, egress.ErrRefused) {
		t.Errorf("%v", err)
	}
	open := egress.New(egress.Options{Guard: egress.Guard{Loopback: true}})
	if a, err := open.Do(t.Context(), request(t, s.URL)); err != nil || a.Status != 200 {
		t.Errorf("%+v, %v", a, err)
	}
}

func request(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A proxy of the environment is not used: the guard would look at its address only.
func TestR3_NoProxyIsUsed(t *testing.T) {
	reached := make(chan struct{}, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached <- struct{}{} }))
	defer proxy.Close()
	t.Setenv("HTTP_PROXY", proxy.URL)
	c := egress.New(egress.Options{Guard: egress.Guard{Loopback: true}, Timeout: time.Second})
	if _, err := c.Do(t.Context(), request(t, "http://192.168.7.7/")); !errors.Is(err, egress.ErrRefused) {
		t.Errorf("%v", err)
	}
	if len(reached) != 0 {
		t.Error("the proxy was called")
	}
}

// Answers are read to their limit, redirects not followed, and what hangs is left.
func TestR3_AnswersAreBounded(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/large":
			for range 1000 {
				if _, err := w.Write(make([]byte, 10_000)); err != nil {
					return
				}
			}
		case "/redirect":
			http.Redirect(w, r, "/large", http.StatusFound)
		case "/hang":
			<-hang
		}
	}))
	defer s.Close()
	defer close(hang)
	c := egress.New(egress.Options{Guard: egress.Guard{Loopback: true}, Timeout: 300 * time.Millisecond})
	if a, err := c.Do(t.Context(), request(t, s.URL+"/large")); err != nil || len(a.Body) != egress.AnswerLimit {
		t.Errorf("%d bytes, %v", len(a.Body), err)
	}
	if a, err := c.Do(t.Context(), request(t, s.URL+"/redirect")); err != nil || a.Status != http.StatusFound {
		t.Errorf("%d, %v", a.Status, err)
	}
	if _, err := c.Do(t.Context(), request(t, s.URL+"/hang")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}
