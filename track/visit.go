package track

import (
	"encoding/binary"
	"net/http"
	"strings"
	"time"

	"github.com/tributary/tributary/track/agent"
)

// visit is one request on its way to an answer.
type visit struct {
	link    *link
	click   click
	carried clickID // named by the token: the visitor's first click, when this is a duplicate
}

// judge decides what a request is: who opens the link, whether it may earn, and
// what may be kept of it.
func (s *Service) judge(r *http.Request, l *link, now time.Time) visit {
	v := visit{link: l, click: click{link: l.row.Number, labels: l.labels, consent: consents(r)}}
	c := &v.click
	verdict := s.agents.Classify(request(r))
	c.kind, c.reason, c.agent = kindOf(verdict.Class), string(verdict.Reason), family(r.UserAgent(), verdict)
	if l.reason != "" {
		c.reason = l.reason
	}
	c.id = newClickID(now, c.reason == "")
	v.carried = c.id
	if c.consent {
		s.identify(r, &v, now)
	}
	return v
}

func request(r *http.Request) agent.Request {
	h := r.Header
	return agent.Request{
		Method: r.Method, UserAgent: r.UserAgent(),
		SecPurpose: first(h, "Sec-Purpose"), Purpose: first(h, "Purpose"), XPurpose: first(h, "X-Purpose"), XMoz: first(h, "X-Moz"),
	}
}

// first is Header.Get for a name that is canonical already.
func first(h http.Header, name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// consents reports whether identifiers may be kept and handed on: neither Global
// Privacy Control nor the visitor's own choice on the site says no (Q54).
func consents(r *http.Request) bool {
	if first(r.Header, "Sec-Gpc") == "1" {
		return false
	}
	if strings.Contains(r.URL.RawQuery, "trb_consent=0") && r.URL.Query().Get("trb_consent") == "0" {
		return false
	}
	if strings.Contains(first(r.Header, "Cookie"), "trb_consent=0") {
		c, err := r.Cookie("trb_consent")
		return err != nil || c.Value != "0"
	}
	return true
}

// identify keeps what needs consent: the labels in the address, where the
// visitor came from, and the network, which shows duplicates.
func (s *Service) identify(r *http.Request, v *visit, now time.Time) {
	c := &v.click
	if r.URL.RawQuery != "" {
		c.labels = addressLabels(c.labels, len(v.link.row.SubIDs), r.URL.RawQuery)
	}
	c.referrer = referrer(first(r.Header, "Referer"))
	network := s.network(r, v.link.row.MerchantID)
	c.network = network[:]
	if c.kind != human || c.reason != "" {
		return
	}
	who := s.visitor(network, c.link, r.UserAgent())
	c.visitor = who[:]
	opened := who
	if len(c.labels) > len(v.link.labels) { // labels of its own: an order is told them, and not those of the click before (Q53)
		opened = s.store.Keys().MAC64("click-labels", append(who[:], c.labels...))
	}
	earlier, repeated := s.recent.first(opened, c.id, s.store.Now())
	if repeated {
		c.kind, c.reason, c.id = duplicate, reasonDuplicate, newClickID(now, false)
		v.carried = earlier
	}
}

// network is a keyed hash of the visitor's network, not of the visitor: /24 of
// IPv4, /48 of IPv6. Each merchant has its own, so two cannot compare theirs.
func (s *Service) network(r *http.Request, merchantID string) [8]byte {
	addr := s.clientAddr(r)
	bits := 48
	if addr.Is4() {
		bits = 24
	}
	whole, _ := addr.Prefix(bits) // the zero Addr gives the zero Prefix
	raw := whole.Addr().As16()
	buf := make([]byte, 0, 64)
	return s.store.Keys().MAC64("click-network", append(append(buf, merchantID...), raw[:]...))
}

// visitor is a keyed hash of who opens a link, the same on every server of a house.
func (s *Service) visitor(network [8]byte, link uint64, userAgent string) visitor {
	buf := make([]byte, 0, 256)
	buf = append(buf, network[:]...)
	buf = binary.BigEndian.AppendUint64(buf, link)
	return s.store.Keys().MAC64("click-visitor", append(buf, userAgent...))
}

func kindOf(c agent.Class) kind {
	switch c {
	case agent.Bot:
		return bot
	case agent.Prefetch:
		return prefetch
	default:
		return human
	}
}
