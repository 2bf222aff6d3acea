package server

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestConfigNamesEveryValueThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*Config)
		want string // a part of the error; "" is none
	}{
		"defaults":                  {func(*Config) {}, ""},
		"port zero":                 {func(c *Config) { c.Addr = "127.0.0.1:0" }, ""},
		"address without port":      {func(c *Config) { c.Addr = "localhost" }, "--addr"},
		"public URL":                {func(c *Config) { c.PublicURL = "https://go.example.com/base" }, ""},
		"public URL, no scheme":     {func(c *Config) { c.PublicURL = "go.example.com" }, "--public-url"},
		"public URL, ftp":           {func(c *Config) { c.PublicURL = "ftp://example.com" }, "--public-url"},
		"public URL with a name":    {func(c *Config) { c.PublicURL = "https://me@example.com" }, "--public-url"},
		"origin":                    {func(c *Config) { c.CORSOrigins = []string{"https://app.example.com", "http://localhost:3000"} }, ""},
		"origin of all":             {func(c *Config) { c.CORSOrigins = []string{"*"} }, "--cors-origins"},
		"origin, wildcard":          {func(c *Config) { c.CORSOrigins = []string{"https://*.example.com"} }, "--cors-origins"},
		"origin with path":          {func(c *Config) { c.CORSOrigins = []string{"https://example.com/"} }, "--cors-origins"},
		"origin, upper case":        {func(c *Config) { c.CORSOrigins = []string{"https://Example.com"} }, "--cors-origins"},
		"origin null":               {func(c *Config) { c.CORSOrigins = []string{"null"} }, "--cors-origins"},
		"proxies":                   {func(c *Config) { c.TrustedProxies = []string{"10.0.0.0/8", "::1"} }, ""},
		"proxy by name":             {func(c *Config) { c.TrustedProxies = []string{"lb.internal"} }, "--trusted-proxies"},
		"another database":          {func(c *Config) { c.DatabaseURL = "mysql://root:hunter2@db/x" }, "--database-url"},
		"sqlite":                    {func(c *Config) { c.DatabaseURL = "sqlite:/tmp/x.db" }, ""},
		"collector":                 {func(c *Config) { c.OTLPEndpoint = "collector:4318" }, "--otlp-endpoint"},
		"a bucket below a document": {func(c *Config) { c.CostMaximum, c.CostRestore = 1999, 1 }, "--cost-maximum"},
		"a bucket that never fills": {func(c *Config) { c.CostMaximum = 10_000 }, "--cost-maximum"},
		"drain beyond the end":      {func(c *Config) { c.Drain = time.Minute }, "--drain"},
	} {
		cfg := Config{}.WithDefaults()
		c.edit(&cfg)
		err := cfg.validate()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v does not name %s", name, err, c.want)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: the error repeats a password", name)
		}
	}
}

func TestNewLeavesNothingOpenWhenItFails(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t, &logBook{})
	taken := serve(t)
	cfg.Addr = taken.Addr().String()
	if _, err := New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "--addr") {
		t.Fatalf("a taken address: %v", err)
	}
	cfg.Addr = "127.0.0.1:0"
	p, err := New(t.Context(), cfg) // the folder's locks are free again
	if err != nil {
		t.Fatal(err)
	}
	if err := p.close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestLockKeepsASecondProcessOut(t *testing.T) {
	t.Parallel()
	place := Place{DataDir: filepath.Join(t.TempDir(), "data")}
	unlock, err := place.Lock()
	if err != nil {
		t.Fatal(err)
	}
	_, err = place.Lock()
	if err == nil || !strings.Contains(err.Error(), "another tributary is using "+place.DataDir) || strings.Contains(err.Error(), "\n") {
		t.Errorf("the second: %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := place.Lock()
	if err != nil {
		t.Fatalf("after unlock: %v", err)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(place.DataDir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is open to others: %v %v", info.Mode(), err)
	}
}

// X-Forwarded-For is what anybody may write: only what a trusted proxy added on
// its right is believed.
func TestClientAddressBehindProxies(t *testing.T) {
	t.Parallel()
	proxies, err := parseProxies([]string{"10.0.0.0/8", "fd00::1", "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	visitors := newClient(proxies, slog.New(slog.NewTextHandler(&log, nil)))
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.7:4711", "", "203.0.113.7"},
		{"203.0.113.7:4711", "198.51.100.1", "203.0.113.7"},             // not our proxy: its claim is worth nothing
		{"10.1.1.1:80", "198.51.100.1", "198.51.100.1"},                 // our proxy saw this
		{"10.1.1.1:80", "6.6.6.6, 198.51.100.1", "198.51.100.1"},        // what the client sent before is on the left
		{"10.1.1.1:80", "198.51.100.1, 10.2.2.2", "198.51.100.1"},       // two proxies of ours
		{"10.1.1.1:80", "10.3.3.3, 10.2.2.2", "10.3.3.3"},               // all ours: the farthest
		{"10.1.1.1:80", "nonsense", "0.0.0.0"},                          // unreadable: not the proxy's own
		{"10.1.1.1:80", "198.51.100.1, nonsense, 10.2.2.2", "0.0.0.0"},  // what is to the left of it is anybody's word
		{"127.0.0.1:80", "unknown", "0.0.0.0"},                          // and least of all this machine
		{"10.1.1.1:80", "", "10.1.1.1"},                                 // a probe of the proxy itself
		{"[fd00::1]:80", "2001:db8::5", "2001:db8::5"},                  // IPv6
		{"[::ffff:10.1.1.1]:80", "::ffff:198.51.100.1", "198.51.100.1"}, // mapped addresses are IPv4
		{"somewhere", "198.51.100.1", "invalid IP"},                     // no address at all
		{"10.1.1.1:80", "198.51.100.1:5000", "198.51.100.1"},            // some proxies add the port
		{"10.1.1.1:80", `"198.51.100.1:5000"`, "198.51.100.1"},          // and quotes
		{"10.1.1.1:80", `"[2001:db8::5]:80" , [fd00::1]`, "2001:db8::5"},
		{"10.1.1.1:80", "[2001:db8::5]:80", "2001:db8::5"},
		{"10.1.1.1:80", "2001:db8::5:80", "2001:db8::5:80"},         // an address: a port would need brackets
		{"10.1.1.1:80", " 198.51.100.1 ,10.2.2.2 ", "198.51.100.1"}, // spaces do not matter
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := visitors.address(r).String(); got != c.want {
			t.Errorf("%s forwarded %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 || strings.Contains(log.String(), "nonsense") {
		t.Errorf("told %d times: %s", n, log.String())
	}
}
