package bounds

import (
	"container/list"
	"sync"
)

// Shelf keeps what was used last within a number of bytes. It is divided into
// bays: whoever fills a bay pushes out its own things first, and when the whole
// shelf is full the fullest bay gives way.
type Shelf[V any] struct {
	Bytes int // of the whole shelf
	Bay   int // of one bay
	Thing int // of one thing; what is larger is not kept

	mu   sync.Mutex
	held int
	bays map[string]*bay
}

type bay struct {
	held   int
	things map[string]*list.Element
	recent list.List // of *thing[V], the last used first
}

type thing[V any] struct {
	key   string
	value V
	bytes int
}

// Get finds a thing in a bay.
func (s *Shelf[V]) Get(in, key string) (v V, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bays[in]
	if b == nil || b.things[key] == nil {
		return v, false
	}
	b.recent.MoveToFront(b.things[key])
	return b.things[key].Value.(*thing[V]).value, true
}

// Put keeps a thing that takes so many bytes; a thing of that key that is there
// already stays.
func (s *Shelf[V]) Put(in, key string, v V, bytes int) {
	if bytes > min(s.Thing, s.Bay, s.Bytes) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.open(in)
	if b.things[key] != nil {
		return
	}
	b.things[key] = b.recent.PushFront(&thing[V]{key, v, bytes})
	b.held, s.held = b.held+bytes, s.held+bytes
	for b.held > s.Bay {
		s.drop(in, b)
	}
	for s.held > s.Bytes {
		s.drop(s.fullest())
	}
}

// Held is how many bytes are kept.
func (s *Shelf[V]) Held() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

func (s *Shelf[V]) open(in string) *bay {
	if s.bays == nil {
		s.bays = map[string]*bay{}
	}
	if s.bays[in] == nil {
		s.bays[in] = &bay{things: map[string]*list.Element{}}
	}
	return s.bays[in]
}

func (s *Shelf[V]) fullest() (name string, most *bay) {
	for in, b := range s.bays {
		if most == nil || b.held > most.held {
			name, most = in, b
		}
	}
	return name, most
}

// drop takes the thing of a bay that was used longest ago, and an empty bay with it.
func (s *Shelf[V]) drop(in string, b *bay) {
	old := b.recent.Remove(b.recent.Back()).(*thing[V])
	delete(b.things, old.key)
	b.held, s.held = b.held-old.bytes, s.held-old.bytes
	if len(b.things) == 0 {
		delete(s.bays, in)
	}
}
