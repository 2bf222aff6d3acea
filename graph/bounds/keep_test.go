package bounds_test

import (
	"fmt"
	"testing"

	"github.com/tributary/tributary/graph/bounds"
)

func TestShelfIsBoundedByBytes(t *testing.T) {
	t.Parallel()
	s := &bounds.Shelf[int]{Bytes: 100, Bay: 60, Thing: 40}
	s.Put("a", "large", 1, 41)
	if _, found := s.Get("a", "large"); found {
		t.Error("what is too large is kept")
	}
	for i := range 4 { // 4 × 20: the first gives way to the bay's 60
		s.Put("a", fmt.Sprint(i), i, 20)
	}
	s.Put("b", "0", 9, 30)
	for key, want := range map[string]bool{"0": false, "1": true, "2": true, "3": true} {
		if _, found := s.Get("a", key); found != want {
			t.Errorf("a %s: %v", key, found)
		}
	}
	_, _ = s.Get("a", "2")
	_, _ = s.Get("a", "3")
	_, _ = s.Get("a", "1") // last used, so that 2 goes first
	s.Put("b", "1", 9, 30) // 120 on a shelf for 100: a and b are 60 each until one gives way
	if s.Held() > 100 {
		t.Errorf("%d bytes are held", s.Held())
	}
	for i := range 1000 { // one bay is filled again and again
		s.Put("b", fmt.Sprint("more", i), i, 10)
	}
	if _, found := s.Get("a", "1"); !found || s.Held() > 100 {
		t.Errorf("another bay pushed it out; %d held", s.Held())
	}
}
