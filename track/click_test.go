package track

import (
	"bytes"
	"encoding/binary"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/internal/id"
)

func TestClickIDIsAUUIDv7ThatKnowsWhetherItMayEarn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 10, 0, 0, 123_456_789, time.UTC)
	seen := map[clickID]bool{}
	for i := range 2000 {
		c := newClickID(now, i%2 == 0)
		at, err := id.Time(c.String())
		if err != nil || !at.Equal(now.Truncate(time.Millisecond)) || !c.clickedAt().Equal(at) || c.payable() != (i%2 == 0) || seen[c] {
			t.Fatalf("%s: %v, %v, payable %t", c, at, err, c.payable())
		}
		seen[c] = true
	}
}

func anyClick(t *rapid.T, shape map[string]int) click {
	c := click{
		link:    rapid.Uint64Range(0, 1<<40-1).Draw(t, "link"),
		kind:    kind(rapid.IntRange(0, int(duplicate)).Draw(t, "kind")),
		consent: rapid.Bool().Draw(t, "consent"),
		reason:  rapid.SampledFrom([]string{"", "KNOWN_AGENT", "LINK_ARCHIVED"}).Draw(t, "reason"),
		agent:   rapid.StringN(0, 60, 60).Draw(t, "agent"), referrer: rapid.StringN(0, 500, 500).Draw(t, "referrer"),
		network: rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "network"),
		visitor: rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "visitor"),
		labels:  appendLabels(nil, rapid.MapOfN(rapid.StringN(1, 9, 9), rapid.StringN(0, 255, 255), 0, 10).Draw(t, "labels")),
	}
	c.id = newClickID(time.UnixMilli(rapid.Int64Range(0, 1<<48-1).Draw(t, "at")), c.reason == "")
	shape[kindNames[c.kind]]++
	shape["reason "+c.reason]++
	return c
}

func TestClickRecordReadsBack(t *testing.T) {
	t.Parallel()
	shape := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		c := anyClick(t, shape)
		record := c.appendTo(nil)
		got, err := readClick(record)
		if err != nil || !bytes.Equal(got.appendTo(nil), record) || got.id != c.id || got.link != c.link || got.kind != c.kind || got.consent != c.consent || got.referrer != c.referrer {
			t.Fatalf("%+v became %+v, %v", c, got, err)
		}
		if _, err := readClick(record[:rapid.IntRange(0, len(record)-1).Draw(t, "cut")]); err == nil {
			t.Fatal("a part of a record was read")
		}
		if _, err := readClick(append(record, 0)); err == nil {
			t.Fatal("trailing bytes were read")
		}
	})
	t.Log(shape)
	if len(shape) != len(kindNames)+3 {
		t.Fatalf("the generator left something out: %v", shape)
	}
}

// A stream may hold records from before an upgrade.
func TestClickRecordsOfBeforeAreRead(t *testing.T) {
	t.Parallel()
	c := click{link: 7, agent: "Chrome", network: []byte("12345678"), labels: appendLabel(nil, "s1", "x")}
	c.id = newClickID(time.UnixMilli(1), true)
	record := c.appendTo(nil)
	record = record[:len(record)-1] // no visitor, not even an empty one
	record[0] = nobodysLayout
	got, err := readClick(record)
	if err != nil || got.id != c.id || got.agent != "Chrome" || string(got.network) != "12345678" || len(got.visitor) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzReadClick(f *testing.F) {
	good := click{link: 7, agent: "Chrome", labels: appendLabel(nil, "s1", "x")}
	good.id = newClickID(time.UnixMilli(1), true)
	f.Add(good.appendTo(nil))
	f.Add([]byte{clickLayout})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := readClick(b)
		if err != nil {
			return
		}
		if again, err := readClick(c.appendTo(nil)); err != nil || again.id != c.id {
			t.Fatalf("%v", err)
		}
		_, _ = readLabels(c.labels) // must not panic
	})
}

func TestQ53_LabelsOfTheAddress(t *testing.T) {
	t.Parallel()
	own := map[string]string{"s1": "link", "sub_a": "link"}
	for query, want := range map[string]map[string]string{
		"":                               own,
		"s1=x&s5=y&s6=z&s0=z&S1=z":       {"s1": "x", "sub_a": "link", "s5": "y"},
		"sub_b=1&sub_=2&sub_%C3%BC=3":    {"s1": "link", "sub_a": "link", "sub_b": "1"},
		"utm_source=x&trb_consent=1":     own,
		"s2=" + strings.Repeat("x", 255): {"s1": "link", "sub_a": "link", "s2": strings.Repeat("x", 255)},
		"s2=" + strings.Repeat("x", 256): {"s1": "link", "sub_a": "link", "trb_dropped": "s2"},
		"s2=a;b&s3=c+d%3Be&s4&&=&s3=x":   {"s1": "link", "sub_a": "link", "s2": "a;b", "s3": "c d;e", "s4": ""},
		"s2=%zz&s3=x&s4=%4":              {"s1": "link", "sub_a": "link", "s3": "x", "trb_dropped": "s2,s4"},
		"s2=%ff&s3=%00":                  {"s1": "link", "sub_a": "link", "trb_dropped": "s2,s3"},
		"sub_1=&sub_2=&sub_3=&sub_4=&sub_5=&sub_6=&sub_7=&sub_8=&sub_9=": {
			"s1": "link", "sub_a": "link", "sub_1": "", "sub_2": "", "sub_3": "", "sub_4": "", "sub_5": "", "sub_6": "", "sub_7": "", "sub_8": "",
			"trb_dropped": "sub_9", // the link's two and eight more are ten
		},
	} {
		got, err := readLabels(addressLabels(appendLabels(nil, own), len(own), query))
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%.40s: %v, %v", query, got, err)
		}
	}
}

func TestReferrerKeepsHostAndPath(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://blog.example/a/b?q=secret#x": "blog.example/a/b",
		"https://user:pass@blog.example/a":    "blog.example/a",
		"https://blog.example/@ann":           "blog.example/@ann",
		"https://blog.example":                "blog.example",
		"about:blank":                         "",
		"":                                    "",
		"https://x.example/" + strings.Repeat("a", 500):     "",
		"https://x.example/\xff":                            "",
		"android-app://com.google.android.googlequicksearc": "com.google.android.googlequicksearc",
	} {
		if got := referrer(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestQ52_RepeatedClicks opens one link again and again: the first click earns,
// the others carry its token.
func TestQ52_RepeatedClicks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	spring := b.index.find(key{"", b.addLink("spring").Slug})
	summer := b.index.find(key{"", b.addLink("summer").Slug})
	comes := func(l *link, remote, agent string) visit {
		r := httptest.NewRequest("GET", "/r/x", nil)
		r.RemoteAddr = remote
		r.Header.Set("User-Agent", agent)
		return b.judge(r, l, b.clock.Now())
	}
	const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
	first := comes(spring, "192.0.2.1:1000", chrome)
	for name, c := range map[string]struct {
		got       visit
		duplicate bool
	}{
		"the first":       {first, false},
		"same network":    {comes(spring, "192.0.2.200:2000", chrome), true},
		"other network":   {comes(spring, "192.0.3.1:1000", chrome), false},
		"other browser":   {comes(spring, "192.0.2.1:1000", firefox), false},
		"other link":      {comes(summer, "192.0.2.1:1000", chrome), false},
		"IPv6":            {comes(spring, "[2001:db8:1:1::1]:1", chrome), false},
		"IPv6, same /48":  {comes(spring, "[2001:db8:1:2::9]:1", chrome), true},
		"IPv6, other /48": {comes(spring, "[2001:db8:2:1::1]:1", chrome), false},
		"a robot":         {comes(spring, "192.0.2.1:1000", "Googlebot/2.1"), false},
	} {
		if d := c.got.click.kind == duplicate; d != c.duplicate || d == c.got.click.id.payable() && c.got.click.kind != bot {
			t.Errorf("%s: %+v", name, c.got.click)
		}
	}
	again := comes(spring, "192.0.2.1:1000", chrome)
	if again.carried != first.click.id || again.click.id == first.click.id || again.click.reason != "DUPLICATE" {
		t.Errorf("%+v carries %s, want %s", again.click, again.carried, first.click.id)
	}
	b.recent = newRecentClicks() // as another server's are, or this one's after a restart
	elsewhere := comes(spring, "192.0.2.1:1000", chrome)
	if elsewhere.click.kind != human || len(elsewhere.click.visitor) != 8 || !bytes.Equal(elsewhere.click.visitor, first.click.visitor) {
		t.Errorf("elsewhere the visitor is another: %+v", elsewhere.click)
	}
	if other := comes(spring, "192.0.2.1:1000", firefox); bytes.Equal(other.click.visitor, first.click.visitor) {
		t.Error("another browser is the same visitor")
	}
	b.clock.Advance(repeatWithin)
	if late := comes(spring, "192.0.2.1:1000", chrome); late.click.kind != human || late.carried != late.click.id {
		t.Errorf("after ten minutes: %+v", late.click)
	}
}

// A click with labels of its own is no repeat of one with others, so that an order is told
// the labels of the click that brought it; as a visitor it is the same.
func TestQ53_EachClickCarriesItsOwnLabels(t *testing.T) {
	t.Parallel()
	b := setup(t)
	spring := b.index.find(key{"", b.addLink("spring").Slug})
	comes := func(query string) visit {
		r := httptest.NewRequest("GET", "/r/x"+query, nil)
		r.RemoteAddr = "192.0.2.1:1000"
		r.Header.Set("User-Agent", chrome)
		return b.judge(r, spring, b.clock.Now())
	}
	first, second, plain := comes("?s1=a"), comes("?s1=b"), comes("?utm_source=x")
	for name, v := range map[string]visit{"another label": second, "none": plain} {
		if v.click.kind != human || v.carried != v.click.id || !bytes.Equal(v.click.visitor, first.click.visitor) {
			t.Errorf("%s: %+v carries %s", name, v.click, v.carried)
		}
	}
	for query, want := range map[string]visit{"?s1=a&x=1": first, "?s1=b": second, "": plain} {
		if again := comes(query); again.click.kind != duplicate || again.carried != want.click.id {
			t.Errorf("%s again: %+v carries %s, want %s", query, again.click, again.carried, want.click.id)
		}
	}
}

func TestRecentClicksStayBounded(t *testing.T) {
	t.Parallel()
	r, now := newRecentClicks(), time.UnixMilli(1)
	for i := range uint64(3 * recentRoom) {
		var who visitor
		binary.BigEndian.PutUint64(who[:], i)
		r.first(who, newClickID(now, true), now)
	}
	if n := len(r.young) + len(r.old); n > 2*recentRoom {
		t.Fatalf("%d are remembered", n)
	}
}
