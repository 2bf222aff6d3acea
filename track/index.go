package track

import (
	"slices"
	"strings"
	"sync"

	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
)

// key is a link's address: host "" is the platform's own.
type key struct{ host, slug string }

// index holds every link in memory, so that opening one asks nobody.
//
// It is filled from the snapshot, then from the database, and kept fresh by the
// journal and by this server's own commits. Readings may arrive out of order; of
// two readings of one link the later one, by its revision, stays.
type index struct {
	keys *seal.Keyring

	mu       sync.RWMutex
	links    map[key]*link
	numbers  map[uint64]*link
	tracking map[string]string          // host name that serves links → merchant
	targets  map[string]map[string]bool // program → host names links may lead to; replaced, never written
	listed   int                        // how often targets has been replaced
	changed  bool                       // since the last snapshot
}

func newIndex(keys *seal.Keyring) *index {
	return &index{
		keys: keys, links: map[key]*link{}, numbers: map[uint64]*link{},
		tracking: map[string]string{}, targets: map[string]map[string]bool{},
	}
}

func (ix *index) find(k key) *link {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.links[k]
}

func (ix *index) byNumber(n uint64) *link {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.numbers[n]
}

func (ix *index) size() int {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return len(ix.links)
}

func (ix *index) serves(host string) bool {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	_, known := ix.tracking[host]
	return known
}

// readings are links made ready under one list of hosts.
type readings struct {
	links  []*link
	listed int // which list
}

// ready prepares readings before anybody waits for them: visitors stand behind the lock.
func (ix *index) ready(rows []store.LinkRow) readings {
	ix.mu.RLock()
	targets, listed := ix.targets, ix.listed
	ix.mu.RUnlock()
	b := readings{links: make([]*link, len(rows)), listed: listed}
	for i, row := range rows {
		b.links[i] = prepare(row, targets[row.ProgramID], ix.keys)
	}
	return b
}

// astray reports whether one of them leads off its program's hosts.
func (b readings) astray() bool {
	return slices.ContainsFunc(b.links, func(l *link) bool { return l.hostGone })
}

// put takes readings in. One that is older than what is held is dropped: it was
// read before, and arrived after.
func (ix *index) put(b readings) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	for _, l := range b.links {
		k := key{l.row.HostKey, l.row.Slug}
		if held := ix.links[k]; held != nil && held.row.Revision > l.row.Revision {
			continue
		}
		if ix.listed != b.listed { // hosts have come or gone meanwhile
			l = prepare(l.row, ix.targets[l.row.ProgramID], ix.keys)
		}
		ix.links[k], ix.numbers[l.row.Number] = l, l
		ix.changed = true
	}
}

// setHosts takes the list of all hosts and prepares again what it affects.
func (ix *index) setHosts(hosts []store.HostRow) {
	tracking, targets := map[string]string{}, map[string]map[string]bool{}
	for _, h := range hosts {
		if h.Tracking {
			tracking[h.Name] = h.MerchantID
			continue
		}
		if targets[h.ProgramID] == nil {
			targets[h.ProgramID] = map[string]bool{}
		}
		targets[h.ProgramID][h.Name] = true
	}
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.tracking, ix.targets, ix.changed = tracking, targets, true
	ix.listed++
	for k, l := range ix.links {
		if l.hostGone == targets[l.row.ProgramID][l.host] {
			fresh := prepare(l.row, targets[l.row.ProgramID], ix.keys)
			ix.links[k], ix.numbers[l.row.Number] = fresh, fresh
		}
	}
}

// rows gives everything held, and whether it changed since the last call.
func (ix *index) rows() (links []store.LinkRow, hosts []store.HostRow, changed bool) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if !ix.changed {
		return nil, nil, false
	}
	ix.changed = false
	for _, l := range ix.links {
		links = append(links, l.row)
	}
	for name, merchant := range ix.tracking {
		hosts = append(hosts, store.HostRow{MerchantID: merchant, Name: name, Tracking: true})
	}
	for program, names := range ix.targets {
		for name := range names {
			hosts = append(hosts, store.HostRow{ProgramID: program, Name: name})
		}
	}
	return links, hosts, true
}

// hostOf is the name in a Host header: lower case, without port.
func hostOf(header string) string {
	if at := strings.LastIndexByte(header, ':'); at >= 0 && strings.IndexByte(header[at:], ']') < 0 {
		header = header[:at]
	}
	return strings.ToLower(strings.TrimSuffix(header, "."))
}
