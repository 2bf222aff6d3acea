package track

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/host"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/token"
)

// tokenIn is the genuine token in an address, or "".
func (b *bundle) tokenIn(at string) (text string, t token.Token) {
	b.t.Helper()
	u, err := url.Parse(at)
	b.must(err)
	if text = u.Query().Get("trb_click"); text != "" {
		t, err = token.Parse(text, b.store.Keys())
		b.must(err)
	}
	return text, t
}

func TestRedirectAppendsTheToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addHost("www.shop.example", host.PurposeDESTINATION)
	labels := map[string]string{"s1": "a b", "sub_x": "ü"}
	for slug, c := range map[string]struct {
		to, before, after string
		labels            map[string]string
	}{
		"plain":    {"https://shop.example", "https://shop.example?trb_click=", "", nil},
		"path":     {"https://shop.example/p", "https://shop.example/p?trb_click=", "", nil},
		"query":    {"https://shop.example/p?a=1&b=%20x", "https://shop.example/p?a=1&b=%20x&trb_click=", "", nil},
		"fragment": {"https://shop.example/p#top?x", "https://shop.example/p?trb_click=", "#top?x", nil},
		"both":     {"http://www.shop.example:81/p?a=1#top", "http://www.shop.example:81/p?a=1&trb_click=", "#top", nil},
		"open":     {"https://shop.example/p?", "https://shop.example/p?trb_click=", "", nil},
		"labels":   {"https://shop.example/p?s1=own", "https://shop.example/p?s1=own&sub_x=%C3%BC&trb_click=", "", labels},
		"labelled": {"https://shop.example/p", "https://shop.example/p?s1=a+b&sub_x=%C3%BC&trb_click=", "", labels},
	} {
		t.Run(slug, func(*testing.T) {
			b.addLinkWith(LinkCreateInput{Slug: slug, Destination: c.to, SubIDs: c.labels})
			r := b.open("/r/" + slug)
			at := r.Header.Get("Location")
			text, tok := b.tokenIn(at)
			if r.StatusCode != 302 || at != c.before+text+c.after || len(text) != token.Size {
				t.Errorf("%d %s", r.StatusCode, at)
			}
			if !tok.ClickedAt().Equal(b.clock.Now()) || r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s, %v", tok.ClickedAt(), r.Header)
			}
		})
	}
}

func TestUnknownAddressesGetASmallPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	for _, target := range []string{"/r/", "/r/none", "/r/Spring", "/r/spring/", "/r/spring/x", "/r/%2e%2e", "/r/" + strings.Repeat("a", 70), "/spring", "/"} {
		r := b.open(target)
		body, err := io.ReadAll(r.Body)
		b.must(err)
		csp := r.Header.Get("Content-Security-Policy")
		if r.StatusCode != 404 || !strings.Contains(string(body), "Link not found") || len(body) > 1024 || !strings.HasPrefix(csp, "default-src 'none'") {
			t.Errorf("%s: %d, %d bytes, %s", target, r.StatusCode, len(body), csp)
		}
	}
	post := b.open("/r/spring", func(r *http.Request) { r.Method = http.MethodPost })
	if post.StatusCode != 405 || post.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %v", post.StatusCode, post.Header)
	}
}

func TestQ54_WithoutConsentNothingIdentifies(t *testing.T) {
	t.Parallel()
	b := setup(t)
	go1 := b.addHost("go.example", host.PurposeTRACKING)
	b.addLinkWith(LinkCreateInput{Slug: "spring", HostID: go1, SubIDs: map[string]string{"s1": "mail"}})
	for name, c := range map[string]struct {
		target  string
		edit    func(*http.Request)
		consent bool
	}{
		"nothing said":      {"http://go.example/spring", header("Accept", "*/*"), true},
		"GPC":               {"http://go.example/spring", header("Sec-GPC", "1"), false},
		"GPC, another word": {"http://go.example/spring", header("Sec-GPC", "0"), true},
		"GPC, not exactly":  {"http://go.example/spring", header("Sec-GPC", "1 "), true},
		"cookie":            {"http://go.example/spring", header("Cookie", "a=b; trb_consent=0"), false},
		"cookie says yes":   {"http://go.example/spring", header("Cookie", "trb_consent=1"), true},
		"cookie, longer":    {"http://go.example/spring", header("Cookie", "trb_consent=01"), true},
		"query":             {"http://go.example/spring?s2=x&trb_consent=0", header("Accept", "*/*"), false},
		"query says yes":    {"http://go.example/spring?trb_consent=1", header("Accept", "*/*"), true},
	} {
		r := b.open(c.target, c.edit)
		text, _ := b.tokenIn(r.Header.Get("Location"))
		cookie := r.Header.Get("Set-Cookie")
		if r.StatusCode != 302 || (text != "") != c.consent || (cookie != "") != c.consent {
			t.Errorf("%s: %d, token %q, cookie %q", name, r.StatusCode, text, cookie)
		}
		if !c.consent && r.Header.Get("Location") != "https://shop.example/p?s1=mail" {
			t.Errorf("%s: leads to %s", name, r.Header.Get("Location"))
		}
	}
}

func TestCookieOnTheMerchantsOwnDomain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.PolicyActivate(b.ctx, PolicyActivateInput{ProgramID: b.program, WindowDays: 7})
	b.must(err)
	out := b.addLinkWith(LinkCreateInput{Slug: "spring", HostID: b.addHost("go.example", host.PurposeTRACKING)})
	r := b.open("http://GO.example:8080/" + out.Slug)
	text, _ := b.tokenIn(r.Header.Get("Location"))
	name, rest, _ := strings.Cut(r.Header.Get("Set-Cookie"), "=")
	if !strings.HasPrefix(name, "trb_") || len(name) != 12 {
		t.Errorf("cookie %q", name)
	}
	if want := text + "; Path=/; Max-Age=604800; Secure; HttpOnly; SameSite=Lax"; rest != want { // 7 × 86 400
		t.Errorf("cookie %q, want %q", rest, want)
	}
	for _, elsewhere := range []string{"http://other.example/spring", "http://go.example/r/spring"} {
		if code := b.open(elsewhere).StatusCode; code != 404 {
			t.Errorf("%s: %d", elsewhere, code)
		}
	}
}

func TestBlockedLinksLeadToTheFallback(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		block  func(*bundle, LinkOutcome)
		reason string
	}{
		"archived link":     {func(b *bundle, l LinkOutcome) { _, err := b.LinkArchive(b.ctx, l.ID, nil); b.must(err) }, "LINK_ARCHIVED"},
		"suspended":         {func(b *bundle, _ LinkOutcome) { b.setAffiliate(b.affiliate, affiliate.StatusSUSPENDED) }, "AFFILIATE_SUSPENDED"},
		"rejected":          {func(b *bundle, _ LinkOutcome) { b.setAffiliate(b.affiliate, affiliate.StatusREJECTED) }, "AFFILIATE_REJECTED"},
		"paused program":    {func(b *bundle, _ LinkOutcome) { b.setProgram(program.StatusPAUSED) }, "PROGRAM_PAUSED"},
		"archived program":  {func(b *bundle, _ LinkOutcome) { b.setProgram(program.StatusARCHIVED) }, "PROGRAM_ARCHIVED"},
		"ended enrollment":  {func(b *bundle, _ LinkOutcome) { b.endEnrollment(b.affiliate) }, "NOT_ENROLLED"},
		"destination's end": {func(b *bundle, _ LinkOutcome) { b.removeShop() }, "HOST_REMOVED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			l := b.addLink("spring")
			c.block(b, l)
			b.must(b.refreshAll(b.ctx))
			r := b.open("/r/spring")
			if at := r.Header.Get("Location"); r.StatusCode != 302 || at != "https://shop.example/home" {
				t.Errorf("%d %s", r.StatusCode, at)
			}
			if got := b.index.find(key{"", "spring"}).reason; got != c.reason {
				t.Errorf("reason %s, want %s", got, c.reason)
			}
		})
	}
}

func (b *bundle) removeShop() {
	b.t.Helper()
	rows, err := b.store.Client().Host.Query().All(b.ctx)
	b.must(err)
	_, err = b.HostRemove(b.ctx, rows[0].ID)
	b.must(err)
}

func TestUnrecordedClickIsRedirectedWithItsToken(t *testing.T) {
	t.Parallel()
	b := setup(t) // no stream: every click is refused
	b.addLink("spring")
	text, _ := b.tokenIn(b.open("/r/spring").Header.Get("Location"))
	if got := b.Stats(); text == "" || got.Redirects != 1 || got.Unrecorded != 1 {
		t.Fatalf("token %q, %+v", text, got)
	}
}

func TestAddressesAreNotLookedUpForEver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 5 {
		b.open("/r/none")
	}
	if got := b.Stats(); got.Lookups != 1 || got.Unknown != 5 {
		t.Fatalf("%+v", got)
	}
	b.clock.Advance(missingFor)
	b.open("/r/none")
	if got := b.Stats().Lookups; got != 2 {
		t.Fatalf("%d look-ups", got)
	}
}

func TestDatabaseAwayIsNoNotFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("spring")
	b.must(b.store.Close())
	if r := b.open("/r/none"); r.StatusCode != 503 || r.Header.Get("Retry-After") == "" {
		t.Errorf("unknown: %d", r.StatusCode)
	}
	if r := b.open("/r/spring"); r.StatusCode != 302 {
		t.Errorf("known: %d", r.StatusCode)
	}
	if _, err := b.LinkCreate(b.ctx, LinkCreateInput{}); problem.CodeOf(err) == "" {
		t.Error("a link was made without a database")
	}
}
