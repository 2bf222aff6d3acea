package auth

import (
	"maps"
	"sync"
	"time"
)

// recentLimit bounds the answers kept; a flood of unknown tokens costs a
// look-up each, never memory.
const recentLimit = 16384

// recent remembers answers of the database for [memory], refusals included.
type recent[V any] struct {
	now  func() time.Time
	mu   sync.Mutex
	kept map[string]answer[V]
}

type answer[V any] struct {
	value V
	err   error
	asked time.Time
}

func newRecent[V any](now func() time.Time) *recent[V] {
	return &recent[V]{now: now, kept: map[string]answer[V]{}}
}

// get gives the remembered answer, or asks. A failure is remembered only when
// final says that it is an answer, such as "there is no such token".
func (r *recent[V]) get(key string, final func(error) bool, ask func() (V, error)) (V, error) {
	asked := r.now()
	if a, ok := r.fresh(key, asked); ok {
		return a.value, a.err
	}
	value, err := ask()
	if err == nil || final(err) {
		r.keep(key, answer[V]{value, err, asked})
	}
	return value, err
}

func (r *recent[V]) fresh(key string, now time.Time) (answer[V], bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, ok := r.kept[key]
	return a, ok && a.fresh(now)
}

// fresh also refuses an answer from the future: a clock that was set back would
// otherwise keep it for as long as it was set back by.
func (a answer[V]) fresh(now time.Time) bool {
	age := now.Sub(a.asked)
	return age >= 0 && age < memory
}

func (r *recent[V]) keep(key string, a answer[V]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) >= recentLimit {
		clear(r.kept)
	}
	r.kept[key] = a
}

// forgetWhere is forget for all answers of a kind.
func (r *recent[V]) forgetWhere(is func(V) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.kept, func(_ string, a answer[V]) bool { return is(a.value) })
}

// forget makes this server ask again at once.
func (r *recent[V]) forget(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.kept, key)
}
