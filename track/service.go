package track

import (
	"net/http"
	"net/netip"
	"sync/atomic"

	"github.com/tributary/tributary/internal/bus"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/agent"
)

// Config says what the room works with. Only Store is required: without a bus
// every click is unrecorded, without a folder no snapshot is kept.
type Config struct {
	Store   *store.Store
	Bus     *bus.Bus
	DataDir string // keeps links.snapshot and parked/

	// ClientAddr gives the visitor's address behind trusted proxies; nil takes
	// the connection's own.
	ClientAddr func(*http.Request) netip.Addr
}

// Service is the room.
type Service struct {
	store      *store.Store
	bus        *bus.Bus
	dataDir    string
	clientAddr func(*http.Request) netip.Addr
	agents     *agent.Classifier
	index      *index
	misses     *misses
	listing    chan struct{} // held by who reads the list of hosts
	recent     *recentClicks
	counts     counters
	early      chan early // orders to look at again
}

// New makes the room and loads the snapshot of links, so that links work before
// the database does. A snapshot that cannot be read is reported and left aside.
// It fails only when the embedded lists of agents are broken.
func New(cfg Config) (*Service, error) {
	agents, err := agent.New()
	if err != nil {
		return nil, err
	}
	s := &Service{
		store: cfg.Store, bus: cfg.Bus, dataDir: cfg.DataDir, clientAddr: cfg.ClientAddr,
		agents: agents, index: newIndex(cfg.Store.Keys()), misses: newMisses(), listing: make(chan struct{}, 1), recent: newRecentClicks(),
		early: make(chan early, earlyAtOnce),
	}
	if s.clientAddr == nil {
		s.clientAddr = connectionAddr
	}
	if err := s.loadSnapshot(); err != nil {
		s.store.Log().Warn("links.snapshot is not used", "error", err)
	}
	return s, nil
}

// connectionAddr is the address at the other end; the zero Addr when unknown.
func connectionAddr(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

type counters struct {
	redirects, unrecorded, fallbacks, unknown, away, looked, stored, parked atomic.Uint64
}

// Stats counts what this process has done since it started, for metrics.
type Stats struct {
	Redirects  uint64 // visitors sent on, wherever to
	Unrecorded uint64 // of these, those whose click the stream refused
	Fallbacks  uint64 // of these, those sent to a program's fallback
	Unknown    uint64 // addresses that name no link
	Away       uint64 // addresses not in memory while the database did not answer
	Lookups    uint64 // database look-ups for addresses not in memory
	Links      int    // links in memory
	Stored     uint64 // click rows written
	Parked     uint64 // click records set aside because they can never be stored
}

// Stats gives the counts so far.
func (s *Service) Stats() Stats {
	c := &s.counts
	return Stats{
		Redirects: c.redirects.Load(), Unrecorded: c.unrecorded.Load(), Fallbacks: c.fallbacks.Load(),
		Unknown: c.unknown.Load(), Away: c.away.Load(), Lookups: c.looked.Load(),
		Links: s.index.size(), Stored: c.stored.Load(), Parked: c.parked.Load(),
	}
}
