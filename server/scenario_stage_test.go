package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/connect/hubspot/hubspottest"
	"github.com/tributary/tributary/connect/shopify/shoptest"
	"github.com/tributary/tributary/internal/sim"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/server"
)

const (
	// patience is how long a scenario waits for what must happen.
	patience = 20 * time.Second
	password = "correct horse battery"

	shopOrigin = "https://shop.example" // listed, and named by publishable keys
	appOrigin  = "https://app.example"  // listed only
)

// theatre is one server that many scenarios share, each with a merchant of its own.
type theatre struct {
	*server.Program
	nobody   *sim.Client
	dir      string         // the data folder
	database string         // where the rows are, for those who do harm to them
	shoes    *shoptest.Shop // that all connected shops are
	crm      *hubspottest.Portal
	ahead    atomic.Int64 // how far the server's clock runs ahead, in nanoseconds
	merchant atomic.Int64
}

// open starts a server that ends with the test; edits change its configuration.
func open(t *testing.T, edits ...func(*server.Config)) *theatre {
	t.Helper()
	th := &theatre{dir: t.TempDir(), database: storetest.URL(t), shoes: shoptest.Open("shoes.myshopify.com"), crm: hubspottest.Open(1)}
	t.Cleanup(th.shoes.Close)
	t.Cleanup(th.crm.Close)
	cfg := server.Config{
		Place: server.Place{DataDir: th.dir, DatabaseURL: th.database}, Addr: "127.0.0.1:0", Introspection: true, WebhookLoopback: true, ShopBase: th.shoes.URL, HubSpotBase: th.crm.URL,
		CORSOrigins: []string{shopOrigin, appOrigin}, TrustedProxies: []string{"127.0.0.1"}, Drain: 10 * time.Millisecond,
		Log: slog.New(slog.DiscardHandler), Clock: th.now,
	}
	for _, edit := range edits {
		edit(&cfg)
	}
	th.database = cfg.DatabaseURL
	p, err := server.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	th.Program, th.nobody = p, sim.New(p.URL(), "")
	ctx, quit := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() {
		quit()
		if err := <-done; err != nil {
			t.Errorf("the server ended with: %v", err)
		}
	})
	return th
}

// harm runs statements on the server's database behind its back.
func (th *theatre) harm(t *testing.T, statements ...string) {
	t.Helper()
	db := th.db(t)
	for _, one := range statements {
		if _, err := db.ExecContext(t.Context(), one); err != nil {
			t.Fatalf("%s: %v", one, err)
		}
	}
}

// stage is a merchant with a program that pays ten percent, and the affiliates
// ann and bob, each with a link and a coupon.
type stage struct {
	*testing.T
	*theatre
	mu     sync.Mutex
	names  map[string]string // what $name stands for in steps
	tokens map[string]string // of the viewers who have come so far
	since  string            // where the feed was when the set-up was done
	before string            // what the merchant had before a refused step
	events []string          // what the steps so far have made happen
}

// stage sets a merchant up through the API.
func (th *theatre) stage(t *testing.T) *stage {
	t.Helper()
	s := th.empty(t)
	s.set("nobody", "signUp", `{"email":"owner@$mail","password":"`+password+`","merchantName":"Acme","currency":"USD"}`, "accessToken merchantId", "owner=accessToken", "merchant=merchantId")
	s.tokens["owner"] = s.names["owner"]
	s.furnish()
	return s
}

// empty is a stage whose owner has not come yet.
func (th *theatre) empty(t *testing.T) *stage {
	s := &stage{T: t, theatre: th, names: map[string]string{"missing": strings.Repeat("0", 26)}, tokens: map[string]string{"nobody": "", "forged": "trb_live_" + strings.Repeat("x", 40)}}
	s.names["mail"] = fmt.Sprintf("m%d.example", th.merchant.Add(1))
	return s
}

// furnish gives the merchant its program, terms and affiliates.
func (s *stage) furnish() {
	s.Helper()
	s.set("owner", "programCreate", `{"name":"Partners","currency":"USD","fallbackUrl":"https://shop.example/closed"}`, "program { id }", "program=program.id")
	s.set("owner", "hostAdd", `{"programId":"$program","name":"shop.example"}`, "host { id }", "host=host.id")
	s.set("owner", "commissionPlanCreate", `{"programId":"$program","name":"Standard"}`, "plan { id }", "plan=plan.id")
	s.set("owner", "commissionPlanActivate", `{"planId":"$plan","rules":[{"level":"PROGRAM","kind":"PERCENT","percent":"10"}]}`, "version { id }", "version=version.id")
	for _, name := range []string{"ann", "bob"} {
		s.recruit(name)
	}
	s.since = s.feedEnd()
}

func (s *stage) recruit(name string) {
	s.Helper()
	s.set("owner", "affiliateCreate", `{"name":"`+name+`","email":"`+name+`.lee@$mail","programIds":["$program"]}`, "affiliate { id } claimToken", name+"=affiliate.id", name+"Claim=claimToken")
	s.set("owner", "linkCreate", `{"programId":"$program","affiliateId":"$`+name+`","destination":"https://shop.example/shoes?a=1"}`, "link { id slug }", name+"Link=link.id", name+"Slug=link.slug")
	s.set("owner", "couponCreate", `{"programId":"$program","affiliateId":"$`+name+`","code":"`+strings.ToUpper(name)+`10"}`, "coupon { id }", name+"Coupon=coupon.id")
}

// set runs a mutation that must succeed and keeps parts of its answer as names.
func (s *stage) set(as, do, in, get string, save ...string) {
	s.Helper()
	a := s.ask(as, mutation(do, get), s.text(`{"in":`+in+`}`))
	if a.failed() != "" {
		s.Fatalf("%s as %s: %s", do, as, a.text)
	}
	s.keep(do, a, save)
}

// keep stores parts of an answer: "name=path.below.the.root.field". Without a
// root the path begins with one.
func (s *stage) keep(root string, a answer, save []string) {
	s.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range save {
		name, path, _ := strings.Cut(one, "=")
		value, ok := dig(a.data, strings.Split(strings.TrimPrefix(root+"."+path, "."), ".")...).(string)
		if !ok {
			s.Fatalf("%s has no text at %s: %s", root, path, a.text)
		}
		s.names[name] = value
	}
}

// text puts what names stand for into a text; unknown names stay.
func (s *stage) text(in string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return os.Expand(in, func(name string) string {
		if value, known := s.names[name]; known {
			return value
		}
		return "$" + name
	})
}

// token is a viewer's credential. Viewers come in when they are first asked for:
// a role, an affiliate, "key" (publishable), "token SCOPE…", "NAME token SCOPE…"
// (bound to an affiliate), "revoked", "expired", "forged" or "nobody".
func (s *stage) token(as string) string {
	s.Helper()
	as = strings.ReplaceAll(as, "+", " ")
	s.mu.Lock()
	token, here := s.tokens[as]
	s.mu.Unlock()
	if here {
		return token
	}
	s.before = "" // who comes in changes things
	token = s.admit(as)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[as] = token
	return token
}

func (s *stage) admit(as string) string {
	s.Helper()
	kind, scopes, _ := strings.Cut(as, "token ")
	switch {
	case scopes != "":
		return s.issue(strings.TrimSpace(kind), "SECRET", scopes, "")
	case as == "key":
		return s.issue("", "PUBLISHABLE", "APPLICATION_WRITE", "")
	case as == "revoked":
		secret := s.issue("", "SECRET", "PROGRAM_READ", "")
		s.set("owner", "apiTokenRevoke", `{"id":"$lastToken"}`, "apiToken { id }")
		return secret
	case as == "expired":
		return s.expiring()
	case as == "ann" || as == "bob":
		s.set("nobody", "affiliateClaim", `{"claimToken":"$`+as+`Claim","password":"`+password+`"}`, "accessToken", as+"Session=accessToken")
		return s.names[as+"Session"]
	}
	in := `{"email":"` + as + `@$mail","password":"` + password + `"}`
	s.set("owner", "memberAdd", strings.Replace(in, "{", `{"role":"`+strings.ToUpper(as)+`",`, 1), "membership { id }", as+"Member=membership.id")
	s.set("nobody", "logIn", in, "accessToken", as+"Session=accessToken")
	return s.names[as+"Session"]
}

func (s *stage) issue(affiliate, kind, scopes, expires string) string {
	s.Helper()
	in := map[string]any{"name": "script", "kind": kind, "scopes": strings.Fields(scopes)}
	if affiliate != "" {
		in["affiliateId"] = "$" + affiliate
	}
	if kind == "PUBLISHABLE" {
		in["origins"] = []string{shopOrigin}
	}
	if expires != "" {
		in["expiresAt"] = expires
	}
	s.set("owner", "apiTokenCreate", encode(in), "secret apiToken { id }", "lastSecret=secret", "lastToken=apiToken.id")
	return s.names["lastSecret"]
}

// expiring makes a token that lives a moment, and waits until it has died.
func (s *stage) expiring() string {
	s.Helper()
	secret := s.issue("", "SECRET", "PROGRAM_READ", time.Now().Add(500*time.Millisecond).UTC().Format(time.RFC3339Nano))
	s.eventually("the token's end", func() bool { return s.send(secret, `{ viewer { id } }`, "null").status == 401 })
	return secret
}

// eventually tries until ok, for what happens a little later.
func (s *stage) eventually(what string, ok func() bool) {
	s.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) { // between two looks at the server's state
		if time.Now().After(end) {
			s.Fatalf("%s: not within %v", what, patience)
		}
	}
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain maps and strings always encode
	}
	return string(text)
}

// withNames is the stage's names and more.
func (s *stage) withNames(more map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.names, more)
}

// now is the server's instant.
func (th *theatre) now() time.Time { return time.Now().Add(time.Duration(th.ahead.Load())) }
