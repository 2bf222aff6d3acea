package agent

import (
	"fmt"
	"strings"
)

// window is how many bytes of a literal stand for it in the index.
const window = 3

// index finds the rules whose literals occur in an agent, in one pass.
//
// Each literal is filed under one of its three-byte windows, its anchor. The
// pass looks every window of the agent up in a bitmap of 8 KiB; only a set bit
// leads to the map, and only an equal literal to the rule's pattern. Anchors
// avoid windows that browsers' agents contain, so that a person's request costs
// little more than the pass: a loop over all 1500 patterns takes a hundred
// times as long.
type index struct {
	bitmap  [bitmapBits / 64]uint64
	anchors map[uint32][]anchor
}

const bitmapBits = 1 << 16

// anchor is a literal filed under the window at offset.
type anchor struct {
	literal string
	offset  int
	rule    int
}

// common is the language of browsers: no anchor is taken from it while a
// literal has another window.
const common = `Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0
AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36 Edg/140 OPR/120
(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15
(iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 (X11; Ubuntu; Linux x86_64; CrOS)
(Linux; Android 15; SM-S918B Build/AP3A; wv) Version/4.0 SamsungBrowser/28.0 (compatible; MSIE
Instagram 400.0 [FBAN/FBIOS;FBAV/500.0;FBDV/iPhone;FBSN/iOS] GSA/380 CriOS/140 FxiOS/140`

func newIndex(rules []rule) (*index, error) {
	x := &index{anchors: map[uint32][]anchor{}}
	usual := map[uint32]bool{}
	for i := range len(common) - window + 1 {
		usual[windowAt(common, i)] = true
	}
	for number, r := range rules {
		for _, literal := range r.literals {
			if len(literal) < window {
				return nil, fmt.Errorf("agent: literal %q is too short", literal)
			}
			x.file(literal, number, usual)
		}
	}
	return x, nil
}

// file chooses the anchor: the least crowded window that is not a usual one.
func (x *index) file(literal string, number int, usual map[uint32]bool) {
	best, least := 0, -1
	for i := range len(literal) - window + 1 {
		at := windowAt(literal, i)
		crowd := len(x.anchors[at])
		if usual[at] {
			crowd += 1 << 16
		}
		if least < 0 || crowd < least {
			best, least = i, crowd
		}
	}
	at := windowAt(literal, best)
	x.anchors[at] = append(x.anchors[at], anchor{literal, best, number})
	bit := bitOf(at)
	x.bitmap[bit/64] |= 1 << (bit % 64)
}

// find returns the rule that matches agent, of the lowest kind if there are
// several, or nil.
func (x *index) find(agent string, rules []rule) *rule {
	var best *rule
	var tried attempts
	for i := range len(agent) - window + 1 {
		at := windowAt(agent, i)
		bit := bitOf(at)
		if x.bitmap[bit/64]&(1<<(bit%64)) == 0 {
			continue
		}
		for _, a := range x.anchors[at] {
			r := &rules[a.rule]
			if (best == nil || r.kind < best.kind) && a.in(agent, i) && tried.first(r) && r.matches(agent) {
				best = r
			}
		}
	}
	return best
}

// attempts remembers which expressions have been run on an agent: an agent that
// repeats a literal a hundred times would otherwise run one a hundred times.
type attempts [maxPatterns / 64]uint64

const maxPatterns = 256

// first reports whether r is worth running: always for a plain literal, once
// for an expression.
func (t *attempts) first(r *rule) bool {
	if r.pattern == nil {
		return true
	}
	word, bit := r.number/64, uint64(1)<<(r.number%64)
	before := t[word] & bit
	t[word] |= bit
	return before == 0
}

// in reports whether the anchor's literal stands in agent with its window at i.
func (a anchor) in(agent string, i int) bool {
	return i >= a.offset && strings.HasPrefix(agent[i-a.offset:], a.literal)
}

func windowAt(s string, i int) uint32 {
	_ = s[i+2]
	return uint32(s[i])<<16 | uint32(s[i+1])<<8 | uint32(s[i+2])
}

// bitOf spreads the 24 bits of a window over the bitmap.
func bitOf(window uint32) uint32 { return window * 0x9E3779B1 >> 16 }
