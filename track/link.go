package track

import (
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/script"
)

// Reasons why a click on a link cannot earn, beside those of track/agent. An
// affiliate who is not active gives AFFILIATE_ and the status.
const (
	reasonLinkArchived    = "LINK_ARCHIVED"
	reasonProgramPaused   = "PROGRAM_PAUSED"
	reasonProgramArchived = "PROGRAM_ARCHIVED"
	reasonNotEnrolled     = "NOT_ENROLLED"
	reasonHostRemoved     = "HOST_REMOVED"
	reasonDuplicate       = "DUPLICATE"
	prefixAffiliate       = "AFFILIATE_"
)

const active = "ACTIVE"

// link is a link ready to be opened: all that can be computed before a visitor
// comes. It never changes once made.
type link struct {
	row      store.LinkRow
	host     string // of the destination
	hostGone bool   // the program no longer lists it
	reason   string // why clicks cannot earn and lead to the fallback; "" when they can
	before   string // destination up to the token's place
	after    string // fragment
	plain    string // destination without a token
	labels   []byte // the link's own labels as a click's record holds them
	cookie   string // name of the cookie; "" on the platform's host
	maxAge   string // rest of the cookie after its value
}

func prepare(row store.LinkRow, targets map[string]bool, keys *seal.Keyring) *link {
	l := &link{row: row, labels: appendLabels(nil, row.SubIDs)}
	l.split()
	l.hostGone = !targets[l.host]
	l.reason = l.blocked()
	if row.HostKey != "" {
		window := row.Window
		if window == 0 {
			window = attribution.DefaultPolicy().Window
		}
		l.cookie = "trb_" + hex.EncodeToString(keys.Hash(row.MerchantID, "click.cookie", ""))[:8] + "="
		l.maxAge = "; Path=/; Max-Age=" + strconv.Itoa(int(window/time.Second)) + "; Secure; HttpOnly; SameSite=Lax"
	}
	return l
}

// split finds the token's place: behind the query, before the fragment. The
// link's labels go along, except where the destination uses the name itself.
func (l *link) split() {
	base, fragment, has := strings.Cut(l.row.Destination, "#")
	if has {
		l.after = "#" + fragment
	}
	own := url.Values{}
	if u, err := url.Parse(base); err == nil {
		l.host, own = strings.ToLower(u.Hostname()), u.Query()
	}
	sep := separator(base)
	for _, name := range slices.Sorted(maps.Keys(l.row.SubIDs)) {
		if !own.Has(name) {
			base += sep + name + "=" + url.QueryEscape(l.row.SubIDs[name])
			sep = "&"
		}
	}
	l.plain, l.before = base+l.after, base+sep+script.Name+"="
}

func separator(base string) string {
	switch {
	case !strings.Contains(base, "?"):
		return "?"
	case strings.HasSuffix(base, "?") || strings.HasSuffix(base, "&"):
		return ""
	}
	return "&"
}

// blocked says why no click on the link can earn now.
func (l *link) blocked() string {
	row := l.row
	switch {
	case row.ProgramStatus == "PAUSED":
		return reasonProgramPaused
	case row.ProgramStatus != active:
		return reasonProgramArchived
	case row.Status != active:
		return reasonLinkArchived
	case row.AffiliateStatus != active:
		return prefixAffiliate + row.AffiliateStatus
	case row.EnrollmentStatus != active:
		return reasonNotEnrolled
	case l.hostGone:
		return reasonHostRemoved
	}
	return ""
}
