// Package agent tells people from programs when a link is opened.
//
// Means: a [Verdict] on one request, from what the request says of itself:
// its method, its user agent and its prefetch headers.
//
// Owns: the list of known agents (data/crawlers.txt from upstream,
// data/narrow.txt and data/house.txt ours) and its version, which is stored
// with each click so that an old verdict can be explained.
//
// Refuses: nothing. Every request is answered; a verdict only decides whether a
// click may earn. Duplicates, data centres and behaviour are judged elsewhere.
//
// Invariants: every agent listed upstream is a BOT; when in doubt it is a
// HUMAN, because robots seldom buy, so that one missed costs little, while a
// person taken for a robot costs an affiliate money. A PREFETCH is a person's browser looking
// ahead: the answer to it should not be cached, so that a real visit asks again.
package agent

import "strings"

// Version names the list behind a verdict: the upstream package, then ours.
const Version = "crawler-user-agents/1.60.0+1"

// Class is what opened the link.
type Class string

// The classes.
const (
	Human    Class = "HUMAN"
	Bot      Class = "BOT"
	Prefetch Class = "PREFETCH"
)

// Reason is why a request is not a person's visit; empty for HUMAN.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	NoAgent        Reason = "NO_AGENT"        // no user agent at all
	LinkPreview    Reason = "LINK_PREVIEW"    // a messenger or network drawing a preview
	KnownAgent     Reason = "KNOWN_AGENT"     // a listed crawler, monitor, library …
	LooksAutomatic Reason = "LOOKS_AUTOMATIC" // not listed, but calls itself a robot
	HeadRequest    Reason = "HEAD_REQUEST"    // asked for headers only: a link checker
	PrefetchHeader Reason = "PREFETCH_HEADER" // the browser says it is looking ahead
)

// Request is what a click says of itself: the method and header values as sent.
type Request struct {
	Method     string
	UserAgent  string // User-Agent
	SecPurpose string // Sec-Purpose
	Purpose    string // Purpose
	XPurpose   string // X-Purpose
	XMoz       string // X-Moz
}

// Verdict is the class of a request and why.
type Verdict struct {
	Class  Class
	Reason Reason
	Rule   string // the pattern that matched the user agent, if one did
}

// scanned is how many bytes of a user agent are looked at: the longest listed
// one has 285, and a client must not choose how long we search.
const scanned = 1024

// Classifier judges requests. It is immutable and safe for concurrent use.
type Classifier struct {
	rules []rule
	index *index
}

// New builds a classifier from the embedded lists, once per process (a few
// milliseconds). It fails only when the lists themselves are broken.
func New() (*Classifier, error) {
	rules, err := loadRules()
	if err != nil {
		return nil, err
	}
	index, err := newIndex(rules)
	if err != nil {
		return nil, err
	}
	return &Classifier{rules: rules, index: index}, nil
}

// Classify judges one request. A robot is a BOT whatever headers it sends.
func (c *Classifier) Classify(r Request) Verdict {
	if v, bot := c.byAgent(r.UserAgent); bot {
		return v
	}
	if r.Method == "HEAD" {
		return Verdict{Class: Bot, Reason: HeadRequest}
	}
	if r.looksAhead() {
		return Verdict{Class: Prefetch, Reason: PrefetchHeader}
	}
	return Verdict{Class: Human}
}

func (c *Classifier) byAgent(agent string) (Verdict, bool) {
	if blank(agent) {
		return Verdict{Class: Bot, Reason: NoAgent}, true
	}
	found := c.index.find(agent[:min(len(agent), scanned)], c.rules)
	if found == nil {
		return Verdict{}, false
	}
	return Verdict{Class: Bot, Reason: found.kind.reason(), Rule: found.name}, true
}

// blank is also "-", which some proxies write where there was nothing.
func blank(agent string) bool {
	agent = strings.TrimSpace(agent)
	return agent == "" || agent == "-"
}

// looksAhead reads the four headers by which browsers and apps have said
// "nobody is looking yet": Sec-Purpose: prefetch;prerender (Chromium, Firefox),
// Purpose: prefetch and X-Purpose: preview (WebKit, Facebook), X-Moz: prefetch.
func (r Request) looksAhead() bool {
	for _, purpose := range [...]string{r.SecPurpose, r.Purpose, r.XPurpose, r.XMoz} {
		if purpose != "" && aheadOf(purpose) {
			return true
		}
	}
	return false
}

func aheadOf(purpose string) bool {
	for purpose != "" {
		var word string
		word, purpose = cutWord(purpose)
		for _, ahead := range [...]string{"prefetch", "prerender", "preview"} {
			if strings.EqualFold(word, ahead) {
				return true
			}
		}
	}
	return false
}

// cutWord takes the first item of a list such as "prefetch;prerender".
func cutWord(list string) (word, rest string) {
	if at := strings.IndexAny(list, ";,"); at >= 0 {
		list, rest = list[:at], list[at+1:]
	}
	return strings.TrimSpace(list), rest
}
