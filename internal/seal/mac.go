package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"maps"
	"sync"
	"sync/atomic"
)

// MAC64 is the first 64 bits of HMAC-SHA256 over msg under the current key, for
// places where every character counts, such as a click token. A forger needs
// about 2⁶³ tries against a live server. Keep [Keyring.KeyID] beside the MAC.
// Purposes are constants of the program; each keeps a little memory.
func (k *Keyring) MAC64(purpose string, msg []byte) [8]byte {
	return k.macs.sum(k.keys[k.current], purpose, msg)
}

// MAC64By is MAC64 under the key with that id; false if the ring lacks it.
func (k *Keyring) MAC64By(keyID byte, purpose string, msg []byte) ([8]byte, bool) {
	key, known := k.keys[keyID]
	if !known {
		return [8]byte{}, false
	}
	return k.macs.sum(key, purpose, msg), true
}

// macPools keeps keyed hashes ready per key and purpose: a click must not pay
// for a key derivation and four allocations. The map is copied on write, so
// that readers take no lock.
type macPools struct {
	pools  atomic.Pointer[map[macUse]*sync.Pool]
	adding sync.Mutex // without it two first uses would drop one another's pool
}

type macUse struct {
	key     byte
	purpose string
}

// keyedHash carries its own output: a stack buffer would escape through the
// hash interface and be allocated on every call.
type keyedHash struct {
	hash.Hash
	out [sha256.Size]byte
}

func (p *macPools) sum(key masterKey, purpose string, msg []byte) (short [8]byte) {
	pool := p.pool(key, purpose)
	h := pool.Get().(*keyedHash)
	h.Reset()
	_, _ = h.Write(msg) // a hash never fails
	copy(short[:], h.Sum(h.out[:0]))
	pool.Put(h)
	return short
}

func (p *macPools) pool(key masterKey, purpose string) *sync.Pool {
	use := macUse{key.id, purpose}
	if known := p.pools.Load(); known != nil {
		if pool := (*known)[use]; pool != nil {
			return pool
		}
	}
	return p.add(use, key)
}

func (p *macPools) add(use macUse, key masterKey) *sync.Pool {
	p.adding.Lock()
	defer p.adding.Unlock()
	next := map[macUse]*sync.Pool{}
	if known := p.pools.Load(); known != nil {
		if pool := (*known)[use]; pool != nil {
			return pool
		}
		maps.Copy(next, *known)
	}
	sub := key.derive("mac64", use.purpose)
	next[use] = &sync.Pool{New: func() any { return &keyedHash{Hash: hmac.New(sha256.New, sub)} }}
	p.pools.Store(&next)
	return next[use]
}
