package agent

import (
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
)

const chrome = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"

func TestQ52_Classes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		r      Request
		class  Class
		reason Reason
	}{
		{"a person", Request{Method: "GET", UserAgent: chrome}, Human, ""},
		{"a person who posts", Request{Method: "POST", UserAgent: chrome}, Human, ""},
		{"no agent", Request{Method: "GET"}, Bot, NoAgent},
		{"blank agent", Request{Method: "GET", UserAgent: " \t"}, Bot, NoAgent},
		{"dash", Request{Method: "GET", UserAgent: "-"}, Bot, NoAgent},
		{"head", Request{Method: "HEAD", UserAgent: chrome}, Bot, HeadRequest},
		{"head that prefetches", Request{Method: "HEAD", UserAgent: chrome, SecPurpose: "prefetch"}, Bot, HeadRequest},
		{"crawler", Request{UserAgent: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}, Bot, KnownAgent},
		{"crawler that prefetches", Request{UserAgent: "Googlebot/2.1", SecPurpose: "prefetch"}, Bot, KnownAgent},
		{"library", Request{UserAgent: "okhttp/4.12.0"}, Bot, KnownAgent},
		{"library of ours", Request{UserAgent: "Java/21.0.2"}, Bot, KnownAgent},
		{"headless", Request{UserAgent: strings.Replace(chrome, "Chrome", "HeadlessChrome", 1)}, Bot, KnownAgent},
		{"chromium prefetch", Request{UserAgent: chrome, SecPurpose: "prefetch"}, Prefetch, PrefetchHeader},
		{"chromium prerender", Request{UserAgent: chrome, SecPurpose: "prefetch;prerender"}, Prefetch, PrefetchHeader},
		{"private prefetch", Request{UserAgent: chrome, SecPurpose: "prefetch;anonymous-client-ip"}, Prefetch, PrefetchHeader},
		{"parameters first", Request{UserAgent: chrome, SecPurpose: "x=1 ; Prefetch"}, Prefetch, PrefetchHeader},
		{"old webkit", Request{UserAgent: chrome, Purpose: "prefetch"}, Prefetch, PrefetchHeader},
		{"top sites, facebook", Request{UserAgent: chrome, XPurpose: "preview"}, Prefetch, PrefetchHeader},
		{"old firefox", Request{UserAgent: chrome, XMoz: "prefetch"}, Prefetch, PrefetchHeader},
		{"another purpose", Request{UserAgent: chrome, SecPurpose: "navigate", Purpose: "prefetching", XMoz: ";;"}, Human, ""},
	}
	c := classifier(t)
	for _, k := range cases {
		if v := c.Classify(k.r); v.Class != k.class || v.Reason != k.reason {
			t.Errorf("%s: %+v, want %s %s", k.name, v, k.class, k.reason)
		}
	}
}

func TestQ52_LinkPreviews(t *testing.T) {
	t.Parallel()
	c := classifier(t)
	for _, agent := range []string{
		"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
		"facebookexternalhit/1.1;line-poker/1.0",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
		"WhatsApp/2.24.20.89 A",
		"TelegramBot (like TwitterBot)",
		"Twitterbot/1.0",
		"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
		"Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
		"LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
		"Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
		"Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
		"Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",
		"Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
		"facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984",
		"ExampleChat Link Preview 3.2 (+https://chat.example/robots)",
	} {
		if v := c.Classify(Request{Method: "GET", UserAgent: agent}); v.Class != Bot || v.Reason != LinkPreview {
			t.Errorf("%+v: %s", v, agent)
		}
	}
}

func TestUnlistedRobotsGiveThemselvesAway(t *testing.T) {
	t.Parallel()
	c := classifier(t)
	for _, agent := range []string{
		"Mozilla/5.0 (compatible; Examplio/0.1; +https://examplio.example/about)",
		"Mozilla/5.0 (compatible; qqzzBot/1.0)",
		"Mozilla/5.0 (X11; qqzzbot; Linux)",
		"Mozilla/5.0 (qqzzbot)",
		"qqzz web crawler 1.0",
		"QqzzSpider",
		"qqzz-bot",
		"Bot/1.0",
	} {
		if v := c.Classify(Request{Method: "GET", UserAgent: agent}); v.Class != Bot || v.Reason != LooksAutomatic {
			t.Errorf("%+v: %s", v, agent)
		}
	}
}

func TestLongAgentsAreCut(t *testing.T) {
	t.Parallel()
	c, padding := classifier(t), strings.Repeat("x", scanned)
	if v := c.Classify(Request{UserAgent: "Googlebot/2.1 " + padding}); v.Class != Bot {
		t.Errorf("at the start: %+v", v)
	}
	if v := c.Classify(Request{UserAgent: padding + "Googlebot/2.1"}); v.Class != Human {
		t.Errorf("behind the cut: %+v", v)
	}
}

func TestRequiredLiterals(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string][]string{
		`Googlebot\/`:                  {"Googlebot/"},
		`AdsBot-Google([^-]|$)`:        {"AdsBot-Google"},
		`[wW]get`:                      {"get"},
		`Current[\s\S]*RSS Reader`:     {"RSS Reader"},
		`Automaton|Newsify`:            {"Automaton", "Newsify"},
		`(Automaton|Newsify) v`:        {"Automaton", "Newsify"},
		`(Automaton|[a-z]+)`:           nil,
		`(Automaton)?`:                 nil,
		`(?i)automaton`:                nil,
		`^Silk\/`:                      {"Silk/"},
		`(abc)+d`:                      {"abc"},
		`BlogTraffic\/\d\.\d+ Fetcher`: {"BlogTraffic/"},
	} {
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if got := required(tree); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", pattern, got, want)
		}
	}
}

// Without the memory a hostile agent would run one expression at every window.
func TestAnExpressionRunsOncePerAgent(t *testing.T) {
	t.Parallel()
	c, ran := classifier(t), map[int]bool{}
	var tried attempts
	for i := range c.rules {
		r := &c.rules[i]
		first, again := tried.first(r), tried.first(r)
		if !first || again != (r.pattern == nil) {
			t.Errorf("%s: first %v, again %v", r.name, first, again)
		}
		if r.pattern != nil {
			ran[r.number] = true
		}
	}
	if len(ran) < 50 {
		t.Errorf("only %d expressions were tried", len(ran))
	}
}

func TestBrokenRulesAreRefused(t *testing.T) {
	t.Parallel()
	for _, broken := range [][2]string{{"crawler", "ab"}, {"crawler", "(abc"}, {"crawler", "[a-z]+"}, {"robot", "abcdef"}, {"crawler", ""}} {
		if _, err := newRule(broken[0], broken[1]); err == nil {
			t.Errorf("%v was taken", broken)
		}
	}
}

func FuzzClassify(f *testing.F) {
	c := classifier(f)
	f.Add(chrome)
	f.Add("AdsBot-Google-Mobile bot/ot/ot;Sogou spider")
	f.Fuzz(func(t *testing.T, agent string) {
		v := c.Classify(Request{Method: "GET", UserAgent: agent})
		cut := agent[:min(len(agent), scanned)]
		if want := blank(agent) || byLoop(c.rules, cut) != nil; (v.Class == Bot) != want {
			t.Fatalf("index %+v, loop says bot: %v", v, want)
		}
	})
}
