package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/tributary/tributary/internal/seal"
)

// lookEvery is how often files that may be replaced are looked at.
const lookEvery = time.Second

// stamp tells one state of a file from another.
type stamp struct {
	size    int64
	changed time.Time
}

func stampOf(paths ...string) (all [2]stamp) {
	for i, path := range paths {
		if info, err := os.Stat(path); err == nil {
			all[i] = stamp{info.Size(), info.ModTime()}
		}
	}
	return all
}

// everySecond looks again and again until ctx ends.
func everySecond(ctx context.Context, look func()) error {
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
			look()
		}
	}
}

// watchKeys takes over keys that a rotation adds, and uses each from its instant
// on. All servers know a key before any uses it, so none meets a token or a
// value that it cannot read. A file that cannot be read, or that lacks a key, is
// reported and left aside.
func (p *Program) watchKeys(ctx context.Context) error {
	seen, ring := [2]stamp{{size: -1}}, p.store.Keys() // unlike any file, and unlike none
	return everySecond(ctx, func() {
		if now := stampOf(p.cfg.KeyFile); p.cfg.MasterKeys == "" && now != seen {
			fresh, err := seal.Load(p.cfg.KeyFile)
			if err != nil || !fresh.Covers(p.store.Keys()) {
				p.cfg.Log.Error("the key file is not used: it cannot be read or lacks a key", "error", err)
				return
			}
			seen, ring = now, fresh
		}
		p.useKeys(ring.At(p.cfg.Clock()))
	})
}

func (p *Program) useKeys(ring *seal.Keyring) {
	before := p.store.Keys()
	if ring == before || ring.KeyID() == before.KeyID() && len(ring.List()) == len(before.List()) {
		return
	}
	if err := p.store.UseKeys(ring); err != nil {
		p.cfg.Log.Error("new master keys are not used", "error", err)
		return
	}
	p.cfg.Log.Info("master keys", "known", len(ring.List()), "inUse", ring.KeyID())
}

// certificate is the server's own, read again when its files change.
type certificate struct {
	cert, key string
	seen      [2]stamp // of the loop alone
	loaded    atomic.Pointer[tls.Certificate]
}

// openCertificate reads both files; it fails when they do not belong together.
func openCertificate(cert, key string) (*certificate, error) {
	c := &certificate{cert: cert, key: key}
	return c, c.load()
}

func (c *certificate) load() error {
	seen := stampOf(c.cert, c.key)
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("--tls-cert, --tls-key: %w", err)
	}
	c.seen = seen
	c.loaded.Store(&pair)
	return nil
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.loaded.Load(), nil },
	}
}

// watchCertificate takes over a renewed certificate: connections that are open
// keep theirs, new ones get it. One that cannot be used is reported, and the one
// before goes on.
func (p *Program) watchCertificate(ctx context.Context) error {
	c := p.certificate
	return everySecond(ctx, func() {
		if c == nil || stampOf(c.cert, c.key) == c.seen {
			return
		}
		if err := c.load(); err != nil {
			p.cfg.Log.Error("the certificate is not replaced", "error", err)
			c.seen = stampOf(c.cert, c.key) // said once
			return
		}
		p.cfg.Log.Info("a new certificate is in use")
	})
}
