package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store/storetest"
)

// putCertificate writes a certificate for 127.0.0.1 that signs itself.
func putCertificate(t *testing.T, dir string, serial int64) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// A renewed certificate is served without a restart, and a broken one is not.
func TestTLSTakesOverARenewedCertificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := putCertificate(t, dir, 1)
	r := serve(t, func(c *Config) { c.TLSCert, c.TLSKey = cert, key })
	if !strings.HasPrefix(r.URL(), "https://127.0.0.1:") {
		t.Fatal(r.URL())
	}
	ask := func(path string) (*http.Response, int64) {
		client := &http.Client{Timeout: patience, CheckRedirect: noRedirects.CheckRedirect, Transport: &http.Transport{DisableKeepAlives: true, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // the test's own certificate
		res, err := client.Get(r.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res, res.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	for _, path := range []string{"/healthz", "/r/nowhere", "/graphql", "/nothing"} {
		res, serial := ask(path)
		if serial != 1 || res.Header.Get("Strict-Transport-Security") == "" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: certificate %d, %v", path, serial, res.Header)
		}
	}
	if err := os.WriteFile(cert, []byte("half a certif"), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, patience, "the refusal of a broken certificate", func() bool { return strings.Contains(r.log.String(), "not replaced") })
	if _, serial := ask("/healthz"); serial != 1 {
		t.Errorf("certificate %d after a broken one", serial)
	}
	putCertificate(t, dir, 2)
	eventually(t, patience, "the renewed certificate", func() bool { _, serial := ask("/healthz"); return serial == 2 })
	if _, err := net.Dial("tcp", r.Addr().String()); err != nil {
		t.Fatal(err)
	}
}

func TestTLSNeedsBothFiles(t *testing.T) {
	t.Parallel()
	cert, key := putCertificate(t, t.TempDir(), 1)
	for _, edit := range []func(*Config){
		func(c *Config) { c.TLSCert = cert },
		func(c *Config) { c.TLSKey = key },
		func(c *Config) { c.TLSCert, c.TLSKey = cert, cert },
		func(c *Config) { c.TLSCert, c.TLSKey = "nowhere", key },
	} {
		cfg := testConfig(t, &logBook{})
		edit(&cfg)
		if p, err := New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "tls-") {
			t.Errorf("%v %v", p, err)
		}
	}
}

// house is servers that share a key file and, where it can be, a database.
type keyHouse struct {
	*testing.T
	servers []*running
	owner   string
	client  url.Values
	program string
	failed  atomic.Int64
	asked   atomic.Int64
}

func openKeyHouse(t *testing.T) (*keyHouse, string) {
	t.Helper()
	where, path := storetest.URL(t), filepath.Join(t.TempDir(), "key")
	share := func(c *Config) { c.DatabaseURL, c.KeyFile = where, path }
	h := &keyHouse{T: t, servers: []*running{serve(t, share)}}
	if strings.HasPrefix(where, "postgres") {
		h.servers = append(h.servers, serve(t, share))
	}
	h.owner = h.must("", `mutation { signUp(input: {email: "o@k.example", password: "correct horse battery", merchantName: "Acme", currency: "USD"}) { accessToken } }`, "signUp", "accessToken").(string)
	h.program = h.must(h.owner, `mutation { programCreate(input: {name: "P", currency: "USD", fallbackUrl: "https://shop.example/closed"}) { program { id } } }`, "programCreate", "program", "id").(string)
	made := h.must(h.owner, `mutation { apiTokenCreate(input: {name: "t", kind: SECRET, scopes: [PROGRAM_READ, CONVERSION_WRITE, CUSTOMER_READ]}) { secret apiToken { id } } }`, "apiTokenCreate").(map[string]any)
	h.client = url.Values{"grant_type": {"client_credentials"}, "client_id": {made["apiToken"].(map[string]any)["id"].(string)}, "client_secret": {made["secret"].(string)}}
	return h, path
}

// at is one server after another.
func (h *keyHouse) at() *running { return h.servers[int(h.asked.Add(1))%len(h.servers)] }

func (h *keyHouse) ask(token, query string) (any, string) {
	body, _ := json.Marshal(map[string]string{"query": query})
	headers := []string{"Content-Type", "application/json"}
	if token != "" {
		headers = append(headers, "Authorization", "Bearer "+token)
	}
	got := h.at().send(h.T, "POST", "/graphql", string(body), headers...)
	var out struct {
		Data   map[string]any
		Errors []any
	}
	if err := json.Unmarshal([]byte(got.text), &out); err != nil || got.StatusCode != 200 || len(out.Errors) > 0 {
		return nil, got.Status + " " + got.text
	}
	return out.Data, ""
}

func (h *keyHouse) must(token, query string, path ...string) any {
	h.Helper()
	v, fault := h.ask(token, query)
	if fault != "" {
		h.Fatal(fault)
	}
	for _, step := range path {
		v = v.(map[string]any)[step]
	}
	return v
}

// round signs in as a program at one server and works with that at the others:
// it signs, verifies, seals and opens.
func (h *keyHouse) round(n int) (fault string) {
	got := h.at().send(h.T, "POST", "/oauth/token", h.client.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	var out struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.text), &out); err != nil || got.StatusCode != 200 {
		return got.Status + " " + got.text
	}
	order := `mutation { conversionRecord(input: {programId: "` + h.program + `", externalId: "` + big.NewInt(int64(n)).String() + `", total: {amount: "5.00", currency: "USD"}, customer: {email: "b` + big.NewInt(int64(n)).String() + `@k.example", name: "Bo"}}) { created userErrors { message } } }`
	for _, query := range []string{order, `{ customers(last: 3) { edges { node { email name } } } }`, `{ viewer { id } }`} {
		v, fault := h.ask(out.Access, query)
		if text, _ := json.Marshal(v); fault != "" || strings.Contains(string(text), `"message"`) || strings.Contains(string(text), `"email":null`) {
			return fault + string(text)
		}
	}
	return ""
}

// Keys are rotated twice while programs sign in at one server and work at
// another, values are sealed again, and no request fails. With the instant left
// out of the key file the servers that have not looked yet refuse what the first
// one signs.
func TestR2_KeysRotateUnderLoadWithNoFailedRequest(t *testing.T) {
	t.Parallel()
	h, path := openKeyHouse(t)
	var stop atomic.Bool
	var load sync.WaitGroup
	var rounds atomic.Int64
	for range 4 {
		load.Go(func() {
			for !stop.Load() {
				if fault := h.round(int(rounds.Add(1))); fault != "" && h.failed.Add(1) == 1 {
					t.Error(fault)
				}
			}
		})
	}
	for want := byte(2); want <= 3; want++ {
		if _, err := seal.Rotate(path, time.Now().Add(3*time.Second)); err != nil {
			t.Fatal(err)
		}
		eventually(t, patience, "the new key at every server", func() bool {
			for _, r := range h.servers {
				if r.store.Keys().KeyID() != want {
					return false
				}
			}
			return true
		})
		if _, err := h.servers[0].store.Reseal(t.Context()); err != nil {
			t.Error(err)
		}
	}
	since := rounds.Load()
	eventually(t, patience, "work after the rotation", func() bool { return rounds.Load() > since+10 })
	stop.Store(true)
	load.Wait()
	eventually(t, patience, "everything under the last key", func() bool {
		n, err := h.servers[0].store.Reseal(t.Context())
		return n == 0 && err == nil
	})
	t.Logf("%d rounds over %d servers, %d failed", rounds.Load(), len(h.servers), h.failed.Load())
	if h.failed.Load() > 0 {
		t.Errorf("%d requests failed", h.failed.Load())
	}
}
