package track

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tributary/tributary/track/agent"
	"github.com/tributary/tributary/track/order"
)

// droppedLabel names the labels of an address that were too long or too many
// (Q53): cutting them would report a label that nobody sent.
const droppedLabel = "trb_dropped"

// addressLabels adds s1–s5 and sub_… of an address's query; own is how many labels the
// link has. Of equal names the address wins, and in it the first. A semicolon is part
// of a value, as it is to browsers.
func addressLabels(labels []byte, own int, query string) []byte {
	out := append(make([]byte, 0, len(labels)+64), labels...)
	var dropped []string
	told := map[string]string{}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if _, twice := told[name]; twice || !isLabel(name) {
			continue
		}
		text, err := url.QueryUnescape(value)
		if err != nil {
			text = unreadable
		}
		told[name] = text
	}
	for _, name := range slices.Sorted(maps.Keys(told)) {
		value := told[name]
		if own >= order.MaxSubIDs || len(value) > order.MaxSubID || !clean(value) {
			dropped = append(dropped, name)
			continue
		}
		out, own = appendLabel(out, name, value), own+1
	}
	if len(dropped) > 0 {
		out = appendLabel(out, droppedLabel, strings.Join(dropped[:min(len(dropped), order.MaxSubIDs)], ","))
	}
	return out
}

// unreadable stands for a value that is no query's: it is dropped as what is no text is.
const unreadable = "\xff"

// isLabel accepts s1 to s5 and sub_ with up to 28 letters, digits, _ or -.
func isLabel(name string) bool {
	if len(name) == 2 && name[0] == 's' && name[1] >= '1' && name[1] <= '5' {
		return true
	}
	rest, is := strings.CutPrefix(name, "sub_")
	return is && rest != "" && len(rest) <= 28 && !strings.ContainsFunc(rest, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	})
}

func clean(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// referrer keeps host and path of where the visitor came from: the query often
// holds what people searched for.
func referrer(s string) string {
	_, rest, ok := strings.Cut(s, "://")
	if !ok {
		return ""
	}
	if at := strings.IndexAny(rest, "?#"); at >= 0 {
		rest = rest[:at]
	}
	host, _, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		rest = rest[at+1:]
	}
	if len(rest) > 500 || !clean(rest) {
		return ""
	}
	return rest
}

// families are looked for in this order: most browsers also claim to be others.
var families = [...][2]string{
	{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Instagram", "Instagram"}, {"FBAN", "Facebook"}, {"FBAV", "Facebook"},
	{"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
}

// family is the browser's name, or for a robot the rule that knew it.
func family(userAgent string, v agent.Verdict) string {
	if v.Rule != "" {
		return v.Rule[:min(len(v.Rule), 60)]
	}
	if v.Class == agent.Bot {
		return ""
	}
	for _, f := range families {
		if strings.Contains(userAgent, f[0]) {
			return f[1]
		}
	}
	return "Other"
}
